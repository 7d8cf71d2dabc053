"""``pipeline unlock``: who holds a state, and clear the lock of a run that is over."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    unit: Annotated[str, typer.Argument(help="The unit, e.g. knowledgeweaver/dev.")],
    lock: Annotated[
        str, typer.Argument(help="With --force: the lock's id. A torn lock has none.")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Clear it: you know that its holder is gone.")
    ] = False,
) -> Exit:
    """Explain the lock of a unit's state, and clear it when the run that took it is over."""
    from pipeline.usecases.orphans import known_units
    from pipeline.usecases.site import site_of
    from pipeline.usecases.unlock import unlock

    site = site_of(here)
    [name] = known_units([unit], site)
    story = unlock(site, name, force, lock)
    if story is None:
        here.out.say(f"{unit} is not locked.")
    else:
        here.out.say(story.sentence)
        here.out.say("The lock is cleared; the next deploy continues where it stopped.")
    here.out.emit(
        {
            "unit": unit,
            "cleared": story is not None,
            "lock": story.lock.id if story else "",
            "who": story.lock.who if story else "",
            "created": story.lock.created if story else "",
            "torn": story.lock.torn if story else False,
        }
    )
    return Exit.OK
