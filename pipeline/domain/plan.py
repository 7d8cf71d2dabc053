"""``terraform show -json`` of a plan into :class:`pipeline.domain.model.Plan`.

Source: Terraform's "JSON Output Format", plan representation (format 1.x). Read the text with
:func:`pipeline.domain.exact.loads`, so that no number is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.domain.canonical import Flat, canonical_value, differences, escape, flatten
from pipeline.domain.model import (
    UNKNOWN,
    Action,
    Change,
    Place,
    Plan,
    Standing,
    UnitId,
    Warned,
)

_ACTIONS: dict[tuple[str, ...], Action] = {
    ("no-op",): Action.NO_OP,
    ("read",): Action.READ,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
}

#: Actions after which an object may be gone.
ENDS = frozenset({Action.DELETE, Action.REPLACE, Action.FORGET})

#: What newer versions of Terraform apply beside the changes of resources and outputs.
_NOT_UNDERSTOOD = ("action_invocations", "deferred_changes", "deferred_action_invocations")

#: (type, path without indices) of attributes that are written and never read back.
WriteOnly = frozenset[tuple[str, str]]


def parse_plan(
    document: Mapping[str, Any],
    unit: UnitId,
    serial: int = 0,
    lineage: str = "",
    *,
    write_only: WriteOnly = frozenset(),
    place: Place = Place(),  # noqa: B008 - frozen
) -> Plan:
    """Read a plan document; unchanged addresses are left out unless they move or are imported.

    ``serial`` and ``lineage`` are the state's, ``place`` is the run's; plan JSON does not hold
    them. A create or replace has all leaves it sets, so that what is left of a half-finished
    replace is found again. ``write_only`` is taken from the provider's schema; plan JSON shows
    such attributes as null. Raises ValueError for an action that Terraform did not have when this
    was written: what is not understood must not be applied.
    """
    for name in _NOT_UNDERSTOOD:
        if document.get(name):
            raise ValueError(f"Terraform plans {name}, which nothing here can compare")
    items = document.get("resource_changes") or []
    resources = [_resource(item, write_only) for item in items]
    outputs = list(_outputs(document.get("output_changes") or {}))
    drift = [_resource(item, write_only) for item in document.get("resource_drift") or []]
    applyable = document.get("applyable")
    return Plan(
        unit=unit,
        changes=tuple(change for change, _ in (*resources, *outputs) if _told(change)),
        drift=tuple(change for change, _ in drift if _told(change)),
        terraform_version=str(document.get("terraform_version", "")),
        serial=serial,
        lineage=lineage,
        applyable=applyable if isinstance(applyable, bool) else None,
        standing=_standing([*resources, *outputs]),
        warnings=tuple(_warnings(document.get("checks") or [])),
        place=place,
    )


def identity_of(kind: str, values: Mapping[str, Any] | None) -> str:
    """Which object it is: its type with its ``id``, else its ``arn``; "" where it has neither."""
    for name in ("id", "arn"):
        value = (values or {}).get(name)
        if isinstance(value, str) and value:
            return f"{kind} {name} {value}"
    return ""


def _identity(kind: str, values: Any, action: Action) -> str:
    """As :func:`identity_of`; what is to end and has no name is told by all of its values."""
    if not isinstance(values, dict):
        return ""
    named = identity_of(kind, values)
    if named or action not in ENDS:
        return named
    return f"{kind} values {canonical_value(values)}"


def _told(change: Change) -> bool:
    return change.action is Action.READ or not change.idle


def _resource(item: Mapping[str, Any], write_only: WriteOnly) -> tuple[Change, Flat]:
    body = item["change"]
    kind = str(item.get("type", ""))
    address = item["address"]
    action = _action(address, body)
    before, after = _sides(body)
    if body.get("after") is not None:
        _unread(body, kind, write_only, action, after)
    importing = body.get("importing")
    change = Change(
        address=address,
        action=action,
        leaves=differences(before, after, everything=action is Action.REPLACE),
        previous_address=item.get("previous_address"),
        type=kind,
        reason=str(item.get("action_reason") or ""),
        imported=bool(importing),
        deposed=str(item.get("deposed") or ""),
        identity=_identity(kind, body.get("before"), action),
        import_id=canonical_value(importing) if importing else "",
    )
    return change, after


def _outputs(outputs: Mapping[str, Any]) -> Iterator[tuple[Change, Flat]]:
    for name, body in sorted(outputs.items()):
        address = f"output.{name}"
        action = _action(address, body)
        before, after = _sides(body)
        yield Change(address, action, differences(before, after), type="output"), after


def _action(address: str, body: Mapping[str, Any]) -> Action:
    actions = tuple(body["actions"])
    action = _ACTIONS.get(actions)
    if action is None:
        raise ValueError(f"{address}: Terraform plans the unknown action {'+'.join(actions)}")
    return action


def _sides(body: Mapping[str, Any]) -> tuple[Flat, Flat]:
    before = flatten(body.get("before"), None, body.get("before_sensitive"))
    after = flatten(body.get("after"), body.get("after_unknown"), body.get("after_sensitive"))
    return before, after


def _standing(found: Iterable[tuple[Change, Flat]]) -> dict[str, Standing]:
    """Live objects and outputs; what ends, deposed objects and data sources are none."""
    return {
        change.address: Standing(change.identity, after.leaves)
        for change, after in found
        if not change.deposed and change.action not in (Action.DELETE, Action.FORGET, Action.READ)
    }


# -- attributes that nobody can read back ---------------------------------------------------


def _unread(
    body: Mapping[str, Any], kind: str, write_only: WriteOnly, action: Action, after: Flat
) -> None:
    """Mark write-only attributes unknown where the change may write them.

    Known by the schema, or by the providers' custom of a ``NAME_wo_version`` beside ``NAME_wo``,
    whose change alone makes the provider write again.
    """
    again = action in (Action.CREATE, Action.REPLACE)
    for path, before in _written(body["after"], body.get("before"), "", kind, write_only):
        if again or before:
            after.leaves[path] = UNKNOWN


def _written(
    after: Any, before: Any, path: str, kind: str, write_only: WriteOnly
) -> Iterator[tuple[str, bool]]:
    """Paths of write-only attributes, and whether an update writes them again."""
    if isinstance(after, dict):
        was = before if isinstance(before, dict) else {}
        for key, value in after.items():
            below = f"{path}/{escape(key)}"
            version = f"{key}_version"
            versioned = key.endswith("_wo") and version in after
            if versioned and after[version] != was.get(version):
                yield below, True
            elif versioned or (kind, re.sub(r"/\[\d+\]", "", below)) in write_only:
                yield below, not versioned
            else:
                yield from _written(value, was.get(key), below, kind, write_only)
    elif isinstance(after, list):
        items = before if isinstance(before, list) else []
        for at, value in enumerate(after):
            item = items[at] if at < len(items) else None
            yield from _written(value, item, f"{path}/[{at}]", kind, write_only)


# -- checks -----------------------------------------------------------------------------------


def _warnings(checks: Iterable[Mapping[str, Any]]) -> Iterator[Warned]:
    """Failing conditions with their messages, and ``check`` blocks that nothing is known of yet."""
    for check in checks:
        address = check.get("address") or {}
        for instance in check.get("instances") or [check]:
            status = instance.get("status")
            where = (instance.get("address") or address).get("to_display", "")
            messages = [str(problem.get("message", "")) for problem in instance.get("problems", [])]
            if status in ("fail", "error"):
                yield from (Warned(where, message) for message in messages or ["It fails."])
            elif status == "unknown" and address.get("kind") == "check":
                yield Warned(where, "Whether it holds is known only after the apply.")
