"""``pipeline report``: the one verdict over a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    results: Annotated[Path, typer.Option(help="Folder with the jobs' results, at any depth.")],
) -> Exit:
    """Report, sticky comment and verdict; exit 1 unless everything is green."""
    from pipeline.adapters.github import GitHub, run_url
    from pipeline.usecases.estates import project
    from pipeline.usecases.report import MARKER, build

    number = _pull_request(here)
    title = f"Delivery of pull request {number}" if number else "Delivery"
    made = build(results.resolve(), here.environ, here.public, run_url(here.environ), title)
    here.out.say(made.verdict.sentence)
    for reason in made.verdict.reasons:
        here.out.say(f"- {reason}")
    here.out.say(f"Report: {made.page}")
    here.out.summary(made.comment)
    if number and here.out.github and here.environ.get("GITHUB_TOKEN"):
        repository = project(here.referee, here.root).repository
        github = GitHub.from_environment(here.environ, repository)
        github.sticky_comment(number, MARKER, made.comment)
    here.out.outputs(green=str(made.verdict.green).lower(), report=str(made.page))
    here.out.emit(
        {
            "green": made.verdict.green,
            "sentence": made.verdict.sentence,
            "reasons": list(made.verdict.reasons),
            "report": str(made.page),
            "comment": str(made.body),
            "sarif": str(made.sarif),
        }
    )
    return Exit.OK if made.verdict.green else Exit.FOUND


def _pull_request(here: Here) -> int | None:
    """The number of the pull request whose event started the run."""
    try:
        event = json.loads(Path(here.environ["GITHUB_EVENT_PATH"]).read_bytes())
        return int(event["pull_request"]["number"])
    except (KeyError, OSError, ValueError, TypeError):
        return None
