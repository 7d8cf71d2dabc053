"""Make a plan readable for its reviewer without showing a secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pipeline.domain.canonical import same
from pipeline.domain.exact import Exact
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
    Standing,
    UnitId,
)
from pipeline.domain.secrets import scrub, secret_by_name
from pipeline.errors import Failure
from pipeline.results.encoded import opened
from pipeline.results.lists import aligned
from pipeline.results.schema import (
    ChangeReport,
    LeafReport,
    MarkOf,
    PlanReport,
    ProblemReport,
    WarningReport,
)

SENSITIVE = "(sensitive)"
KNOWN_LATER = "(known after apply)"


def plan_report(plan: Plan, digest: str = "", known: Iterable[str] = ()) -> PlanReport:
    """Make a plan readable without its secrets. ``known`` as in :func:`scrub`."""
    secrets = tuple(known)
    shown = [change for change in plan.changes if _shown(change)]
    changes = [_change(c, secrets, plan.standing) for c in shown]
    live = (c for c in changes if not c.is_output and not c.deposed)
    return PlanReport(
        unit=str(plan.unit),
        digest=digest,
        terraform_version=plan.terraform_version,
        counts=dict(Counter(c.action for c in live)),
        changes=changes,
        drift=[_change(c, secrets, {}) for c in plan.drift if _put_right(c, plan)],
        warnings=[
            WarningReport(sentence=scrub(w.message, secrets)[0], address=w.address)
            for w in plan.warnings
        ],
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
    mine = (c for c in plan.changes if c.place == drifted.place)
    planned = {x.path for c in mine for x in c.leaves if not same(x.before, x.after)}
    return any(leaf.path in planned for leaf in drifted.leaves)


def _told(change: Change, standing: Mapping[str, Standing]) -> list[Leaf]:
    """The leaves that differ, those with a known value first; a replace holds others, too."""
    differing: Sequence[Leaf] = [x for x in change.leaves if not same(x.before, x.after)]
    live = standing.get(change.address)
    if live and not change.deposed and change.action in (Action.UPDATE, Action.REPLACE):
        differing = aligned(differing, live.leaves)
    told = [leaf for leaf in differing if not _silent(change, leaf)]
    return sorted(told, key=lambda leaf: leaf.after is UNKNOWN)


def _silent(change: Change, leaf: Leaf) -> bool:
    """Whether a leaf tells nothing: an empty part of something new, or a text whose leaves are told
    one by one."""
    sides = (leaf.before, leaf.after)
    opened = ABSENT in sides and any(isinstance(side, JsonText) for side in sides)
    hollow = change.action is Action.CREATE and leaf.after in (EMPTY_LIST, EMPTY_MAP)
    return opened or hollow


def _change(
    change: Change, known: tuple[str, ...], standing: Mapping[str, Standing]
) -> ChangeReport:
    return ChangeReport(
        address=change.address,
        action=change.action,
        type=change.type,
        reason=change.reason,
        previous_address=change.previous_address,
        imported=change.imported,
        deposed=change.deposed,
        leaves=[_leaf(leaf, known) for leaf in _told(change, standing)],
    )


def _leaf(leaf: Leaf, known: tuple[str, ...]) -> LeafReport:
    before, after, encoded = leaf.before, leaf.after, ""
    hidden = [leaf.sensitive or secret_by_name(leaf.path, side) for side in (before, after)]
    if not any(hidden) and isinstance(before, str | Mark) and isinstance(after, str | Mark):
        before, after, encoded = opened(before, after)
    (old, old_mark), (new, new_mark) = (
        _value(v, hides, known) for v, hides in zip((before, after), hidden, strict=True)
    )
    return LeafReport(
        path=leaf.path,
        before=old,
        after=new,
        before_mark=old_mark,
        after_mark=new_mark,
        sensitive=leaf.sensitive or "sensitive" in (old_mark, new_mark),
        unknown=leaf.after is UNKNOWN,
        encoded=encoded,
    )


#: How a reader finds each value that is none, and the mark that says so.
_MARKS: dict[Mark, tuple[Scalar, MarkOf]] = {
    Mark.UNKNOWN: (KNOWN_LATER, "unknown"),
    Mark.ABSENT: (None, "unset"),
    Mark.NULL: ("null", "null"),
    Mark.EMPTY_LIST: ("[]", "empty-list"),
    Mark.EMPTY_MAP: ("{}", "empty-map"),
}


def _value(value: LeafValue, hidden: bool, known: tuple[str, ...]) -> tuple[Scalar, MarkOf]:
    """A value as it may be read, and its mark."""
    if isinstance(value, Mark):
        return _MARKS[value]
    if value is None:
        return _MARKS[Mark.ABSENT]
    if hidden:
        return SENSITIVE, "sensitive"
    if isinstance(value, Exact):
        return value.text, ""
    if isinstance(value, str):
        text, found = scrub(value, known)
        # A value that is nothing but a secret is shown like one the provider marked.
        if found and text.startswith("(secret") and text.endswith(")"):
            return SENSITIVE, "sensitive"
        return text, "" if text else "empty"
    return value, ""
