"""``pipeline apply``: plan again and apply what was reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem

if TYPE_CHECKING:
    from pipeline.usecases.apply import Applied


def run(
    here: Here,
    unit: Annotated[str, typer.Argument(help="The unit, e.g. knowledgeweaver/dev.")],
    reviewed: Annotated[
        str, typer.Option(help="Id of the plan record that this run, a dispatch, names.")
    ] = "",
    defer: Annotated[
        bool, typer.Option(help="Exit with 0 when a review is wanted; a later job asks for it.")
    ] = False,
) -> Exit:
    """Plan again and apply, if every change was reviewed; otherwise stop and show the rest.

    1 when something was never reviewed, 2 when this commit is older than what is deployed;
    nothing was changed then.
    """
    from pipeline.usecases.apply import apply
    from pipeline.usecases.site import parse_units, site_of

    site = site_of(here)
    [name] = parse_units([unit], site)
    done = apply(site, name, reviewed)
    here.out.outputs(result=done.result, record=done.record)
    here.out.emit(
        {
            "unit": unit,
            "result": done.result,
            "record": done.record,
            "evidence": [done.coverage.record] if done.coverage and done.coverage.record else [],
            "uncovered": [change.model_dump(mode="json") for change in done.shown],
        }
    )
    if done.result != "uncovered":
        for finding in done.late:
            here.out.say(f"{finding.address}: {finding.rule}: {finding.message}")
        here.out.say(f"{unit}: {'applied' if done.result == 'applied' else 'nothing to apply'}")
        here.out.summary(f"### {unit}: {done.result}\n")
        return Exit.OK
    here.out.say(done.text)
    if defer:
        here.out.annotate("warning", f"{unit} waits for a review; the summary says of what.")
        return Exit.OK
    raise Failure(
        "not-covered",
        *(Problem(f"{change.action} was never reviewed.", change.address) for change in done.shown),
        *(Problem(f"{f.rule}: {f.message}", f.address, f.remedy) for f in done.failing),
        Problem("Nothing was applied.", "", _next(done, unit)),
    )


def _next(done: Applied, unit: str) -> str:
    if done.failing:
        return "No review lifts what the policies found; mend or except it by a pull request."
    return (
        f"Review the above, then let another person dispatch deploy.yml for {unit} with the record "
        f"{done.record}."
    )
