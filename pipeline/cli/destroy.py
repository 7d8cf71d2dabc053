"""``pipeline destroy``: after a typed confirmation, with backups, and a list of what is left."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem


def run(
    here: Here,
    unit: Annotated[str, typer.Argument(help="The unit, e.g. knowledgeweaver/dev.")],
    confirm: Annotated[str, typer.Option(help="The unit's name again.")],
    reviewed: Annotated[
        str, typer.Option(help="Id of the plan record that this run, a dispatch, names.")
    ] = "",
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Only show what would be destroyed; exit with 0.")
    ] = False,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Take no backups before.")] = False,
    defer: Annotated[
        bool, typer.Option(help="Exit with 0 when a review is wanted; a later run is it.")
    ] = False,
) -> Exit:
    """Destroy a unit as a second person reviewed it; what holds data is backed up first.

    Without a record it is only planned, and the plan's record is left for the review: 1 then. 2
    when the confirmation is wrong, the unit is protected, or this commit is older than what is
    deployed; nothing was changed then either.
    """
    from pipeline.adapters.github import run_url
    from pipeline.render.fit import SUMMARY
    from pipeline.render.markdown import code, plain
    from pipeline.render.uncovered import Uncovered, comment, page
    from pipeline.usecases.destroy import destroy
    from pipeline.usecases.orphans import known_units
    from pipeline.usecases.site import site_of

    site = site_of(here)
    [name] = known_units([unit], site)
    done = destroy(
        site, name, confirm, reviewed=reviewed, plan_only=plan_only, backups=not no_backup
    )
    here.out.outputs(workspace=name.workspace, environment=done.environment, record=done.record)
    lines = [f"{change.action} {change.address}" for change in done.report.changes]
    title = "destroyed" if done.applied else "would be destroyed"
    here.out.say(f"{unit}: {len(lines)} resources and outputs {title}")
    for line in [] if done.applied else lines:
        here.out.say(f"  {line}")
    for taken in done.backups:
        here.out.say(f"  backup: {taken}")
    for left in done.left:
        here.out.say(f"  left: {left.arn} {left.leaving}".rstrip())
    if done.applied and not done.left:
        here.out.say("  Nothing is left.")
    form = _form(here)
    if done.record:
        here.out.say(
            f"Nothing was changed. A second person destroys exactly this: dispatch destroy.yml "
            f"{form} with unit {unit} and the plan record {done.record}"
        )
    case = Uncovered(
        unit=unit,
        plan=done.report,
        reasons={(change.address, change.deposed): "" for change in done.report.changes},
        record=done.record,
        workflow="destroy.yml",
        form=form,
        report=run_url(here.environ),
    )
    if done.record:
        file = here.public / f"{name.slug}.uncovered.html"
        file.write_text(page(case), encoding="utf-8")
        here.out.summary(comment(case, SUMMARY))
    else:
        here.out.summary(f"### {plain(unit)}: {len(lines)} {title}")
    kept = [f"- backup: {plain(taken)}" for taken in done.backups]
    kept += [f"- left: {code(left.arn)} {plain(left.leaving)}" for left in done.left]
    if kept:
        here.out.summary("\n".join(["", *kept]))
    here.out.emit(
        {
            "unit": unit,
            "workspace": name.workspace,
            "environment": done.environment,
            "applied": done.applied,
            "record": done.record,
            "changes": [change.model_dump(mode="json") for change in done.report.changes],
            "backups": done.backups,
            "left": [{"arn": left.arn, "leaving": left.leaving} for left in done.left],
        }
    )
    if done.problems:
        raise Failure(
            "leftovers",
            *(Problem(f"{left.arn} is still there.") for left in done.problems),
        )
    if done.record and not (plan_only or defer):
        raise Failure(
            "not-covered",
            Problem(
                f"Nobody reviewed the destruction of {unit}.",
                unit,
                f"Review the above, then: pipeline destroy {unit} --confirm {unit} --reviewed "
                f"{done.record}",
            ),
        )
    return Exit.OK


def _form(here: Here) -> str:
    """Where destroy.yml is dispatched; empty outside GitHub."""
    server, name = here.environ.get("GITHUB_SERVER_URL"), here.environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}/actions/workflows/destroy.yml" if server and name else ""
