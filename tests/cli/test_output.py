"""What is printed under GitHub Actions is text there, whatever it says, and fits."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Failure, Problem
from pipeline.output import Output
from pipeline.render.fit import SUMMARY
from tests.render.inert import TEXTS

#: Commands that a runner would obey (GitHub, "Workflow commands"; actions/runner, ActionCommand).
COMMANDS = ("::error::x", "::add-mask::a", "  ::set-output name=a::b", "##[add-path]/evil",
            "text ##[group]x", "\t::stop-commands::t")  # fmt: skip


def output(github: bool = True, **environ: str) -> Output:
    return Output(github=github, environ=environ, stdout=io.StringIO(), stderr=io.StringIO())


def printed(out: Output) -> str:
    assert isinstance(out.stdout, io.StringIO)
    assert isinstance(out.stderr, io.StringIO)
    return out.stdout.getvalue() + out.stderr.getvalue()


def obeyed(text: str) -> list[str]:
    """The lines that the runner would take for a command."""
    lines = text.replace("\r", "\n").split("\n")
    return [x for x in lines if x.strip().startswith("::") or "##[" in x]


@given(st.lists(TEXTS | st.sampled_from(COMMANDS), max_size=4).map("\n".join))
def test_no_line_that_is_told_is_a_command(text: str) -> None:
    out = output()
    out.say(text)
    out.table(text, ["a"], [[text]])
    with out.step(text):
        pass
    assert obeyed(printed(out)) == []


@given(TEXTS | st.sampled_from(COMMANDS), TEXTS, TEXTS)
def test_an_annotation_is_one_command_whatever_it_says(text: str, file: str, title: str) -> None:
    out = output()
    out.annotate("warning", text, file, 3, title)
    [line] = obeyed(printed(out))
    assert line.startswith("::warning ")
    head, _, message = line.removeprefix("::").partition("::")
    assert head.count("=") == 1 + bool(file) + bool(title) + file.count("=") + title.count("=")
    assert "\n" not in message


@pytest.mark.parametrize("text", COMMANDS)
def test_a_failure_and_a_document_hold_no_command(text: str) -> None:
    out = output()
    out.as_json = True
    out.failure(Failure("usage", Problem(f"a\n{text}", "x/y.tf:3", text)))
    document = printed(out).splitlines()
    assert [x for x in obeyed(printed(out)) if not x.startswith("::error file=x/y.tf")] == []
    assert json.loads(next(x for x in document if x.startswith("{")))["reason"] == "usage"


def test_a_terminal_gets_no_control_character() -> None:
    out = output(github=False)
    out.say("a\x1b[31m\u202eb\ud800")
    assert printed(out) == "a\\u001b[31m\\u202eb\\ud800\n"


def test_the_summary_of_a_step_stays_within_what_github_takes(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    out = output(GITHUB_STEP_SUMMARY=str(file))
    out.summary("first")
    out.summary("- a line of the report\n" * 100_000)
    out.summary("one more")
    assert file.stat().st_size <= SUMMARY
    assert file.read_text().startswith("first\n")
    assert "the rest is in the run's artifacts." in file.read_text()
