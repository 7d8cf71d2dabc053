"""Which one record decides over an apply.

The newest valid record whose configuration is that of the commit to deploy. A record that came
after the approval is valid only where it says nothing that did not stand in what the approver
could see; records have keys of their own, so they are compared through the fresh plan's values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pipeline.domain.containment import Objects, exceeds, leftover
from pipeline.domain.coverage import cover, nothing_made
from pipeline.domain.hashing import UNKNOWN_LEAF, Hasher
from pipeline.domain.model import Action, Change, Leaf, Plan
from pipeline.domain.reading import Reading, read, sets
from pipeline.domain.record import FORMAT, Purpose, Reviewed


class Landed(Protocol):
    """What has to be known of a landing on the default branch."""

    @property
    def commit(self) -> str: ...
    @property
    def pull(self) -> int | None: ...
    @property
    def head(self) -> str: ...
    @property
    def reviewed(self) -> bool: ...
    @property
    def approved_at(self) -> datetime | None:
        """When the approval was given; None where a repository of one person needs none."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the record has to be for.

    ``dispatched`` are the ids of the records that a second person's dispatch named.
    """

    plan: Plan
    configuration: str
    base_ref: str
    landings: Sequence[Landed] = ()
    dispatched: frozenset[str] = frozenset()
    image: str = ""
    made: Callable[[str], bool] = nothing_made


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that does not decide, and the sentence why."""

    record: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The record that decides, None where there is none, and why others do not."""

    reviewed: Reviewed | None = None
    rejected: tuple[Rejected, ...] = ()


def decide(candidates: Iterable[Reviewed], wanted: Wanted) -> Decision:
    """Pick the newest valid record of exactly this configuration."""
    newest_first = sorted(candidates, key=lambda item: (item.record.time, item.record.id))[::-1]
    rejected: list[Rejected] = []
    for candidate in newest_first:
        why = named(candidate, wanted) or _invalid(candidate, newest_first, wanted)
        if not why:
            return Decision(candidate, tuple(rejected))
        rejected.append(Rejected(candidate.record.id, why))
    return Decision(None, tuple(rejected))


def named(candidate: Reviewed, wanted: Wanted, purpose: Purpose | None = None) -> str:
    """Why a record is not for this unit, configuration and purpose at all; "" when it is.

    Without ``purpose`` any that can decide over an apply will do; a destroy's never can.
    """
    record = candidate.record
    if record.format != FORMAT:
        return f"it is of format {record.format}, which knew too little"
    if record.unit != str(wanted.plan.unit):
        return f"it is of {record.unit}"
    if purpose is not None and record.purpose != purpose:
        return f"it was made for a {record.purpose}"
    if purpose is None and record.purpose == Purpose.DESTROY:
        return "it was made for a destroy"
    if record.configuration != wanted.configuration:
        return "it was planned with another configuration than the one to deploy"
    return ""


def _invalid(candidate: Reviewed, candidates: Sequence[Reviewed], wanted: Wanted) -> str:
    record = candidate.record
    if record.purpose == Purpose.REVIEW:
        return _not_dispatched(candidate, wanted)
    foreign = _foreign(candidate, wanted)
    if foreign:
        return foreign
    [landing] = [one for one in wanted.landings if one.pull == record.pull_request]
    siblings = _of(landing, candidates, wanted)
    stood = _stood(landing, siblings)
    if candidate is stood:
        return ""
    if stood is not None and siblings.index(candidate) < siblings.index(stood):
        return "a later plan of the same head was there when it was approved"
    others = [
        known
        for one in wanted.landings
        for known in [_stood(one, _of(one, candidates, wanted))]
        if known is not None
    ]
    others += [one for one in candidates if not _not_dispatched(one, wanted)]
    return _adds(candidate, others, wanted)


def _not_dispatched(candidate: Reviewed, wanted: Wanted) -> str:
    record = candidate.record
    if record.purpose != Purpose.REVIEW or record.id not in wanted.dispatched:
        return "nobody approved it by a dispatch that names it"
    unseen = [x for x in wanted.landings if not x.reviewed and x.commit not in record.landings]
    if unseen:
        return f"it does not stand for {unseen[0].commit[:7]}, which nobody reviewed"
    return ""


def _foreign(candidate: Reviewed, wanted: Wanted) -> str:
    """Why a record of a pull request or merge group belongs to no reviewed landing."""
    record = candidate.record
    mine = [one for one in wanted.landings if one.pull == record.pull_request]
    if record.pull_request is None or not mine:
        told = f"#{record.pull_request}" if record.pull_request else "no pull request"
        return f"it is of {told}, which is not among what landed since the last deployment"
    if not mine[0].reviewed:
        return f"#{record.pull_request} was not approved"
    if record.head != mine[0].head:
        return f"it is of {record.head[:7]}, but {mine[0].head[:7]} was merged"
    if record.base_ref != wanted.base_ref:
        return f"it was planned against {record.base_ref or 'no branch'}, not {wanted.base_ref}"
    return ""


def _of(landing: Landed, candidates: Sequence[Reviewed], wanted: Wanted) -> list[Reviewed]:
    """The records of a landing's head, oldest first, whatever their configuration."""
    return [
        one
        for one in reversed(candidates)
        if one.record.pull_request == landing.pull
        and one.record.format == FORMAT
        and one.record.unit == str(wanted.plan.unit)
        and one.record.purpose in (Purpose.PULL_REQUEST, Purpose.MERGE_GROUP)
        and not _foreign(one, wanted)
    ]


def _stood(landing: Landed, siblings: Sequence[Reviewed]) -> Reviewed | None:
    """The record that the approver could see: the newest before the approval, else the first."""
    if landing.approved_at is None:
        return siblings[-1] if siblings else None
    before = [one for one in siblings if one.record.time <= landing.approved_at]
    return before[-1] if before else next(iter(siblings), None)


# -- a record that came after the approval -----------------------------------------------------


def _adds(late: Reviewed, stood: Sequence[Reviewed], wanted: Wanted) -> str:
    """What a late record says and none of those that stood does; "" when it adds nothing.

    Where the fresh plan is not what it says, nothing can be compared, and another decides. Its
    verdict is no matter here: one that turned red after the approval decides, and stops.
    """
    shown = replace(late, record=late.record.model_copy(update={"verdict": "pass"}))
    if not cover(wanted.plan, shown, image=wanted.image, made=wanted.made).covered:
        return "it came after the approval, and it is not what would be applied now"
    for change in wanted.plan.changes:
        if change.action is Action.READ:
            continue
        if not any(_acts(change, one, wanted) for one in stood):
            return f"it came after the approval, and what it does to {change.address} is new"
        before = [reading for one in stood for reading in _readings(change, one, wanted)]
        now = _readings(change, late, wanted)
        for leaf in sets(change):
            if not _known(leaf, now, before, wanted.image):
                return f"it came after the approval, and {change.address} {leaf.path} is new in it"
    return ""


def _acts(change: Change, reviewed: Reviewed, wanted: Wanted) -> bool:
    objects = Objects(Hasher(reviewed.key, wanted.image), wanted.made)
    places = {recorded.place: recorded for recorded in reviewed.record.changes}
    recorded = places.get(change.place)
    if recorded is None:
        return not leftover(change, places.get((change.address, "")), objects)
    return not exceeds(change, recorded, objects)


def _readings(change: Change, reviewed: Reviewed, wanted: Wanted) -> list[Reading]:
    """What a record has of a change's place, read beside the fresh plan."""
    hasher = Hasher(reviewed.key, wanted.image)
    return [
        read(wanted.plan, change, recorded, hasher)
        for recorded in reviewed.record.changes
        if recorded.place == change.place
    ]


def _known(leaf: Leaf, late: Sequence[Reading], stood: Sequence[Reading], image: str) -> bool:
    """Whether a leaf stood so at the approval, or nobody could know it then.

    What was known then and is unknown in the late record could be anything now.
    """
    said = [(one, text) for one in stood for text in _says(leaf, one)]
    equal = any(
        text == one.value(leaf.path, leaf.after) for one, text in said if text != UNKNOWN_LEAF
    )
    if equal or (image and leaf.after == image):
        return True
    unknown_now = any(UNKNOWN_LEAF in _says(leaf, one) for one in late)
    if unknown_now and any(text != UNKNOWN_LEAF for _, text in said):
        return False
    return any(text == UNKNOWN_LEAF for _, text in said)


def _says(leaf: Leaf, reading: Reading) -> Iterator[str]:
    text = reading.says(leaf.path, leaf.after)
    if text is not None:
        yield text
