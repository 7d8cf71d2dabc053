"""`pipeline affected`, `pipeline test` and what is pending, on a scratch repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.child import child_environment
from pipeline.adapters.tools import cache_dir
from pipeline.cli.main import run
from pipeline.domain.model import UnitId
from pipeline.usecases.estates import commit_estate, working_estate
from pipeline.usecases.pending import find_pending, standings
from tests.ledgers import MemoryLedger, entry
from tests.scratch import ESTATE, PROJECT, Scratch

WEB = "terraform/envs/web"


@pytest.fixture
def repo(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


def call(repo: Scratch, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--json"], {}, repo.root)
    return code, json.loads(capfd.readouterr().out)


def test_a_changed_tfvars_affects_its_unit(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({f"{WEB}/prod.tfvars": "size = 5\n"})
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, told["count"], told["app"]) == (0, 1, False)
    assert told["units"][0]["unit"] == "web/prod"
    assert told["units"][0]["files"] == [f"{WEB}/prod.tfvars"]
    assert told["shards"] == [{"name": "1", "units": ["web/prod"]}]


def test_outputs_at_github_are_json_lists(repo: Scratch) -> None:
    repo.commit({"app/main.py": ""})
    out = repo.root / ".git/out"
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(out)}
    assert run(["affected", "--base", repo.first], environ, repo.root) == 0
    told = out.read_text()
    assert '["web/dev", "web/prod"]' in told
    assert "\ntrue\n" in told


def test_a_change_of_words_affects_nothing(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"docs/readme.md": "other"})
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, told["count"], told["shards"]) == (0, 0, [])


def test_broken_hcl_is_told_by_terraform_with_file_and_line(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({f"{WEB}/main.tf": "locals {\n  a = 1 +\n}\n", f"{WEB}/b.tf": "x {\n a = [}\n"})
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, told["reason"]) == (2, "bad-hcl")
    assert [p["where"] for p in told["problems"]] == [f"{WEB}/b.tf:2", f"{WEB}/main.tf:2"]


def test_a_missing_tfvars_key_is_told(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.commit({f"{WEB}/dev.tfvars": ""})
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, told["reason"]) == (2, "bad-tfvars")


def test_repairing_a_broken_base_affects_everything(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = repo.commit({f"{WEB}/dev.tfvars": "size = [\n"})
    repo.commit({f"{WEB}/dev.tfvars": "size = 1\n"})
    code, told = call(repo, capfd, "affected", "--base", broken)
    assert (code, told["count"]) == (0, 3)


def test_an_unknown_commit_is_wrong_use(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    code, told = call(repo, capfd, "affected", "--base", "f" * 40)
    assert (code, told["reason"]) == (2, "usage")
    assert "fetch-depth" in told["problems"][0]["remedy"]


def test_a_pull_request_is_judged_by_the_settings_of_the_checkout_that_judges(
    repo: Scratch, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"pyproject.toml": f'{PROJECT}app = "docs"\n', "docs/readme.md": "new"})
    referee = tmp_path_factory.mktemp("referee")
    (referee / "pyproject.toml").write_text(f'{PROJECT}app = "app"\n')
    run(["affected", "--base", repo.first, "--root", str(repo.root), "--json"], {}, referee)
    assert json.loads(capfd.readouterr().out)["count"] == 0


def test_the_suites_of_touched_paths_run_without_credentials(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"app/test.sh": 'test -z "$AWS_SECRET_ACCESS_KEY$GITHUB_TOKEN"\n'})
    environ = {"AWS_SECRET_ACCESS_KEY": "s", "GITHUB_TOKEN": "t", "PATH": "/usr/bin:/bin"}
    assert run(["test", "--base", repo.first], environ, repo.root) == 0
    assert "app: passed" in capfd.readouterr().out


def test_a_suites_environment_stays_as_long_as_its_lock_file_is_the_same(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    config = ESTATE["pyproject.toml"] + 'lock = "app/uv.lock"\n'
    repo.commit({"pyproject.toml": config, "app/test.sh": 'echo "at $UV_PROJECT_ENVIRONMENT"\n'})

    def used() -> str:
        assert run(["test", "--base", repo.first], {"PATH": "/usr/bin:/bin"}, repo.root) == 0
        return next(x for x in capfd.readouterr().out.splitlines() if x.startswith("at "))

    assert used() == "at "
    repo.commit({"app/uv.lock": "version = 1\n"})
    first = used()
    assert Path(first.removeprefix("at ")).parent == cache_dir() / "environments"
    repo.commit({"app/main.py": "print(2)\n"})
    assert used() == first
    repo.commit({"app/uv.lock": "version = 2\n"})
    assert used() != first


def test_a_failing_suite_is_found(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.commit({"app/test.sh": "exit 1\n"})
    code, told = call(repo, capfd, "test", "--base", repo.first)
    assert (code, told["suites"][0]["passed"]) == (1, False)


def test_a_suite_for_the_night_runs_for_no_change(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = '[[tool.pipeline.tests]]\nname = "whole"\nnightly = true\ncommand = ["true"]\n'
    repo.commit({"pyproject.toml": ESTATE["pyproject.toml"] + whole, "app/main.py": "print(2)\n"})
    suites = [call(repo, capfd, "test", *night)[1]["suites"] for night in ((), ("--nightly",))]
    assert [[suite["name"] for suite in ran] for ran in suites] == [["app"], ["whole"]]


def test_no_suite_runs_for_other_paths(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.commit({"docs/readme.md": "x"})
    assert call(repo, capfd, "test", "--base", repo.first) == (0, {"suites": []})


def test_tokens_of_the_runner_are_not_handed_on() -> None:
    given = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a", "ACTIONS_RUNTIME_TOKEN": "b", "HOME": "/h"}
    assert child_environment(given) == {"HOME": "/h"}


def test_pending_is_what_the_ledger_does_not_say_is_deployed(repo: Scratch) -> None:
    shelf, estate = MemoryLedger(), commit_estate(repo.root, "HEAD")
    assert [i.reason for i in find_pending(estate, standings(estate, shelf))] == [
        "never deployed"
    ] * 3
    for unit in estate.units:
        shelf.append([], entry(unit, digest=estate.digest(unit)))
    assert find_pending(estate, standings(estate, shelf)) == []
    repo.write({"app/main.py": "print(7)\n"})
    now = working_estate(repo.root)
    found = find_pending(now, standings(now, shelf))
    assert [(str(i.unit), i.reason) for i in found] == [
        ("web/dev", "its files changed"),
        ("web/prod", "its files changed"),
    ]


def test_a_change_in_the_moment_in_which_the_index_was_written_is_seen(repo: Scratch) -> None:
    repo.git("config", "core.trustctime", "false")  # nobody can set a file's ctime back
    file, index = repo.root / "app/main.py", repo.root / ".git/index"
    moment = (1_700_000_000, 1_700_000_000)
    os.utime(file, moment)
    repo.git("update-index", "--refresh")
    os.utime(index, moment)
    before = working_estate(repo.root).digest(UnitId("web", "dev"))
    text = file.read_text()
    file.write_text(text.swapcase())  # as long as before
    os.utime(file, moment)
    assert file.read_text() != text
    assert working_estate(repo.root).digest(UnitId("web", "dev")) != before


def test_git_leaves_no_lock_behind(repo: Scratch) -> None:
    working_estate(repo.root)
    assert not (repo.root / ".git/index.lock").exists()
    subprocess.run(["git", "fsck", "--strict"], cwd=repo.root, check=True, capture_output=True)


def test_a_folder_of_a_repository_or_none_at_all_is_wrong_use(
    repo: Scratch, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    for folder, told in (
        (repo.root / WEB, f"is a folder of the repository {repo.root}"),
        (tmp_path_factory.mktemp("bare"), "is no git repository"),
    ):
        for words in (["affected", "--base", "HEAD"], ["status"], ["plan", "web/dev"]):
            assert run([*words, "--json"], {}, folder) == 2
            answer = json.loads(capfd.readouterr().out)
            assert (answer["reason"], len(answer["problems"])) == ("usage", 1)
            assert told in answer["problems"][0]["sentence"]
            assert answer["problems"][0]["remedy"]


def test_no_stack_at_all_is_wrong_configuration(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    without = repo.commit({path: None for path in ESTATE if path.startswith("terraform/envs/")})
    repo.commit({"docs/readme.md": "more"})
    code, told = call(repo, capfd, "affected", "--base", without)
    assert (code, told["reason"]) == (2, "bad-config")
    assert "stack.toml" in told["problems"][0]["remedy"]
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, [unit["after"] for unit in told["units"]]) == (0, [None] * 3)


def test_a_new_stack_without_a_unit_is_told_and_one_that_gave_its_unit_up_is_not(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    new = "terraform/envs/new"
    repo.commit({f"{new}/stack.toml": 'workspaces = ["dev"]\n', f"{new}/main.tf": ""})
    code, told = call(repo, capfd, "affected", "--base", repo.first)
    assert (code, told["reason"]) == (2, "bad-config")
    assert f"{new}/dev.tfvars" in told["problems"][0]["remedy"]
    before = repo.commit({f"{new}/dev.tfvars": ""})
    repo.commit({f"{new}/dev.tfvars": None})
    code, told = call(repo, capfd, "affected", "--base", before)
    assert (code, [unit["after"] for unit in told["units"]]) == (0, [None])


def test_linked_configuration_is_no_broken_one(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    (repo.root / WEB / "common.tf").symlink_to("../../shared/common.tf")
    before = repo.commit({"terraform/shared/common.tf": "locals { c = 1 }\n"})
    assert call(repo, capfd, "affected", "--base", repo.first)[1]["count"] == 2
    repo.commit({"terraform/shared/common.tf": "locals { c = 2 }\n"})
    code, told = call(repo, capfd, "affected", "--base", before)
    assert (code, told["count"]) == (0, 2)
    (repo.root / WEB / "lost.tf").symlink_to("nowhere.tf")
    repo.commit({})
    code, told = call(repo, capfd, "affected", "--base", before)
    assert (code, told["problems"][0]["where"]) == (2, f"{WEB}/lost.tf")
