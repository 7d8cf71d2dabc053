"""What a Dockerfile's last stage says."""

from __future__ import annotations

import pytest

from pipeline.errors import Failure
from sandbox.images.dockerfile import parse


def test_the_last_stage_counts_and_inherits_from_the_stage_it_starts_from() -> None:
    stage = parse(
        """# syntax=docker/dockerfile:1
ARG BASE=python:3.11
FROM --platform=linux/amd64 ${BASE} AS base
ENV A=1 B="two words"
WORKDIR /srv
FROM base AS tools
ENV A=other
FROM base
ARG KW_TREE=none
ENV KW_TREE=$KW_TREE \\
    PATH="/srv/.venv/bin:$PATH"
WORKDIR app
EXPOSE 8000
ENTRYPOINT ["python"]
CMD ["-m", "x"]
""",
        {"KW_TREE": "abc"},
    )
    assert stage.env == {"A": "1", "B": "two words", "KW_TREE": "abc", "PATH": "/srv/.venv/bin:"}
    assert stage.workdir == "/srv/app"
    assert stage.exposed == ("8000",)
    assert (stage.entrypoint, stage.command) == (("python",), ("-m", "x"))


def test_an_argument_needs_its_declaration_and_has_a_default() -> None:
    text = "FROM x\nARG A=default\nENV A=$A B=${B:-fallback}\n"
    assert parse(text, {"B": "given"}).env == {"A": "default", "B": "fallback"}
    assert parse(text, {"A": "given"}).env["A"] == "given"


def test_shell_form_old_env_form_and_here_documents_are_read() -> None:
    stage = parse("FROM x\nRUN <<EOF\nENV NOT=this\nEOF\nENV OLD the value\nCMD run it\n", {})
    assert stage.env == {"OLD": "the value"}
    assert stage.command == ("/bin/sh", "-c", "run it")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ENV A=1\n", "ENV comes before the first FROM."),
        ("# nothing\n", "The Dockerfile has no FROM."),
        ("FROM x\nCMD [python]\n", "CMD is no JSON list of strings."),
        ("FROM x\nENV A=1 broken\n", "ENV cannot read 'broken'; write NAME=value."),
    ],
)
def test_a_broken_dockerfile_is_named_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(Failure) as problem:
        parse(text, {})
    assert problem.value.problems[0].sentence == sentence
    assert problem.value.problems[0].where.startswith("Dockerfile")
