"""``pipeline plan``: guard, init, plan and parse, one unit after the other."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units, e.g. knowledgeweaver/dev.")],
    destroy: Annotated[bool, typer.Option(help="Plan the destruction of the units.")] = False,
) -> Exit:
    """Plan units read-only; leaves a redacted report and the private plan for the checks."""
    from pipeline.render.words import counts
    from pipeline.results import PlanReport, path_of, read
    from pipeline.usecases.plan import plan_units
    from pipeline.usecases.site import parse_units, site_of

    site = site_of(here)
    planned = plan_units(site, parse_units(units, site), destroy=destroy)
    reports = [read(path_of(site.work, PlanReport, p.unit), PlanReport) for p in planned]
    for report in reports:
        found = counts(report) if report.changes else "no changes"
        state = "failed" if report.error else found
        here.out.say(f"{report.unit}: {state}")
    failures = [p.failure for p in planned if p.failure is not None]
    problems = [problem for failure in failures for problem in failure.problems]
    document: dict[str, object] = {"units": [report.model_dump(mode="json") for report in reports]}
    if failures:
        document |= {"reason": failures[0].reason, "problems": [asdict(p) for p in problems]}
    here.out.emit(document)
    if failures:
        raise Failure(failures[0].reason, *problems)
    return Exit.OK
