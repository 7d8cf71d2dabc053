"""Is everything that a fresh plan would do covered by what was reviewed?

The rules are those of the design's section "Coverage, exactly". Records come in merge order. A
record's leaves can only be compared with the record's own key, so each fresh leaf is hashed once
for each record that has a say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain.canonical import same
from pipeline.domain.model import ABSENT, Action, Change, Leaf, Plan
from pipeline.domain.record import (
    SETS_NOTHING,
    UNKNOWN_LEAF,
    Hasher,
    RecordedChange,
    Reviewed,
)

#: What a reviewed action contains: doing less than was reviewed is what a retry does.
CONTAINS: dict[Action, frozenset[Action]] = {
    Action.CREATE: frozenset({Action.CREATE}),
    Action.UPDATE: frozenset({Action.UPDATE}),
    Action.DELETE: frozenset({Action.DELETE}),
    Action.FORGET: frozenset({Action.FORGET}),
    Action.REPLACE: frozenset({Action.REPLACE, Action.DELETE, Action.CREATE}),
    Action.READ: frozenset(),
    Action.NO_OP: frozenset(),
}

#: Changes nothing in the cloud.
HARMLESS = frozenset({Action.READ, Action.NO_OP})

#: Terraform's reason to replace an object whose creation did not end (JSON Output Format,
#: ``action_reason``): an interrupt or an error came while the provider made it.
TAINTED = "replace_because_tainted"

#: Records of these have every leaf that they set, so a leaf that is not there is not set.
WHOLE = frozenset({Action.CREATE, Action.REPLACE})

#: Reviewed actions that leave open whether there was ever a finished object.
MAKING = frozenset({Action.CREATE, Action.DELETE})


@dataclass(frozen=True, slots=True)
class Judgement:
    """One change: whether it is covered, by which records, and if not, why and which leaves."""

    change: Change
    covered: bool
    reason: str = ""
    uncovered: tuple[Leaf, ...] = ()
    evidence: tuple[str, ...] = ()
    corrected: tuple[Leaf, ...] = ()  # drift that is put right


@dataclass(frozen=True, slots=True)
class Coverage:
    """The verdict on a plan."""

    judgements: tuple[Judgement, ...]

    @property
    def covered(self) -> bool:
        return all(judgement.covered for judgement in self.judgements)

    @property
    def uncovered(self) -> tuple[Judgement, ...]:
        """What was never reviewed."""
        return tuple(judgement for judgement in self.judgements if not judgement.covered)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids of the records that cover the plan, for the ledger."""
        return tuple(sorted({id for judgement in self.judgements for id in judgement.evidence}))

    @property
    def corrected(self) -> tuple[Judgement, ...]:
        """Changes that put drift right; they are told though they need no review."""
        return tuple(judgement for judgement in self.judgements if judgement.corrected)


Said = tuple[Reviewed, RecordedChange]


def cover(plan: Plan, reviewed: Sequence[Reviewed], image: str = "") -> Coverage:
    """Judge a fresh plan by the records of merged pull requests, oldest merge first.

    ``image`` is the image reference of the tree being deployed, "" where the stack takes none.
    """
    said: dict[str, list[Said]] = {}
    for address, item in _followed(plan, reviewed):
        said.setdefault(address, []).append(item)
    drift = {(change.address, leaf.path): leaf for change in plan.drift for leaf in change.leaves}
    return Coverage(
        tuple(_judge(change, said.get(change.address, []), drift, image) for change in plan.changes)
    )


def _followed(plan: Plan, reviewed: Sequence[Reviewed]) -> Iterable[tuple[str, Said]]:
    """Recorded changes under the address they have in the fresh plan.

    Later records and the fresh plan itself may move an address; one step for each of them.
    """
    moves = [_moves(item.record.changes) for item in reviewed]
    moves.append(_moves(plan.changes))
    for position, item in enumerate(reviewed):
        for change in item.record.changes:
            address = change.address
            for step in moves[position + 1 :]:
                address = step.get(address, address)
            yield address, (item, change)


def _moves(changes: Iterable[Change | RecordedChange]) -> dict[str, str]:
    return {c.previous_address: c.address for c in changes if c.previous_address}


def _judge(
    change: Change, said: list[Said], drift: dict[tuple[str, str], Leaf], image: str
) -> Judgement:
    if change.action in HARMLESS:
        return Judgement(change, covered=True)
    leaves = () if change.action in SETS_NOTHING else change.leaves
    corrected = tuple(leaf for leaf in leaves if _puts_right(change, leaf, drift))
    evidence: dict[str, None] = {}
    uncovered = []
    for leaf in leaves:
        if leaf in corrected or _is_image(leaf, image):
            continue
        by = _covered_by(leaf, said, image, tainted=change.reason == TAINTED)
        if by is None:
            uncovered.append(leaf)
        else:
            evidence[by] = None
    acting = [item for item, recorded in said if change.action in CONTAINS[recorded.action]]
    if _finishes(change, said):
        acting += [item for item, recorded in said if recorded.action is Action.CREATE]
    only_drift = bool(corrected) and len(corrected) == len(leaves)
    evidence.update(dict.fromkeys(item.record.id for item in acting[-1:]))
    reason = ""
    if not acting and not only_drift:
        reason = _why_not(change, said)
    elif uncovered:
        reason = f"{len(uncovered)} of its values were never reviewed"
    return Judgement(
        change,
        covered=not reason,
        reason=reason,
        uncovered=tuple(uncovered) if reason else (),
        evidence=() if reason else tuple(evidence),
        corrected=corrected,
    )


def _finishes(change: Change, said: list[Said]) -> bool:
    """Whether the change makes again what a reviewed create began and did not end.

    The address was free when its create was reviewed, so the tainted object is that create's half.
    A record that says anything else found a finished object, and replacing one is no retry.
    """
    reviewed = {recorded.action for _, recorded in said}
    return change.action is Action.REPLACE and change.reason == TAINTED and reviewed <= MAKING


def _puts_right(change: Change, leaf: Leaf, drift: dict[tuple[str, str], Leaf]) -> bool:
    """Whether the leaf goes back to what was last applied, in place."""
    if change.action is not Action.UPDATE:
        return False
    was = drift.get((change.address, leaf.path))
    return was is not None and same(was.before, leaf.after)


def _is_image(leaf: Leaf, image: str) -> bool:
    """Whether the leaf is the image of the tree being deployed: reviewed as code.

    A leaf that only contains it is compared with the reference taken out of both texts, so that
    nothing else can ride along.
    """
    return bool(image) and leaf.after == image


def _covered_by(leaf: Leaf, said: list[Said], image: str, tainted: bool) -> str | None:
    """The id of the record that covers the leaf: the most recent one that contains it decides.

    A ``tainted`` object has more than was reviewed, such as "" where the provider reads back what
    was never set. That this goes was reviewed where the new object was.
    """
    for item, recorded in reversed(said):
        known = item.decides(recorded, leaf.path)
        if known is None:
            if tainted and leaf.after is ABSENT and recorded.action in WHOLE:
                return item.record.id
            continue
        if known == UNKNOWN_LEAF or known == Hasher(item.key, image).value(leaf.path, leaf.after):
            return item.record.id
        return None
    return None


def _why_not(change: Change, said: list[Said]) -> str:
    if not said:
        return "no reviewed plan touches this address"
    actions = " and ".join(dict.fromkeys(recorded.action for _, recorded in said))
    return f"reviewed was {actions}, but this is {change.action}"
