"""What a stored state knows (Terraform's state snapshot, format 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stored:
    """A live object of a state: neither a data source nor deposed."""

    address: str
    kind: str
    attributes: Mapping[str, Any]


def live(state: Mapping[str, Any]) -> Iterator[Stored]:
    """Every live object; nothing of an empty state."""
    for resource in state.get("resources") or []:
        if resource.get("mode") != "managed":
            continue
        kind = str(resource["type"])
        module = resource.get("module")
        head = f"{module}.{kind}.{resource['name']}" if module else f"{kind}.{resource['name']}"
        for instance in resource.get("instances") or []:
            if not instance.get("deposed"):
                key = _key(instance.get("index_key"))
                yield Stored(head + key, kind, instance.get("attributes") or {})


def _key(index: int | str | None) -> str:
    """The key as addresses quote it (internal/addrs, ``toHCLQuotedString``)."""
    if index is None:
        return ""
    if isinstance(index, int):
        return f"[{index}]"
    quoted = json.dumps(index, ensure_ascii=False)
    return f"[{quoted.replace('${', '$${').replace('%{', '%%{')}]"
