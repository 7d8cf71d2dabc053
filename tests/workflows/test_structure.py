"""What every workflow file of the project has to look like, and what linters say about them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from typer.models import OptionInfo

from pipeline.adapters.tools import locate
from pipeline.cli.main import load as load_command
from pipeline.usecases.estates import project
from sandbox.actions.standins import PINS
from sandbox.actions.workflow import WorkflowSpec, load

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HERE = "knowledgeweaver/delivery/.github/workflows/"
SPECS = {path.name: load(f".github/workflows/{path.name}", path.read_bytes()) for path in FILES}
#: Reusable files some role trusts; they alone may hold credentials.
TRUSTED = {
    "unit-plan.yml": "knowledgeweaver-plan",
    "unit-report.yml": "knowledgeweaver-report",
    "unit-pending.yml": "knowledgeweaver-read",
    "unit-drift.yml": "knowledgeweaver-read",
    "unit-destroy-plan.yml": "knowledgeweaver-read",
    "unit-deploy.yml": "knowledgeweaver-apply-${{ inputs.workspace }}",
    "unit-destroy.yml": "knowledgeweaver-apply-${{ inputs.workspace }}",
    "image.yml": "knowledgeweaver-image",
}

JOBS = [(name, job) for name, spec in SPECS.items() for job in spec.jobs.values()]
STEPS = [(name, job, step) for name, job in JOBS for step in job.get("steps") or []]
by_file = pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))


def test_actionlint_has_no_findings_but_for_the_queue_it_does_not_know() -> None:
    ignore = 'unexpected key "queue" for "concurrency" section'
    done = subprocess.run(
        [str(locate("actionlint")), "-ignore", ignore, *map(str, FILES)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


def test_zizmor_has_no_findings() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    done = subprocess.run(
        [str(zizmor), "--offline", "--no-progress", ".github"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


@by_file
def test_nothing_is_granted_at_the_top(spec: WorkflowSpec) -> None:
    assert spec.raw["permissions"] == {}


def test_every_job_says_what_its_token_may_do_and_when_to_give_up() -> None:
    for name, job in JOBS:
        assert job.get("permissions") is not None, (name, job.id)
        assert job.uses or 0 < job.get("timeout-minutes") <= 120, (name, job.id)


def test_every_run_step_is_one_pipeline_command_that_reads_its_inputs_from_the_environment() -> (
    None
):
    commands = [(name, step["run"].strip()) for name, _, step in STEPS if "run" in step]
    assert commands
    for name, command in commands:
        # exec: a cancelled job signals the step's first process alone
        assert re.fullmatch(r"exec pipeline [a-z]+( [^\n;&|`]*)?", command), (name, command)
        assert "${{" not in command, (name, command)
        # a value is one word, and none of them can become an option
        words = command.split()
        for word in words[words.index("--") + 1 :] if "--" in words else []:
            assert re.fullmatch(r'"\$[A-Z]+"', word), (name, command)
        for word in words[: words.index("--")] if "--" in words else words:
            assert "$" not in word or re.fullmatch(r'--[a-z]+="\$[A-Z]+"', word), (name, command)


def options_of(command: str) -> set[str]:
    """The options that a command's function declares, and those of every command."""
    found = {"--root"}
    for name, hint in get_type_hints(load_command(command), include_extras=True).items():
        for option in getattr(hint, "__metadata__", ()):
            if isinstance(option, OptionInfo):
                found |= {f"--{name.replace('_', '-')}", *(option.param_decls or ())}
    return found


def test_every_option_of_a_step_is_one_of_its_command() -> None:
    asked = 0
    for name, _, step in STEPS:
        words = step.get("run", "").partition(" -- ")[0].split()
        for word in [word.partition("=")[0] for word in words if word.startswith("--")]:
            assert word in options_of(words[2]), (name, words[2], word)
            asked += 1
    assert asked > 20


def test_actions_are_pinned_to_the_commits_the_sandbox_stands_in_for() -> None:
    pattern = re.compile(r"uses: (\S+)@(\S+)(?: # (\S+))?")
    action = ROOT / ".github/actions/setup/action.yml"
    for path in (*FILES, action):
        for name, ref, release in pattern.findall(path.read_text()):
            if name.startswith(HERE):
                assert ref == "main", (path, name)
            else:
                assert (ref, release) == PINS[name], (path.name, name)


def test_no_checkout_leaves_a_token_behind() -> None:
    checkouts = [
        step for _, _, step in STEPS if step.get("uses", "").startswith("actions/checkout")
    ]
    assert checkouts
    for step in checkouts:
        assert step["with"]["persist-credentials"] is False


def test_every_output_that_is_read_is_written_by_the_steps_command() -> None:
    read = 0
    for name, spec in SPECS.items():
        for job in spec.jobs.values():
            runs = {s["id"]: s.get("run", "") for s in job.get("steps") or [] if "id" in s}
            used = re.findall(r"steps\.([\w-]+)\.outputs\.(\w+)", str(dict(job.raw)))
            for step, output in used:
                command = re.match(r"exec pipeline (\w+)", runs[step])
                assert command, (name, step)
                text = (ROOT / f"pipeline/cli/{command[1]}.py").read_text()
                numbered = f'f"{output[:-1]}{{n}}"'  # wave_1 to wave_6 are written in a loop
                assert re.search(rf"\b{output}=", text) or numbered in text, (name, output)
                read += 1
    assert read > 10


def test_credentials_are_only_in_the_files_the_roles_trust() -> None:
    for name, job, step in STEPS:
        if step.get("uses", "").startswith("aws-actions/"):
            role = step["with"]["role-to-assume"].rpartition("role/")[2]
            assert TRUSTED[name] == role, (name, job.id)
    for name, job in JOBS:
        if not job.uses:
            needs_token = job.get("permissions").get("id-token") == "write"
            assert needs_token == (name in TRUSTED), (name, job.id)
    for name in TRUSTED:
        assert set(SPECS[name].on) == {"workflow_call"}


def test_whoever_may_meet_a_lock_may_ask_whether_its_holder_is_over() -> None:
    met = []
    for name, job, step in STEPS:
        command = step.get("run", "")
        if re.match(r"exec pipeline (apply|destroy)\b", command) and "--plan-only" not in command:
            granted, environ = job.get("permissions"), dict(job.get("env") or {})
            environ |= step.get("env") or {}
            assert granted.get("actions") == "read", (name, job.id)
            assert environ["GITHUB_TOKEN"] == "${{ github.token }}", (name, job.id)
            met.append(name)
    assert met == ["unit-deploy.yml", "unit-destroy.yml", "unit-destroy.yml"]


def test_the_referee_of_a_pull_request_is_main_and_its_files_are_data() -> None:
    for name in ("pull-request.yml", "unit-plan.yml", "unit-report.yml"):
        for job in SPECS[name].jobs.values():
            if job.uses:
                continue
            checkouts = [s["with"] for s in job.get("steps") if "checkout@" in s.get("uses", "")]
            assert [(c.get("ref"), c.get("path")) for c in checkouts] == [
                ("main", None),
                ("${{ github.sha }}", "change"),
            ]
            for step in job.get("steps"):
                assert "run" not in step or " --root change " in step["run"]


def test_a_job_with_credentials_in_a_pull_request_asks_no_cache() -> None:
    # caches of the merge ref, which any job of the pull request may write, come before main's
    called = {job.uses for name, job in JOBS if name == "pull-request.yml" and job.uses}
    trusted = {file for file in TRUSTED if any(f"/{file}@" in uses for uses in called)}
    assert trusted == {"unit-plan.yml", "unit-report.yml"}
    asked = [
        (step.get("with") or {}).get("cache", "true")
        for name, _, step in STEPS
        if name in trusted and "/actions/setup" in step.get("uses", "")
    ]
    assert asked == ["false", "false"]


def test_credentials_that_change_a_unit_last_as_long_as_the_job_may_take() -> None:
    variables = (ROOT / "terraform/modules/github_oidc/variables.tf").read_text()
    [most] = re.findall(r'"session_seconds" {[^}]*?default\s*=\s*(\d+)', variables)
    asked = {
        (name, job.id): (step["with"].get("role-duration-seconds"), 60 * job.get("timeout-minutes"))
        for name, job, step in STEPS
        if "/knowledgeweaver-apply-" in step.get("with", {}).get("role-to-assume", "")
    }
    assert len(asked) == 2
    assert {seconds for each in asked.values() for seconds in each} == {int(most)}


def test_the_image_is_built_on_and_for_the_processor_of_the_tasks() -> None:
    variables = (ROOT / "terraform/envs/knowledgeweaver/variables.tf").read_text()
    [processor] = re.findall(r'architecture\s*=\s*optional\(string, "(\w+)"\)', variables)
    [runner] = [job.get("runs-on") for name, job in JOBS if name == "image.yml"]
    built = {"linux/arm64": "ARM64", "linux/amd64": "X86_64"}[project(ROOT, ROOT).platform]
    assert processor == built == ("ARM64" if runner.endswith("-arm") else "X86_64")


def test_no_trusted_job_is_in_a_concurrency_group() -> None:
    # groups are the repository's: a workflow of any branch can name one and cancel who is in it
    for name in TRUSTED:
        assert "concurrency" not in SPECS[name].raw, name
        for job in SPECS[name].jobs.values():
            assert job.get("concurrency") is None, name
    for name in ("unit-deploy.yml", "unit-destroy.yml"):
        for job in SPECS[name].jobs.values():
            assert job.get("environment") == "${{ inputs.environment }}"
    for name in ("deploy.yml", "destroy.yml", "drift.yml"):
        assert "concurrency" not in SPECS[name].raw, name
    for job in SPECS["deploy.yml"].jobs.values():
        strategy: dict[str, Any] = job.get("strategy") or {"fail-fast": False}
        assert strategy["fail-fast"] is False, job.id


def test_a_terraform_that_outlives_its_step_is_waited_for() -> None:
    for name in ("unit-deploy.yml", "unit-destroy.yml"):
        [job] = SPECS[name].jobs.values()
        [at] = [n for n, s in enumerate(job.get("steps")) if s.get("run") == "exec pipeline settle"]
        assert job.get("steps")[at]["if"] == "always()"
        after = [step.get("run") for step in job.get("steps")[at + 1 :]]
        assert after == [None], "what comes before could end the job first"


def test_the_required_check_waits_for_the_plans_and_for_no_code_of_the_pull_request() -> None:
    jobs = SPECS["pull-request.yml"].jobs
    delivery = jobs["delivery"]
    assert delivery.get("if") == "always()"
    assert delivery.get("name") is None
    assert delivery.uses == f"{HERE}unit-report.yml@main"
    assert delivery.get("with") is None, "whatever the caller says would be the pull request's word"
    assert set(delivery.needs) == set(jobs) - {"delivery", "tests"}
    assert list(SPECS["unit-report.yml"].jobs) == ["report"]
    assert SPECS["unit-report.yml"].jobs["report"].get("if") == "always()"


def test_the_build_of_an_image_is_over_before_there_are_credentials() -> None:
    [job] = SPECS["image.yml"].jobs.values()
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in job.get("steps")]
    build, push = (f'exec pipeline image --{kind} --commit="$COMMIT"' for kind in ("build", "push"))
    assert steps[-3:] == [build, "aws-actions/configure-aws-credentials", push]


def test_the_setup_action_installs_the_locked_uv_by_its_hashes() -> None:
    folder = ROOT / ".github/actions/setup"
    version = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version
    text = (folder / "uv.txt").read_text()
    assert text.startswith(f"uv=={version[1]} ")
    assert text.count("--hash=sha256:") >= 3
    action = yaml.safe_load((folder / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"


#: Stacks and modules are judged by their plans; a few words by nobody.
UNTESTED = ("terraform/envs/", "terraform/modules/", ".gitignore", "LICENSE")


def test_a_change_of_any_file_that_works_here_runs_a_suite() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    suites = tuple(path for suite in project(ROOT, ROOT).tests for path in suite.paths)
    assert [
        path
        for path in listed.splitlines()
        if not path.startswith(UNTESTED) and not path.startswith(suites)
    ] == []


def test_all_tests_run_every_night() -> None:
    [job] = SPECS["checks.yml"].jobs.values()
    assert [step["run"] for step in job.get("steps") if "run" in step] == [
        "exec pipeline test --nightly"
    ]
    [whole] = [suite for suite in project(ROOT, ROOT).tests if suite.nightly]
    assert whole.command == ["make", "test"]
