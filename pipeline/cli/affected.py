"""``pipeline affected``: which units does a pull request change?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit

#: Units told by name; all of them are in the outputs and under --json.
SHOWN = 100


def run(
    here: Here,
    base: Annotated[str, typer.Option(help="Commit to compare with.")],
    head: Annotated[str, typer.Option(help="Commit to judge (the merge commit).")] = "HEAD",
    per_shard: Annotated[int, typer.Option(min=1, help="Units to pack into one job.")] = 1,
) -> Exit:
    """Units whose digest differs between two commits, and the files that made the difference."""
    from pipeline.domain.units import affected, shards
    from pipeline.usecases.estates import compare, project
    from pipeline.usecases.removed import given_up

    app = project(here.referee, here.root).app
    compared = compare(here.root, base, head, app)
    before, after, paths = compared.before, compared.after, compared.paths
    found = affected(before, after)
    units = [item.unit for item in found if item.after is not None]
    lost = given_up(before, after)
    app_changed = before.tree.hash(app) != after.tree.hash(app)
    packed = [
        {"name": str(number), "units": [str(unit) for unit in part]}
        for number, part in enumerate(shards(units, per_shard), 1)
    ]
    for item in found[:SHOWN]:
        shown = ", ".join(item.files[:4]) + (" …" if len(item.files) > 4 else "")
        here.out.say(f"{item.unit}{'' if item.after else ' (removed)'}: {shown}")
    if len(found) > SHOWN:
        here.out.say(f"… and {len(found) - SHOWN} more.")
    if not found:
        here.out.say(f"No unit is affected by the {len(paths)} changed files.")
    if compared.unreadable:
        here.out.annotate(
            "warning", f"The base cannot be read, so every unit counts as affected, and what is "
            f"removed is told by the report alone: {compared.unreadable}"
        )  # fmt: skip
    if lost:
        names = ", ".join(map(str, lost))
        here.out.annotate(
            "warning", f"No unit keeps {names} any more; what was deployed so stays until "
            "`pipeline destroy` has run."
        )  # fmt: skip
    here.out.outputs(
        count=str(len(units)),
        units=json.dumps([str(unit) for unit in units]),
        shards=json.dumps(packed),
        app=str(app_changed).lower(),
    )
    here.out.emit(
        {
            "count": len(units),
            "units": [
                {
                    "unit": str(item.unit),
                    "before": item.before,
                    "after": item.after,
                    "files": list(item.files),
                }
                for item in found
            ],
            "shards": packed,
            "app": app_changed,
        }
    )
    return Exit.OK
