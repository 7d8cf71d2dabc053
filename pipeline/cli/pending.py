"""``pipeline pending``: which units are not deployed as the checked-out commit says?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, failure

if TYPE_CHECKING:
    from pipeline.usecases.orphans import Orphan
    from pipeline.usecases.site import Site

#: deploy.yml has one matrix job per wave, and a workflow file cannot have a variable number.
WAVES = 6


def run(
    here: Here,
    head: Annotated[str, typer.Option(help="Commit that should be deployed.")] = "HEAD",
    unit: Annotated[str, typer.Option(help="Only this unit, pending or not.")] = "",
    record: Annotated[
        str, typer.Option(help="Id of a reviewed plan record of the unit: its commit is deployed.")
    ] = "",
) -> Exit:
    """Units that are not settled at the commit's digest, in the order in which to deploy them.

    Says too whether an image has to be built for them first, which units only the ledger knows, and
    which are held, destroyed or half destroyed.
    """
    from pipeline.adapters.aws.stores import Stores
    from pipeline.adapters.git import resolve
    from pipeline.usecases.estates import commit_estate, project, renamed
    from pipeline.usecases.image_wanted import image_wanted
    from pipeline.usecases.orphans import forgotten_by, nothing_there, orphans, sentence
    from pipeline.usecases.pending import (
        chosen,
        find_pending,
        recorded_commit,
        standings,
        unfinished,
    )
    from pipeline.usecases.site import site_of

    settings = project(here.referee, here.root)
    commit = recorded_commit(site_of(here), unit, record) if record else ""
    estate = commit_estate(here.root, commit or head, settings.app)
    site = site_of(here)
    left, stays = [], {}
    if unit:
        found = [chosen(estate, unit, record)]
    else:
        reader = Stores(settings, renamed=lambda: renamed(estate)).ledger
        standing = standings(estate, reader)
        found, stays = find_pending(estate, standing), unfinished(estate, standing)
        left = orphans(estate, reader)
        if not standing and not left:
            raise nothing_there()
    waves = estate.waves(item.unit for item in found)
    if len(waves) > WAVES:
        late = ", ".join(str(one) for wave in waves[WAVES:] for one in wave)
        raise failure(
            "bad-config",
            f"depends_on and workspaces make {len(waves)} waves; a run can deploy {WAVES}: {late} "
            "would be left out.",
            remedy="Shorten the chain of depends_on.",
        )
    rows = [
        [
            {
                "unit": str(one),
                "stack": one.stack,
                "workspace": one.workspace,
                "environment": estate.stack(one).config.environment(one.workspace),
                **({"commit": commit, "record": record} if record else {}),
            }
            for one in wave
        ]
        for wave in waves
    ]
    forgotten = [orphan for orphan in left if forgotten_by(site, orphan.unit)]
    if forgotten:
        rows = [
            [*(rows[0] if rows else []), *(_row(site, orphan) for orphan in forgotten)],
            *rows[1:],
        ]
    # a revert, or a change of the infrastructure alone, needs no job for an image that is there
    wanted = [item.unit for item in found]
    image = image_wanted(site, estate, wanted, resolve(here.root, commit or head), record)
    why = {item.unit: item.reason for item in found}
    for number, wave in enumerate(waves, 1):
        for one in wave:
            here.out.say(f"{number}. {one}: {why[one]}")
    told = [(orphan, sentence(site, orphan)) for orphan in left]
    for one, what in [*((orphan.unit, what) for orphan, what in told), *stays.items()]:
        here.out.say(f"{one}: {what}")
    if not (found or told or stays):
        here.out.say("Everything is deployed as the repository says.")
    outputs = {f"wave_{n}": json.dumps(rows[n - 1] if n <= len(rows) else []) for n in range(1, 7)}
    count = len(found) + len(forgotten)
    here.out.outputs(commit=commit, count=str(count), image=str(image).lower(), **outputs)
    here.out.emit(
        {
            "count": count,
            "commit": commit,
            "image": image,
            "waves": rows,
            "units": [{"unit": str(i.unit), "reason": i.reason, "digest": i.digest} for i in found],
            "orphans": [
                {
                    "unit": str(orphan.unit),
                    "status": orphan.entry.status if orphan.entry else "damaged",
                    "told": what,
                }
                for orphan, what in told
            ],
            "unfinished": [{"unit": str(u), "told": what} for u, what in stays.items()],
        }
    )
    return Exit.OK


def _row(site: Site, orphan: Orphan) -> dict[str, str]:
    """The row of a deploy's matrix for a unit that is only to be forgotten."""
    from pipeline.usecases.pending import environment_of

    return {
        "unit": str(orphan.unit),
        "stack": orphan.unit.stack,
        "workspace": orphan.unit.workspace,
        "environment": environment_of(site, orphan),
    }
