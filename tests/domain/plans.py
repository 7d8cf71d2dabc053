"""Plans for tests: small documents as `terraform show -json` writes them, parsed and sealed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.domain.model import Plan, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.record import Reviewed, make_record, open_record

UNIT = UnitId("web", "prod")
IMAGE = "1.dkr.ecr.example/app:new"

ACTIONS: dict[str, list[str]] = {
    "create": ["create"],
    "update": ["update"],
    "delete": ["delete"],
    "replace": ["create", "delete"],
    "read": ["read"],
    "no-op": ["no-op"],
    "forget": ["forget"],
}


def change(
    address: str,
    action: str,
    before: Any = None,
    after: Any = None,
    unknown: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """One entry of resource_changes."""
    body = {"actions": ACTIONS[action], "before": before, "after": after}
    body |= {"after_unknown": unknown or {}}
    body |= {key: more.pop(key) for key in ("before_sensitive", "after_sensitive") if key in more}
    return {"address": address, "type": address.partition(".")[0], "change": body, **more}


def plan(
    *changes: dict[str, Any],
    drift: tuple[dict[str, Any], ...] = (),
    outputs: dict[str, Any] | None = None,
) -> Plan:
    """A parsed plan of these changes."""
    document = {
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "resource_drift": list(drift),
        "output_changes": outputs or {},
    }
    return parse_plan(document, UNIT, serial=7, lineage="line")


def record(of: Plan, name: str = "r1", image: str = "") -> Reviewed:
    """The plan sealed, stored and opened again, with a key that only this record has."""
    key = f"key of {name}".encode()
    made = make_record(
        of,
        key,
        id=name,
        head="a" * 40,
        base="b" * 40,
        digest="c" * 64,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        image=image,
    )
    return open_record(made.to_bytes(), key, id=name, unit=UNIT)
