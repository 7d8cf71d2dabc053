"""Plans for tests: small documents as `terraform show -json` writes them, parsed and sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from pipeline.domain.model import Place, Plan, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.record import Purpose, RecordFacts, Reviewed

UNIT = UnitId("web", "prod")
IMAGE = "1.dkr.ecr.example/app:new"
PLACE = Place("1", "ap-southeast-2", "modules")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

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
    """One entry of resource_changes; without an id of its own the object's is ``i-1``."""
    body = {"actions": ACTIONS[action], "before": before, "after": after}
    body |= {"after_unknown": unknown or {}}
    inner = ("before_sensitive", "after_sensitive", "importing")
    body |= {key: more.pop(key) for key in inner if key in more}
    return {"address": address, "type": address.partition(".")[0], "change": body, **more}


def keep(address: str, values: Any, **more: Any) -> dict[str, Any]:
    """The entry of an object that nothing changes."""
    return change(address, "no-op", values, values, **more)


def plan(
    *changes: dict[str, Any],
    drift: tuple[dict[str, Any], ...] = (),
    outputs: dict[str, Any] | None = None,
    place: Place = PLACE,
    **more: Any,
) -> Plan:
    """A parsed plan of these changes."""
    document = {
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "resource_drift": list(drift),
        "output_changes": outputs or {},
        **more,
    }
    return parse_plan(document, UNIT, serial=7, lineage="line", place=place)


def output(action: str, before: Any = None, after: Any = None, unknown: Any = False) -> Any:
    """One entry of output_changes."""
    body = {"actions": ACTIONS[action], "before": before, "after": after}
    return body | {"after_unknown": unknown}


def facts(name: str = "r1", minutes: int = 0, **more: Any) -> RecordFacts:
    """What a record of pull request 1 says beside its plan; ``minutes`` after noon."""
    said: dict[str, Any] = {
        "id": name,
        "purpose": Purpose.PULL_REQUEST,
        "pull_request": 1,
        "head": "a" * 40,
        "base_ref": "main",
        "configuration": "c" * 64,
        "time": NOON + timedelta(minutes=minutes),
        "verdict": "pass",
    }
    return RecordFacts(**(said | more))


def record(of: Plan, name: str = "r1", image: str = "", **more: Any) -> Reviewed:
    """The plan sealed, stored and opened again, with a key that only this record has.

    The module is looked up anew, since the mutation test puts broken ones in its place.
    """
    key = f"key of {name}".encode()
    module = import_module("pipeline.domain.record")
    made = module.make_record(of, key, facts(name, **more), image)
    opened: Reviewed = module.open_record(made.to_bytes(), key, id=name, unit=of.unit)
    return opened
