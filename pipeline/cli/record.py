"""``pipeline record``: write the plan records that a review will be held to."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units that were planned in this job.")],
    head: Annotated[str, typer.Option(help="The planned commit of the pull request.")],
    base: Annotated[str, typer.Option(help="The commit it was planned against.")],
    pr: Annotated[int | None, typer.Option(help="Number of the pull request.")] = None,
) -> Exit:
    """Write the plan records of the planned units; nothing in them is readable."""
    from pipeline.usecases.record import record_units
    from pipeline.usecases.site import parse_units, site_of

    site = site_of(here)
    reports = record_units(site, parse_units(units, site), head=head, base=base, pull_request=pr)
    for report in reports:
        here.out.say(f"{report.unit}: {report.changes} changes recorded as {report.record}")
    here.out.emit({"records": [report.model_dump(mode="json") for report in reports]})
    return Exit.OK
