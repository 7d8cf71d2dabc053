"""The resources of one or more plans, with the values that tie them together. No I/O.

A plan of an estate that exists knows every id and ARN, so a reference is a value that two resources
share. (A first plan knows none: what it holds of references is "known after apply".)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Plan = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One managed resource of a plan; ``values`` as Terraform would store them."""

    stack: str
    address: str
    type: str
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """An attribute as text; empty when it is not set."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def first(self, name: str) -> Mapping[str, Any]:
        """The first block of a kind; empty when there is none."""
        blocks = self.values.get(name) or []
        return blocks[0] if blocks else {}

    def tag(self, name: str) -> str:
        return str((self.values.get("tags_all") or {}).get(name, ""))


@dataclass(frozen=True, slots=True)
class Statement:
    """An Allow of a policy: what it admits on which ARNs, and whom where the policy says so."""

    actions: tuple[str, ...]
    targets: tuple[str, ...]
    principals: tuple[str, ...]


class Resources:
    """All resources, by type and by what they are called."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        """``plans`` by the name of their stack. Raises ValueError on a plan of nothing."""
        self.all = [
            Resource(stack, item["address"], item["type"], item["values"])
            for stack, plan in plans.items()
            for item in _walk((plan.get("planned_values") or {}).get("root_module") or {})
        ]
        unknown = [item.address for item in self.all if not item.values.get("id")]
        if unknown or not self.all:
            raise ValueError(
                f"the plan does not know the id of {unknown[0] if unknown else 'anything'}: "
                "take a plan of a workspace that is applied"
            )

    def of(self, *types: str) -> list[Resource]:
        """Those of these types, in the order of their addresses."""
        found = [item for item in self.all if item.type in types]
        return sorted(found, key=lambda item: (item.stack, item.address))

    def called(self, kind: str, value: Any) -> Resource | None:
        """The one of a type that has this id, ARN or name."""
        for name in ("id", "arn", "name"):
            for item in self.of(kind):
                if value and item.values.get(name) == value:
                    return item
        return None


def statements(policy: str) -> list[Statement]:
    """What a policy document allows; nothing of an empty one."""
    found = []
    for item in _list((json.loads(policy) if policy else {}).get("Statement")):
        if item["Effect"] != "Allow":
            continue
        who = item.get("Principal") or {}
        named = who.values() if isinstance(who, dict) else [who]
        found.append(
            Statement(
                actions=tuple(_list(item.get("Action"))),
                targets=tuple(_list(item.get("Resource"))),
                principals=tuple(name for names in named for name in _list(names)),
            )
        )
    return found


def _walk(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in module.get("resources") or []:
        if item["mode"] == "managed":
            yield item
    for child in module.get("child_modules") or []:
        yield from _walk(child)


def _list(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
