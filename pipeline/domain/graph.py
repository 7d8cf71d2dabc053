"""The modules of a unit as a graph, from a plan's configuration. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_MODULE = re.compile(r"^module\.([^.\[]+)")
ROOT = "root"


def module_of(address: str) -> str:
    """The outermost module call of an address, ``root`` for the stack itself."""
    found = _MODULE.match(address)
    return found[1] if found else ROOT


def edges(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs (giver, taker) of module calls, from the references in their arguments."""
    calls = ((plan.get("configuration") or {}).get("root_module") or {}).get("module_calls") or {}
    found = {
        (match[1], name)
        for name, call in calls.items()
        for reference in _references(call.get("expressions"))
        if (match := _MODULE.match(reference)) and match[1] != name
    }
    return sorted(found)


def modules(plan: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """Managed resources by module and type, before or after."""
    found: dict[str, Counter[str]] = {}
    for change in plan.get("resource_changes") or []:
        if change.get("mode") == "managed":
            found.setdefault(module_of(change["address"]), Counter())[change["type"]] += 1
    return found


def layers(names: list[str], links: list[tuple[str, str]]) -> list[list[str]]:
    """Columns for drawing: a module stands right of everything it takes from.

    References may go both ways between two modules; a link that would close a circle is not
    counted for the position.
    """
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for giver, taker in links:
            if giver in depth and taker in depth and (taker, giver) not in links:
                depth[taker] = min(max(depth[taker], depth[giver] + 1), len(names) - 1)
    columns = sorted(set(depth.values()))
    return [sorted(name for name in names if depth[name] == column) for column in columns]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value.get("references") or []
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
