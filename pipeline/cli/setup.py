"""``pipeline setup``."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what the sandbox and the tests need.")
    ] = False,
) -> Exit:
    """Install the locked tools into the user's cache, and say how each came there."""
    from pipeline.usecases.estates import project
    from pipeline.usecases.setup import environments, install, wanted

    groups = {"delivery", "sandbox", "dev"} if everything else {"delivery"}
    suites = project(here.referee, here.root).tests if everything else []
    done = []
    for tool in chain(install(wanted(groups)), environments(here.root, suites)):
        here.out.say(f"{'set up' if tool.new else 'ready '}  {tool.name}: {tool.how}")
        done.append({"name": tool.name, "path": tool.path, "how": tool.how, "new": tool.new})
    here.out.emit({"tools": done})
    return Exit.OK
