"""``pipeline record``: write the plan records that a review will be held to."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[
        list[str], typer.Argument(help="Units that were planned in this job, or a JSON list.")
    ],
) -> Exit:
    """Write the plan records of the planned units; nothing in them is readable.

    Which pull request and commit they are for is taken from GitHub's event alone. Without one, on
    a laptop, they belong to no pull request and cover nothing.
    """
    from pipeline.cli.units import parse_units
    from pipeline.domain.record import Purpose
    from pipeline.usecases.record import Proposed, record_units
    from pipeline.usecases.request import request_of
    from pipeline.usecases.site import site_of

    site = site_of(here)
    if here.environ.get("GITHUB_EVENT_NAME"):
        asked = request_of(here.environ)
        purpose, head, number = Purpose.PULL_REQUEST, asked.head, asked.number
        if asked.event == "merge_group":
            purpose, number = Purpose.MERGE_GROUP, asked.queued
            # what lands is told by the pull request's own head
            head = site.github.pull(number).head if number is not None else asked.head
        proposed = Proposed(purpose, head, site.commit, number, asked.base_ref, asked.actor)
    else:
        proposed = Proposed(Purpose.PULL_REQUEST, site.commit, site.commit)
    reports = record_units(site, parse_units(units), proposed)
    for report in reports:
        here.out.say(f"{report.unit}: {report.changes} changes recorded as {report.record}")
    here.out.emit({"records": [report.model_dump(mode="json") for report in reports]})
    return Exit.OK
