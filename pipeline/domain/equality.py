"""Do the values end as they were reviewed: nothing else set, and nothing left out?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pipeline.domain.canonical import same
from pipeline.domain.containment import WHOLE
from pipeline.domain.hashing import UNKNOWN_LEAF, Hasher
from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    Action,
    Change,
    Leaf,
    LeafValue,
    Plan,
    Standing,
)
from pipeline.domain.record import SETS_NOTHING, RecordedChange, Reviewed

#: Providers write one of these and read back another; the object is the same.
HOLLOW: tuple[LeafValue, ...] = (ABSENT, EMPTY_LIST, EMPTY_MAP, "")


def sets(change: Change) -> tuple[Leaf, ...]:
    """The leaves that a change sets."""
    return () if change.action in SETS_NOTHING else change.leaves


def put_right(plan: Plan) -> dict[tuple[str, str], tuple[Leaf, ...]]:
    """For each change in place the leaves that go back to what was last applied."""
    drift = {(change.place, leaf.path): leaf for change in plan.drift for leaf in change.leaves}
    found: dict[tuple[str, str], tuple[Leaf, ...]] = {}
    for change in plan.changes:
        if change.action is Action.UPDATE:
            pairs = ((leaf, drift.get((change.place, leaf.path))) for leaf in change.leaves)
            back = [leaf for leaf, was in pairs if was is not None and same(was.before, leaf.after)]
            found[change.place] = (*back, *_emptied(change, back))
    return found


def _emptied(change: Change, back: Collection[Leaf]) -> Iterator[Leaf]:
    """Lists and maps that are empty again because what was in them goes; that is judged itself."""
    for leaf in change.leaves:
        if leaf.before is ABSENT and leaf.after in HOLLOW and leaf not in back:
            below = f"{leaf.path}/"
            if any(other.path.startswith(below) for other in change.leaves):
                yield leaf


def unreviewed(
    change: Change,
    recorded: RecordedChange | None,
    reviewed: Reviewed | None,
    image: str,
    corrected: Collection[Leaf],
) -> Iterator[Leaf]:
    """The leaves that a change sets and nobody reviewed so.

    A leaf that is the ``image`` itself was reviewed as code. Where a text only contains it, the
    reference is taken out of both texts, so that nothing else can ride along.
    """
    for leaf in sets(change):
        if leaf in corrected or (image and leaf.after == image):
            continue
        if reviewed is None or recorded is None or not _said(leaf, recorded, reviewed, image):
            yield leaf


def _said(leaf: Leaf, recorded: RecordedChange, reviewed: Reviewed, image: str) -> bool:
    said = reviewed.says(recorded, leaf.path)
    if said is None:
        # the reviewed object has no such leaf, so that it goes was reviewed
        return leaf.after is ABSENT and recorded.action in WHOLE
    value = Hasher(reviewed.key, image).value(leaf.path, leaf.after)
    return said in (UNKNOWN_LEAF, value)


def left_out(
    recorded: RecordedChange,
    hasher: Hasher,
    standing: Mapping[str, Standing],
    *,
    exists: bool,
) -> int:
    """How many recorded leaves will not be so, neither by the plan nor already.

    ``exists``: the object is there already, and what a provider reads back as nothing may be any
    kind of nothing.
    """
    if recorded.action in SETS_NOTHING:
        return 0
    live = standing.get(recorded.address)
    leaves = live.leaves if live is not None else {}
    values = {hasher.path(path): value for path, value in leaves.items()}
    return sum(
        not _ends(place, said, values.get(place, ABSENT), hasher, exists)
        for place, said in recorded.leaves.items()
    )


def _ends(place: str, said: str, value: LeafValue, hasher: Hasher, exists: bool) -> bool:
    if said in (UNKNOWN_LEAF, hasher.value_at(place, value)):
        return True
    if not exists or value not in HOLLOW:
        return False
    return any(said == hasher.value_at(place, nothing) for nothing in HOLLOW)
