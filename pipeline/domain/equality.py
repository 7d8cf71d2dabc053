"""Do the values end as they were reviewed: nothing else set, and nothing left out?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pipeline.domain.canonical import same
from pipeline.domain.containment import WHOLE
from pipeline.domain.hashing import UNKNOWN_LEAF
from pipeline.domain.model import ABSENT, Action, Change, Leaf, Plan, Standing
from pipeline.domain.reading import HOLLOW, Reading, sets
from pipeline.domain.record import SETS_NOTHING


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
    change: Change, reading: Reading | None, image: str, corrected: Collection[Leaf]
) -> Iterator[Leaf]:
    """The leaves that a change sets and nobody reviewed so.

    A leaf that is the ``image`` itself was reviewed as code. Where a text only contains it, the
    reference is taken out of both texts, so that nothing else can ride along.
    """
    for leaf in sets(change):
        if leaf in corrected or (image and leaf.after == image):
            continue
        if reading is None or not _said(leaf, reading):
            yield leaf


def _said(leaf: Leaf, reading: Reading) -> bool:
    said = reading.says(leaf.path, leaf.after)
    if said is None:
        # the reviewed object has no such leaf, so that it goes was reviewed
        return leaf.after is ABSENT and reading.recorded.action in WHOLE
    return said in (UNKNOWN_LEAF, reading.value(leaf.path, leaf.after))


def left_out(reading: Reading, standing: Mapping[str, Standing], *, exists: bool) -> int:
    """How many recorded leaves will not be so, neither by the plan nor already."""
    recorded = reading.recorded
    if recorded.action in SETS_NOTHING:
        return 0
    live = standing.get(recorded.address)
    leaves = live.leaves if live is not None else {}
    return reading.ends(leaves, recorded.leaves, exists=exists)
