"""``pipeline drift``: verify, and keep one issue for each unit that differs."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[list[str] | None, typer.Argument(help="Units; default: all.")] = None,
) -> Exit:
    """Verify units and open, update or close one issue for each; 1 when anything differs."""
    from pipeline.usecases.drift import tell
    from pipeline.usecases.orphans import known_units
    from pipeline.usecases.site import site_of
    from pipeline.usecases.verify import verify

    site = site_of(here)
    told = tell(site, verify(site, known_units(units or [], site)))
    rows = [
        (str(t.proof.unit), "verified" if t.proof.verified else "differs", t.action, t.url)
        for t in told
    ]
    here.out.table("", ["unit", "state", "issue", "url"], rows)
    here.out.emit(
        {
            "units": [
                {"unit": unit, "state": state, "issue": action, "url": url}
                for unit, state, action, url in rows
            ]
        }
    )
    if not all(t.proof.verified for t in told):
        return Exit.FOUND
    failed = [t.failure for t in told if t.failure is not None]
    if failed:
        raise failed[0]
    return Exit.OK
