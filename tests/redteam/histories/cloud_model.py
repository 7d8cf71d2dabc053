"""Terraform and the cloud in memory: plans as Terraform writes them, applies that can stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain.model import Action, Place, Plan, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.errors import failure

#: Values that begin so cannot be changed in place.
FIXED = "fixed"
TYPE = "aws_thing"
STATEFUL = "aws_s3_bucket"
PLACE = Place("123456789012", "ap-southeast-2", "")


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


@dataclass
class Thing:
    """An object of the cloud; ``applied`` is what Terraform set last."""

    id: str
    value: str
    applied: str


@dataclass
class Cloud:
    """What stands, by address, and how many objects were ever made."""

    things: dict[str, Thing] = field(default_factory=dict)
    made: int = 0
    serial: int = 1

    def plan(self, unit: UnitId, wanted: Mapping[str, str]) -> Plan:
        """The plan of a configuration against what stands."""
        return parse_plan(self.document(wanted), unit, self.serial, "lineage", place=PLACE)

    def document(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        """As ``terraform show -json`` describes it."""
        items, drift = [], []
        for address in sorted({*self.things, *wanted}):
            thing, value = self.things.get(address), wanted.get(address)
            before = None if thing is None else {"id": thing.id, "value": thing.value}
            items.append(_item(address, before, value))
            if thing is not None and thing.value != thing.applied:
                was = {"id": thing.id, "value": thing.applied}
                drift.append(_named(address, ["update"], was, before, {}))
        changes = [item for item in items if item["change"]["actions"] != ["no-op"]]
        return {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "applyable": bool(changes),
            "resource_changes": items,
            "resource_drift": drift,
        }

    def apply(self, plan: Plan, stop: int | None, kill: bool, seen: Callable[..., None]) -> None:
        """Do what a plan says, change by change; ``stop`` is after how many it fails or dies."""
        for number, change in enumerate(plan.changes):
            if number == stop:
                if kill:
                    raise Killed
                raise failure("terraform", "The apply failed half-way.")
            leaves = {leaf.path: leaf.after for leaf in change.leaves}
            value = leaves.get("/value")
            seen(change, value)
            if change.action is Action.DELETE:
                del self.things[change.address]
            elif change.action is Action.UPDATE:
                thing = self.things[change.address]
                thing.value = thing.applied = str(value)
            elif change.action in (Action.CREATE, Action.REPLACE):
                self.made += 1
                self.things[change.address] = Thing(f"i-{self.made}", str(value), str(value))
            self.serial += 1
        if stop is not None and stop >= len(plan.changes) and kill:
            raise Killed

    def state(self) -> dict[str, Any]:
        """The stored state (format 4)."""
        resources = [
            {
                "mode": "managed",
                "type": address.split(".")[0],
                "name": address.split(".")[1],
                "instances": [{"attributes": {"id": thing.id, "value": thing.value}}],
            }
            for address, thing in self.things.items()
        ]
        return {"version": 4, "serial": self.serial, "resources": resources}


def _item(address: str, before: dict[str, str] | None, value: str | None) -> dict[str, Any]:
    if before is None:
        return _named(address, ["create"], None, {"value": value}, {"id": True})
    if value is None:
        item = _named(address, ["delete"], before, None, {})
        return {**item, "action_reason": "delete_because_no_resource_config"}
    if before["value"] == value:
        return _named(address, ["no-op"], before, before, {})
    if value.startswith(FIXED) or before["value"].startswith(FIXED):
        return _named(address, ["delete", "create"], before, {"value": value}, {"id": True})
    return _named(address, ["update"], before, {**before, "value": value}, {})


def _named(
    address: str, actions: list[str], before: Any, after: Any, unknown: dict[str, bool]
) -> dict[str, Any]:
    kind, name = address.split(".")
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": change}
