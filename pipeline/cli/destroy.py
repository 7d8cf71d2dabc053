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
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Only show what would be destroyed.")
    ] = False,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Take no backups before.")] = False,
) -> Exit:
    """Destroy a unit; buckets, volumes and databases are backed up first.

    2 when the confirmation is wrong, the unit is protected, or this commit is older than what is
    deployed; nothing was changed then.
    """
    from pipeline.usecases.destroy import destroy
    from pipeline.usecases.site import parse_units, site_of

    site = site_of(here)
    [name] = parse_units([unit], site)
    done = destroy(site, name, confirm, plan_only=plan_only, backups=not no_backup)
    environment = site.stack(name).config.environment(name.workspace)
    here.out.outputs(workspace=name.workspace, environment=environment)
    lines = [f"{change.action} {change.address}" for change in done.report.changes]
    title = "would be destroyed" if plan_only else "destroyed"
    here.out.say(f"{unit}: {len(lines)} resources and outputs {title}")
    for line in lines if plan_only else []:
        here.out.say(f"  {line}")
    for taken in done.backups:
        here.out.say(f"  backup: {taken}")
    for left in done.left:
        here.out.say(f"  left: {left.arn} {left.leaving}".rstrip())
    if done.applied and not done.left:
        here.out.say("  Nothing is left.")
    here.out.summary(
        "\n".join(
            [
                f"### {unit}: {len(lines)} {title}",
                "",
                *(f"- `{line}`" for line in lines),
                *(f"- backup: {taken}" for taken in done.backups),
                *(f"- left: `{left.arn}` {left.leaving}" for left in done.left),
            ]
        )
    )
    here.out.emit(
        {
            "unit": unit,
            "workspace": name.workspace,
            "environment": environment,
            "applied": done.applied,
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
    return Exit.OK
