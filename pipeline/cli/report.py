"""``pipeline report``: the one verdict over a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit

if TYPE_CHECKING:
    from pipeline.usecases.site import Site

#: Events that ask for a verdict on a pull request; anything else is a report by hand.
EVENTS = ("pull_request", "merge_group")


def run(
    here: Here,
    results: Annotated[Path, typer.Option(help="Folder with the jobs' results, at any depth.")],
) -> Exit:
    """Report, sticky comment and verdict; 1 unless all is green, 2 where nothing can be judged."""
    from pipeline.usecases.report import MARKER, by_hand, of_request
    from pipeline.usecases.request import request_of
    from pipeline.usecases.site import site_of
    from pipeline.usecases.telling import comment_on

    site: Site = site_of(here)
    folder = results.resolve()
    asked = here.environ.get("GITHUB_EVENT_NAME", "") in EVENTS
    request = request_of(here.environ) if asked else None
    if request is None:
        made = by_hand(site, folder, here.public)
    else:
        made = of_request(site, request, folder, here.public)
    here.out.say(made.verdict.sentence)
    for line in (*made.verdict.reasons, *made.verdict.notes):
        here.out.say(f"- {line}")
    here.out.say(f"Report: {made.page}")
    here.out.summary(made.comment)
    here.out.outputs(green=str(made.verdict.green).lower(), report=str(made.page))
    here.out.emit(
        {
            "green": made.verdict.green,
            "sentence": made.verdict.sentence,
            "reasons": list(made.verdict.reasons),
            "notes": list(made.verdict.notes),
            "report": str(made.page),
            "comment": str(made.body),
            "sarif": str(made.sarif),
        }
    )
    if request and request.number and not request.fork and site.github_or_none:
        comment_on(here.out, site.github, request.number, MARKER, made.comment)
    if made.broken:
        return Exit.USAGE
    return Exit.OK if made.verdict.green else Exit.FOUND
