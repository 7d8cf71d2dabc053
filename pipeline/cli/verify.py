"""``pipeline verify``: is what runs what the repository says?"""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit, Failure, Problem


def run(
    here: Here,
    units: Annotated[list[str] | None, typer.Argument(help="Units; default: all.")] = None,
) -> Exit:
    """Check ledger, digest, a fresh plan and the running tasks; 1 when anything differs."""
    from pipeline.usecases.orphans import known_units
    from pipeline.usecases.site import site_of
    from pipeline.usecases.verify import verify

    site = site_of(here)
    proofs = verify(site, known_units(units or [], site))
    for proof in proofs:
        here.out.say(f"{proof.unit}: {'verified' if proof.verified else 'DIFFERS'}")
        for fact in proof.held:
            here.out.say(f"  holds: {fact}")
    here.out.emit(
        {
            "units": [
                {
                    "unit": str(proof.unit),
                    "verified": proof.verified,
                    "holds": proof.held,
                    "differs": proof.wrong,
                    "drift": [change.model_dump(mode="json") for change in proof.drift],
                }
                for proof in proofs
            ]
        }
    )
    wrong = [Problem(f"{text}.", str(p.unit)) for p in proofs for text in p.wrong]
    if wrong:
        raise Failure("drift", *wrong)
    return Exit.OK
