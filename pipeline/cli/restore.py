"""``pipeline restore``: bring back what a destroy took out of buckets."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem


def run(
    here: Here,
    unit: Annotated[str, typer.Argument(help="The unit, e.g. knowledgeweaver/dev.")],
) -> Exit:
    """Copy the objects of a unit's backups back; 1 when there is none or a bucket is gone.

    What was written since the backup stays as it is, and is named. Snapshots are named too: a
    volume or a database is made of one by hand.
    """
    from pipeline.usecases.orphans import known_units
    from pipeline.usecases.restoring import restore
    from pipeline.usecases.site import site_of

    site = site_of(here)
    [name] = known_units([unit], site)
    done = restore(site, name)
    here.out.say(f"{unit}: {done.objects} objects restored, {done.there} were there already")
    for other in done.other:
        here.out.say(f"  left as it is, for it is newer than the backup: {other}")
    for snapshot in done.snapshots:
        here.out.say(f"  kept: {snapshot}")
    here.out.emit(
        {
            "unit": unit,
            "objects": done.objects,
            "there": done.there,
            "other": done.other,
            "gone": done.gone,
            "snapshots": done.snapshots,
        }
    )
    if done.gone:
        raise Failure(
            "no-backup",
            *(Problem(f"The bucket {bucket} is gone.", bucket) for bucket in done.gone),
            Problem(f"Deploy {unit} first, then run `pipeline restore {unit}` again."),
        )
    return Exit.OK
