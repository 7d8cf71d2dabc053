"""``pipeline settle``: after a step that was interrupted, let Terraform store its state."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, failure


def run(
    here: Here,
    minutes: Annotated[float, typer.Option(help="How long to wait for it.")] = 4.5,
) -> Exit:
    """Wait for a Terraform of this work folder that still runs; 3 when it does not end."""
    from pipeline.usecases.outlive import await_end, running

    folder = here.work / "private"
    if running(folder):
        here.out.say("Terraform still stores its state; the job waits for it.")
    if not await_end(folder, 60 * minutes):
        raise failure(
            "terraform",
            f"Terraform still runs after {minutes:g} minutes, and ends with this job.",
            remedy="The next deploy says what became of the state; see `pipeline unlock`.",
        )
    return Exit.OK
