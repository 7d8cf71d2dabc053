"""Values that can never be as they were reviewed, because every plan makes them anew."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.domain.equality import unreviewed
from pipeline.domain.model import ABSENT, UNKNOWN, Action, Plan
from pipeline.domain.record import Reviewed

#: Functions whose result is known at plan and differs at each (Terraform's documentation of
#: ``plantimestamp``; ``timestamp``, ``uuid`` and ``bcrypt`` are unknown until the apply).
EACH_PLAN = ("plantimestamp",)

_CALL = re.compile(rf"(?<![\w.])(?:core::)?({'|'.join(EACH_PLAN)})\s*\(")
_COMMENT = re.compile(r"^\s*(#|//)")


@dataclass(frozen=True, slots=True)
class Perpetual:
    """A leaf of an address that differs at every plan."""

    address: str
    path: str


def clock_calls(text: str) -> tuple[tuple[int, str], ...]:
    """Lines of Terraform text, from 1, that call what differs at each plan, with its name.

    Told beforehand, so a call in a text or behind a comment's start may be named, too.
    """
    return tuple(
        (number, found[1])
        for number, line in enumerate(text.splitlines(), 1)
        if not _COMMENT.match(line)
        for found in _CALL.finditer(line)
    )


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
    return tuple(
        Perpetual(change.address, leaf.path)
        for change in plan.changes
        if (recorded := places.get(change.place)) is not None
        and recorded.action is change.action is not Action.DELETE
        for leaf in unreviewed(change, recorded, reviewed, image, ())
        if leaf.after not in (UNKNOWN, ABSENT) and reviewed.says(recorded, leaf.path) is not None
    )
