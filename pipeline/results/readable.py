"""Make a plan readable for its reviewer without showing a secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.domain.canonical import same
from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    UNKNOWN,
    Action,
    Change,
    JsonText,
    Leaf,
    LeafValue,
    Mark,
    Plan,
    Scalar,
    UnitId,
)
from pipeline.domain.secrets import SECRET_NAME, scrub
from pipeline.errors import Failure
from pipeline.results.schema import ChangeReport, LeafReport, PlanReport, ProblemReport

SENSITIVE = "(sensitive)"
KNOWN_LATER = "(known after apply)"


def plan_report(plan: Plan, digest: str = "", known: Iterable[str] = ()) -> PlanReport:
    """Make a plan readable without its secrets. ``known`` as in :func:`scrub`."""
    secrets = tuple(known)
    changes = [_change(c, secrets) for c in plan.changes if _shown(c)]
    return PlanReport(
        unit=str(plan.unit),
        digest=digest,
        terraform_version=plan.terraform_version,
        counts=dict(Counter(c.action for c in changes)),
        changes=changes,
        drift=[_change(c, secrets) for c in plan.drift if _put_right(c, plan)],
    )


def failed_plan(unit: UnitId, error: Failure, digest: str = "") -> PlanReport:
    """The report of a plan that did not come to be."""
    return PlanReport(unit=str(unit), digest=digest, error=ProblemReport.of(error))


def _shown(change: Change) -> bool:
    told = change.imported or change.previous_address is not None
    return told or change.action not in (Action.NO_OP, Action.READ)


def _put_right(drifted: Change, plan: Plan) -> bool:
    """Whether the plan undoes what was changed outside.

    Most of what Terraform calls drift is what AWS fills in by itself after an apply.
    """
    if drifted.action is Action.DELETE:
        return True
    planned = {x.path for c in plan.changes if c.address == drifted.address for x in _told(c)}
    return any(leaf.path in planned for leaf in drifted.leaves)


def _told(change: Change) -> list[Leaf]:
    """The leaves that differ, those with a known value first; a replace holds others, too."""
    differing = [leaf for leaf in change.leaves if not _silent(change, leaf)]
    return sorted(differing, key=lambda leaf: leaf.after is UNKNOWN)


def _silent(change: Change, leaf: Leaf) -> bool:
    """Whether a leaf tells nothing: equal, an empty part of something new, or a text whose leaves
    are told one by one."""
    sides = (leaf.before, leaf.after)
    opened = ABSENT in sides and any(isinstance(side, JsonText) for side in sides)
    hollow = change.action is Action.CREATE and leaf.after in (EMPTY_LIST, EMPTY_MAP)
    return opened or hollow or same(leaf.before, leaf.after)


def _change(change: Change, known: tuple[str, ...]) -> ChangeReport:
    return ChangeReport(
        address=change.address,
        action=change.action,
        type=change.type,
        reason=change.reason,
        previous_address=change.previous_address,
        imported=change.imported,
        leaves=[_leaf(leaf, known) for leaf in _told(change)],
    )


def _leaf(leaf: Leaf, known: tuple[str, ...]) -> LeafReport:
    hidden = leaf.sensitive or bool(SECRET_NAME.search(leaf.path))
    before, after = (_value(v, hidden, known) for v in (leaf.before, leaf.after))
    return LeafReport(
        path=leaf.path,
        before=before,
        after=after,
        sensitive=hidden or SENSITIVE in (before, after),
        unknown=leaf.after is UNKNOWN,
    )


def _value(value: LeafValue, hidden: bool, known: tuple[str, ...]) -> Scalar:
    if value is UNKNOWN:
        return KNOWN_LATER
    if isinstance(value, Mark):
        return None if value is ABSENT else str(value.value)
    if value is None:
        return None
    if hidden:
        return SENSITIVE
    if isinstance(value, str):
        text, found = scrub(value, known)
        # A value that is nothing but a secret is shown like one the provider marked.
        return SENSITIVE if found and text.startswith("(secret") and text.endswith(")") else text
    return value
