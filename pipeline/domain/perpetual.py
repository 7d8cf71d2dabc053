"""Values that can never be as they were reviewed, because every plan makes them anew."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.equality import unreviewed
from pipeline.domain.hashing import Hasher
from pipeline.domain.model import ABSENT, UNKNOWN, Action, Plan
from pipeline.domain.reading import read
from pipeline.domain.record import Reviewed


@dataclass(frozen=True, slots=True)
class Perpetual:
    """A leaf of an address that differs at every plan."""

    address: str
    path: str


def differs_at_every_plan(plan: Plan, reviewed: Reviewed, image: str = "") -> tuple[Perpetual, ...]:
    """Leaves that a plan of the same configuration and the same state sets to another value.

    Nothing was changed between the two plans, so a third will differ as well, and no review of it
    can succeed. Empty where configuration or state are not known to be the same: the caller
    compares the configuration, here the state's serial and lineage are compared.
    """
    record = reviewed.record
    if (record.serial, record.lineage) != (plan.serial, plan.lineage) or not record.lineage:
        return ()
    places = {recorded.place: recorded for recorded in record.changes}
    hasher = Hasher(reviewed.key, image)
    readings = [
        (change, read(plan, change, recorded, hasher))
        for change in plan.changes
        if (recorded := places.get(change.place)) is not None
        and recorded.action is change.action is not Action.DELETE
    ]
    return tuple(
        Perpetual(change.address, leaf.path)
        for change, reading in readings
        for leaf in unreviewed(change, reading, image, ())
        if leaf.after not in (UNKNOWN, ABSENT) and reading.says(leaf.path, leaf.after) is not None
    )
