"""``pipeline apply``: plan again and apply what was reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem

if TYPE_CHECKING:
    from pipeline.domain.model import UnitId
    from pipeline.usecases.apply import Applied
    from pipeline.usecases.site import Site


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
    from pipeline.usecases.orphans import forgotten_by, known_units
    from pipeline.usecases.site import site_of

    site = site_of(here)
    [name] = known_units([unit], site)
    if forgotten_by(site, name):
        return _forget(here, site, name)
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


def _forget(here: Here, site: Site, unit: UnitId) -> Exit:
    from pipeline.usecases.forgetting import forget_reviewed

    entry = forget_reviewed(site, unit)
    here.out.outputs(result="forgotten", record="")
    here.out.say(f"{unit}: {'forgotten; what runs was left alone' if entry else 'no orphan'}")
    here.out.summary(f"### {unit}: forgotten\n")
    here.out.emit({"unit": str(unit), "result": "forgotten", "record": "", "uncovered": []})
    return Exit.OK


def _next(done: Applied, unit: str) -> str:
    if done.failing:
        return "No review lifts what the policies found; mend or except it by a pull request."
    return (
        f"Review the above, then let another person dispatch deploy.yml for {unit} with the record "
        f"{done.record}."
    )
