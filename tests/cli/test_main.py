"""The door: help, common options, failures in words, JSON and annotations, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.cli.context import split_common
from pipeline.errors import Failure
from pipeline.output import Output

ROOT = Path(__file__).parents[2]
BODY = '''
from __future__ import annotations
from typing import Annotated
import typer
from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem

def run(
    here: Here,
    how: Annotated[str, typer.Argument(help="What to do.")],
    loud: Annotated[bool, typer.Option(help="Shout.")] = False,
) -> Exit:
    """Do something."""
    if how == "fail":
        raise Failure("bad-hcl", Problem("Broken, at\\n100%.", "a/b.tf:3", "Mend it."))
    if how == "crash":
        raise RuntimeError("the password is hunter2")
    if how == "interrupt":
        raise KeyboardInterrupt
    here.out.say(f"said {how} {loud} {here.root.name}")
    here.out.outputs(a="1", b="x\\ny")
    here.out.summary("# Hello")
    here.out.emit({"how": how})
    return Exit.FOUND
'''


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A command `probe` beside the real ones, in a folder of its own."""
    (tmp_path / "probe_command.py").write_text(textwrap.dedent(BODY))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(main.COMMANDS, "probe", main.Entry("probe_command:run", "Probe."))
    yield tmp_path
    sys.modules.pop("probe_command", None)


def test_help_names_every_command_without_loading_any(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"], {}, Path.cwd()) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name}" in shown for name in main.COMMANDS)


def test_common_options_may_stand_anywhere() -> None:
    found, rest = split_common(["plan", "--root", "x", "a/b", "--json", "--", "--work", "y"])
    assert found == {"root": "x", "json": "true"}
    assert rest == ["plan", "a/b", "--", "--work", "y"]


def test_a_command_runs_with_its_own_arguments(
    door: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["probe", "go", "--loud"], {}, door) == 1
    assert capsys.readouterr().out == f"said go True {door.name}\n"


def test_json_is_the_only_thing_on_standard_output(
    door: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["--json", "probe", "go"], {}, door) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"how": "go"}
    assert "said go" in shown.err


def test_a_failure_is_a_sentence_and_an_exit_code(
    door: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["probe", "fail"], {}, door) == 2
    assert capsys.readouterr().err == "pipeline: a/b.tf:3: Broken, at\n100%. Mend it.\n"


def test_a_failure_under_json_is_a_document(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["probe", "fail", "--json"], {}, door)
    told = json.loads(capsys.readouterr().out)
    assert told["reason"] == "bad-hcl"
    assert told["problems"][0]["where"] == "a/b.tf:3"


def test_a_failure_at_github_is_an_annotation(
    door: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main.run(["probe", "fail"], {"GITHUB_ACTIONS": "true"}, door)
    assert capsys.readouterr().err == (
        "::error file=a/b.tf,line=3,title=bad-hcl::Broken, at%0A100%25. Mend it.\n"
    )


def test_outputs_and_summary_go_where_github_reads_them(door: Path) -> None:
    files = {"GITHUB_OUTPUT": str(door / "out"), "GITHUB_STEP_SUMMARY": str(door / "sum")}
    main.run(["probe", "go", "--github"], files, door)
    pattern = r"a<<(end-\S+)\n1\n\1\nb<<(end-\S+)\nx\ny\n\2\n"
    assert re.fullmatch(pattern, (door / "out").read_text())
    assert (door / "sum").read_text() == "# Hello\n"


def test_a_crash_shows_no_traceback_but_names_the_log(
    door: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["probe", "crash"], {}, door) == 3
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err + shown.out
    assert "hunter2" not in shown.err
    (log,) = (door / ".pipeline/private").glob("error-*.log")
    assert str(log) in shown.err
    assert "RuntimeError: the password" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_an_interrupt_ends_with_130(door: Path) -> None:
    assert main.run(["probe", "interrupt"], {}, door) == 130


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "There is no command 'nope'."),
        (["probe"], "Missing argument"),
        (["probe", "go", "--quiet"], "No such option"),
        (["probe", "go", "--root"], "--root needs a path."),
        (["probe", "go", "--root", "nowhere"], "--root nowhere is no folder."),
    ],
)
def test_wrong_use_is_told_in_one_line(
    door: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main.run(arguments, {}, door) == 2
    shown = capsys.readouterr().err
    assert words in shown
    assert shown.count("\n") == 1


def test_a_command_whose_module_is_absent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main.COMMANDS, "later", main.Entry("pipeline.cli.nowhere:run", "x"))
    with pytest.raises(Failure, match="not part of this installation"):
        main.load("later")


def test_secrets_of_the_environment_are_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(github=True, environ={"API_TOKEN": "hunter2hunter2"})
    out.annotate("warning", "it was hunter2hunter2")
    assert "hunter2" not in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_a_command_says_goes_through_secret_detection(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    out = Output(as_json=as_json, environ={"API_TOKEN": "hunter2hunter2"})
    out.say(f"a line with {key} and hunter2hunter2")
    out.table(key, ["name"], [[f"in a table {key}"]])
    out.emit({"list": [{"value": f"{key} hunter2hunter2"}], "record": "kept", "number": 1})
    shown = capsys.readouterr()
    assert key not in shown.out + shown.err
    assert "hunter2" not in shown.out + shown.err
    if as_json:
        removed = "(secret removed)"
        told = {"list": [{"value": f"{removed} {removed}"}], "record": "kept", "number": 1}
        assert json.loads(shown.out) == told


@pytest.mark.parametrize("arguments", ["--help", "affected --help", "test --help"])
def test_a_command_explains_itself_as_a_process(arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pipeline", *arguments.split()],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("Usage: pipeline")
    assert done.stderr == ""


def test_the_door_imports_neither_boto3_nor_rich_nor_pydantic() -> None:
    code = (
        "import sys, pipeline.cli.main, pipeline.cli.affected, pipeline.cli.pending;"
        "print([m for m in ('boto3', 'rich', 'pydantic', 'networkx', 'hcl2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
