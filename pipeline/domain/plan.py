"""``terraform show -json`` of a plan into :class:`pipeline.domain.model.Plan`.

Source: Terraform's "JSON Output Format", plan representation (format 1.x).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.domain.canonical import differences, flatten
from pipeline.domain.model import Action, Change, Plan, UnitId

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


def parse_plan(
    document: Mapping[str, Any], unit: UnitId, serial: int = 0, lineage: str = ""
) -> Plan:
    """Read a plan document; unchanged addresses are left out unless they move or are imported.

    ``serial`` and ``lineage`` are the state's; plan JSON does not hold them. A create or replace
    has all leaves it sets, so that what is left of a half-finished replace is found again.
    Raises ValueError for an action that Terraform did not have when this was written.
    """
    resources = [_resource(item) for item in document.get("resource_changes") or []]
    drift = [_resource(item) for item in document.get("resource_drift") or []]
    changes = [*resources, *_outputs(document.get("output_changes") or {})]
    return Plan(
        unit=unit,
        changes=tuple(change for change in changes if _matters(change)),
        drift=tuple(change for change in drift if _matters(change)),
        terraform_version=str(document.get("terraform_version", "")),
        serial=serial,
        lineage=lineage,
    )


def _matters(change: Change) -> bool:
    return (
        change.action is not Action.NO_OP or change.previous_address is not None or change.imported
    )


def _resource(item: Mapping[str, Any]) -> Change:
    body = item["change"]
    reason = str(item.get("action_reason") or "")
    if item.get("deposed"):
        reason = f"deposed {item['deposed']}"
    return _change(
        item["address"],
        body,
        type_=str(item.get("type", "")),
        reason=reason,
        previous=item.get("previous_address"),
    )


def _outputs(outputs: Mapping[str, Any]) -> Iterator[Change]:
    for name, body in sorted(outputs.items()):
        yield _change(f"output.{name}", body, type_="output")


def _change(
    address: str,
    body: Mapping[str, Any],
    type_: str,
    reason: str = "",
    previous: str | None = None,
) -> Change:
    actions = tuple(body["actions"])
    action = _ACTIONS.get(actions)
    if action is None:
        raise ValueError(f"{address}: Terraform plans the unknown action {'+'.join(actions)}")
    before = flatten(body.get("before"), None, body.get("before_sensitive"))
    after = flatten(body.get("after"), body.get("after_unknown"), body.get("after_sensitive"))
    return Change(
        address=address,
        action=action,
        leaves=differences(before, after, everything=action is Action.REPLACE),
        previous_address=previous,
        type=type_,
        reason=reason,
        imported=bool(body.get("importing")),
    )
