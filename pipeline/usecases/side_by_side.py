"""Several units at once, one for each processor: each mostly waits for its own Terraform."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipeline.adapters.terraform_process import interrupts
from pipeline.domain.model import UnitId
from pipeline.usecases.site import Site

Result = TypeVar("Result")

#: A plan takes two thirds of a gigabyte; more at once than this gains little and may not fit.
MOST = 4


def side_by_side(
    site: Site, doing: str, units: list[UnitId], work: Callable[[UnitId], Result]
) -> list[Result]:
    """``work`` of every unit, in the units' order; ``doing`` says what, for the progress shown.

    What one raises is raised here, after the units under way have ended; the rest is not begun.
    """
    if not units:
        return []
    named = str(units[0]) if len(units) == 1 else f"{len(units)} units"
    with site.out.step(f"{doing} {named}"), interrupts():
        pool = ThreadPoolExecutor(min(len(units), os.cpu_count() or 1, MOST))
        try:
            return list(pool.map(work, units))
        finally:
            pool.shutdown(cancel_futures=True)
