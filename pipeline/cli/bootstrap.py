"""``pipeline bootstrap``: make an account and a repository ready."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    show: Annotated[
        bool, typer.Option("--print", help="Only print the steps and commands; needs nothing.")
    ] = False,
    reviewer: Annotated[
        list[str] | None, typer.Option(help="GitHub login of who reviews; may be repeated.")
    ] = None,
) -> Exit:
    """Create the state bucket, apply account/shared, set GitHub up. Safe to repeat."""
    from pipeline.usecases.bootstrap import bootstrap, steps
    from pipeline.usecases.site import site_of

    site = site_of(here)
    if show:
        found = steps(site, "ACCOUNT_ID")
        for number, step in enumerate(found, 1):
            here.out.say(f"{number}. {step.what}")
            for command in step.commands:
                here.out.say(f"     {command}")
        here.out.emit({"steps": [{"what": s.what, "commands": list(s.commands)} for s in found]})
        return Exit.OK
    done = bootstrap(site, reviewer or [])
    for line in done:
        here.out.say(line)
    here.out.emit({"done": done})
    return Exit.OK
