"""``pipeline request``: refuse what a pull request's workflow must not ask for."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units, or a JSON list of them.")],
    shard: Annotated[str, typer.Option(help="Name of this part of the matrix.")],
) -> Exit:
    """Check what a trusted job was asked for, before it gets credentials; 2 when refused."""
    from pipeline.usecases.request import request_of, shard_name, unit_names

    request = request_of(here.environ)
    name, found = shard_name(shard), unit_names(units)
    who = f"#{request.number}" if request.number else "the merge queue"
    here.out.say(f"{', '.join(found)} for {who}, {request.head[:10]} to {request.base_ref}")
    here.out.outputs(units=json.dumps(found), results=f"results-{name}")
    here.out.emit({"units": found, "shard": name, "head": request.head, "base": request.base_ref})
    return Exit.OK
