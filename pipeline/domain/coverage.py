"""Is everything that a fresh plan would do what was reviewed, and nothing left out?

One record decides. Its plan and the fresh plan must be the same, minus what is done already. The
configuration of both is the same, so addresses need no following; who chooses the record is
:mod:`pipeline.domain.decision`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.domain.containment import ANOTHER_OBJECT, Objects, exceeds, leftover
from pipeline.domain.equality import left_out, put_right, unreviewed
from pipeline.domain.hashing import Hasher
from pipeline.domain.model import Action, Change, Leaf, Plan
from pipeline.domain.reading import exists, read, sets
from pipeline.domain.record import FORMAT, SETS_NOTHING, RecordedChange, Reviewed


@dataclass(frozen=True, slots=True)
class Judgement:
    """One change of the fresh plan: whether it is covered, and if not, why and which leaves.

    ``uncovered`` are leaves that were never reviewed so; ``corrected`` is drift put right.
    """

    change: Change
    reason: str = ""
    uncovered: tuple[Leaf, ...] = ()
    corrected: tuple[Leaf, ...] = ()

    @property
    def covered(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that was reviewed and that the fresh plan lacks, in words."""

    address: str
    what: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The verdict on a plan. ``record`` is the id of the record that decided, "" without one.

    ``mismatches`` are sentences about the record as a whole: it decides nothing then.
    """

    judgements: tuple[Judgement, ...]
    missing: tuple[Missing, ...] = ()
    mismatches: tuple[str, ...] = ()
    record: str = ""

    @property
    def covered(self) -> bool:
        return not (self.uncovered or self.missing or self.mismatches)

    @property
    def uncovered(self) -> tuple[Judgement, ...]:
        """What was never reviewed."""
        return tuple(judgement for judgement in self.judgements if not judgement.covered)

    @property
    def corrected(self) -> tuple[Judgement, ...]:
        """Changes that put drift right; they are told though they need no review."""
        return tuple(judgement for judgement in self.judgements if judgement.corrected)


def nothing_made(identity: str) -> bool:
    """No apply has made anything since."""
    return False


def cover(
    plan: Plan,
    reviewed: Reviewed | None,
    *,
    image: str = "",
    made: Callable[[str], bool] = nothing_made,
) -> Coverage:
    """Judge a fresh plan by the one record that decides.

    ``reviewed=None``: only drift put right is covered. ``image`` is the image reference of the
    tree being deployed, "" where the stack takes none. ``made`` tells of an object's identity
    (:func:`pipeline.domain.plan.identity_of`) whether the ledger lists it as made by a covered
    apply since the record's plan.
    """
    mismatches = tuple(_mismatches(plan, reviewed)) if reviewed is not None else ()
    deciding = None if mismatches else reviewed
    corrected = put_right(plan)
    judgements = tuple(
        _judge(plan, change, deciding, image, made, corrected.get(change.place, ()))
        for change in plan.changes
    )
    missing = tuple(_missing(plan, deciding, image, made)) if deciding is not None else ()
    return Coverage(judgements, missing, mismatches, reviewed.record.id if reviewed else "")


def _mismatches(plan: Plan, reviewed: Reviewed) -> Iterator[str]:
    record = reviewed.record
    if record.format != FORMAT:
        yield f"The record is of format {record.format}, which knew too little to cover a plan."
        return
    pairs = (
        ("unit", record.unit, str(plan.unit)),
        ("account", record.account, plan.place.account),
        ("region", record.region, plan.place.region),
        ("content of the downloaded modules", record.modules, plan.place.modules),
    )
    for word, was, now in pairs:
        if was != now:
            yield f"The {word} was {was or 'none'} at the review and is {now or 'none'} now."
    if record.verdict != "pass":
        yield f"The checks of the record failed: {'; '.join(record.reasons) or 'no reason told'}."


def _judge(
    plan: Plan,
    change: Change,
    reviewed: Reviewed | None,
    image: str,
    made: Callable[[str], bool],
    corrected: tuple[Leaf, ...],
) -> Judgement:
    if change.action is Action.READ:
        return Judgement(change)
    only_drift = bool(corrected) and len(corrected) == len(sets(change))
    places = {item.place: item for item in reviewed.record.changes} if reviewed else {}
    recorded = places.get(change.place)
    reading = None
    if only_drift and not (change.previous_address or change.imported):
        return Judgement(change, corrected=corrected)
    if reviewed is None:
        reason = "no reviewed plan covers this"
    elif recorded is None:
        objects = Objects(Hasher(reviewed.key, image), made)
        reason = leftover(change, places.get((change.address, "")), objects)
        if not reason:
            return Judgement(change)
    else:
        objects = Objects(Hasher(reviewed.key, image), made)
        reason = exceeds(change, recorded, objects, only_drift=only_drift)
        reading = read(plan, change, recorded, objects.hasher)
    unlike = tuple(unreviewed(change, reading, image, corrected))
    if not reason and unlike:
        reason = f"{len(unlike)} of its values were never reviewed"
    return Judgement(change, reason, unlike, corrected)


def _missing(
    plan: Plan, reviewed: Reviewed, image: str, made: Callable[[str], bool]
) -> Iterator[Missing]:
    hasher = Hasher(reviewed.key, image)
    fresh = {change.place: change for change in plan.changes}
    for recorded in reviewed.record.changes:
        change = fresh.get(recorded.place)
        what = (
            _undone(plan, recorded, hasher, made)
            if change is None
            else _values(
                left_out(read(plan, change, recorded, hasher), plan.standing, exists=exists(change))
            )
        )
        if what:
            yield Missing(recorded.address, what)


def _values(count: int) -> str:
    return f"{count} of its reviewed values would not be so" if count else ""


def _undone(
    plan: Plan, recorded: RecordedChange, hasher: Hasher, made: Callable[[str], bool]
) -> str:
    """What is missing of a reviewed change that the plan does not have; "" when it is done."""
    live = None if recorded.deposed else plan.standing.get(recorded.address)
    if recorded.action in (Action.DELETE, Action.FORGET):
        return f"its {recorded.action} was reviewed, and it would stay" if live else ""
    if live is None:
        return f"its {recorded.action} was reviewed, and it would not be there"
    if recorded.action in SETS_NOTHING:  # it only moves or is imported
        known = hasher.identity(live.identity) == recorded.identity or made(live.identity)
        return "" if known else ANOTHER_OBJECT
    reading = read(plan, None, recorded, hasher)
    return _values(left_out(reading, plan.standing, exists=True))
