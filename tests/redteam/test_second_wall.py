"""With the guard switched off, a plan still finds nothing worth having around it.

Each story runs the real command in a process of its own, with planted credentials in the
environment it is started with, and a configuration that reads whatever it can reach.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.child import NAMES
from pipeline.adapters.terraform_settings import environment
from tests.usecases.conftest import STACK, Repository

ROOT = Path(__file__).parents[2]
PLANTED = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDPLANTED22",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-access-key-of-the-plan",
    "AWS_SESSION_TOKEN": "planted-session-token-of-the-plan",
    "GITHUB_TOKEN": "planted-token-of-github",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "planted-token-for-tokens",
    "SOME_TOOLS_PASSWORD": "planted-password-of-a-tool",
}
#: The command, as bin/pipeline starts it, but with a guard that lets everything pass.
WITHOUT_GUARD = """
from pipeline.withdraw import withdraw
withdraw()
from pipeline.domain.guard import Verdict
from pipeline.usecases import site
site.judge_stack = lambda *given, **named: Verdict()
from pipeline.cli.main import main
main()
"""


def planted(text: str) -> list[str]:
    """Which of the planted values can be read out of a text, forwards or backwards."""
    return [name for name, value in PLANTED.items() if value in text or value[::-1] in text]


def plan_without_guard(repository: Repository) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT_GUARD, "plan", "shelf/dev"],
        cwd=repository.root,
        env=os.environ | PLANTED | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    files = [f for f in (repository.root / ".pipeline").rglob("*") if f.is_file()]
    left = "".join(f.read_text(errors="replace") for f in files if f.suffix in (".json", ".log"))
    return done.returncode, done.stdout + done.stderr + left


@pytest.mark.parametrize(
    "expression",
    [
        'file("/proc/self/environ")',
        'strrev(file("/proc/self/environ"))',
        'join(" ", [for p in fileset("/proc", "[0-9]*/environ") : try(file("/proc/${p}"), "")])',
        'join(" ", [for p in fileset(pathexpand("~"), "**") : p])',
        'templatefile("${path.module}/t.tftpl", {})',
    ],
)
@pytest.mark.usefixtures("stores")
def test_a_plan_that_reads_what_it_can_finds_no_credential(
    values: Repository, expression: str
) -> None:
    values.write(f"{STACK}/t.tftpl", '${file("/proc/self/environ")}')
    values.write(
        f"{STACK}/read.tf", f'resource "terraform_data" "x" {{\n  input = {expression}\n}}'
    )
    values.commit()
    _code, seen = plan_without_guard(values)
    assert "terraform_data.x" in seen
    # this machine's other processes are not the pipeline's to hide; what is planted is
    assert planted(seen) == []


@pytest.mark.usefixtures("stores")
def test_what_terraform_is_told_of_credentials_is_dead_when_the_command_has_ended(
    values: Repository,
) -> None:
    import httpx

    values.write(
        f"{STACK}/read.tf",
        'resource "terraform_data" "x" {\n  input = strrev(file("/proc/self/environ"))\n}',
    )
    values.commit()
    plan_without_guard(values)
    private = values.root / ".pipeline/private/shelf--dev/plan.json"
    told = json.dumps(json.loads(private.read_text()))[::-1]
    door = re.search(r"http://127\.0\.0\.1:\d+/credentials", told)
    assert door is not None
    with pytest.raises(httpx.ConnectError):
        httpx.get(door.group())


def test_a_process_that_took_its_secrets_over_shows_none_to_its_children() -> None:
    script = (
        "from pipeline.withdraw import withdraw\n"
        "withdraw()\n"
        "import os, subprocess\n"
        "print(os.environ['AWS_SECRET_ACCESS_KEY'] == 'planted-secret-access-key-of-the-plan')\n"
        "look = f'cat /proc/{os.getpid()}/environ'\n"
        "print(subprocess.run(['sh', '-c', look], capture_output=True, text=True,\n"
        "                     env={'PATH': os.environ['PATH']}).stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | PLANTED,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("True")
    assert planted(done.stdout) == []


NAMES_OF_VARIABLES = st.text(st.characters(codec="ascii", exclude_characters="=\0"), min_size=1)
TEXTS = st.text(st.characters(exclude_characters="\0"), max_size=20)


@given(st.dictionaries(NAMES_OF_VARIABLES, TEXTS))
def test_whatever_a_runner_sets_terraform_gets_listed_names_only(given_: dict[str, str]) -> None:
    listed = NAMES | {"GOGC", "GOMAXPROCS", "GOMEMLIMIT"}
    alone = {name: value for name, value in given_.items() if name in listed}
    made = environment(given_ | PLANTED, Path("/data"), Path("/config"))
    unlisted = {n for n in made if n.startswith(("LC_", "XDG_", "AWS_ENDPOINT_URL"))}
    assert {n: v for n, v in made.items() if n not in unlisted} == environment(
        alone, Path("/data"), Path("/config")
    )


def test_every_program_that_the_pipeline_starts_is_given_its_environment() -> None:
    """``setup`` installs before there are credentials, and needs what the user's tools need."""
    import ast

    forgotten = []
    for file in sorted((ROOT / "pipeline").rglob("*.py")):
        if "install" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "subprocess"
                and node.func.attr in ("run", "Popen", "call", "check_call", "check_output")
                and not any(word.arg == "env" for word in node.keywords)
            ):
                forgotten.append(f"{file.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.keyword) and node.arg == "env":
                text = ast.unparse(node.value)
                if "os.environ" in text and "child_environment(os.environ" not in text:
                    forgotten.append(f"{file.relative_to(ROOT)}:{node.lineno} {text}")
    assert forgotten == []
