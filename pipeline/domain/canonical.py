"""Values of plans in canonical form: leaves with JSON pointers (RFC 6901) as paths.

* A string that holds a JSON object or array is parsed and its leaves count one by one.
* Null, empty and absent are the same: not set.
* Numbers are decimals, so 1, 1.0 and 1e0 are one value.
* Lists keep the order in which Terraform writes them. Plan JSON does not mark sets, but Terraform
  writes the elements of a set in an order that only their values decide (go-cty, ``set.Rules``),
  so equal sets have equal leaves; sorting every list would hide a real reordering of a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.domain.model import ABSENT, UNKNOWN, Leaf, LeafValue


@dataclass(slots=True)
class Flat:
    """One side of a change: leaves by path, and the source of strings that were parsed."""

    leaves: dict[str, LeafValue] = field(default_factory=dict)
    parsed: dict[str, str] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)  # paths; everything below is sensitive, too


def flatten(value: Any, unknown: Any = None, sensitive: Any = None) -> Flat:
    """Canonical leaves of a value with Terraform's ``*_unknown`` and ``*_sensitive`` marks."""
    flat = Flat()
    _walk(value, unknown, "", flat)
    flat.sensitive = set(_true_paths(sensitive, ""))
    return flat


def _walk(value: Any, unknown: Any, path: str, flat: Flat) -> None:
    if unknown is True:
        flat.leaves[path] = UNKNOWN
        return
    if isinstance(value, str):
        opened = _open_json(value)
        if opened is None:
            flat.leaves[path] = value
        else:
            flat.parsed[path] = value
            _walk(opened, None, path, flat)
    elif isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
        items = value or {}
        marks = unknown if isinstance(unknown, dict) else {}
        for key in sorted({*items, *marks}):
            _walk(items.get(key), marks.get(key), f"{path}/{escape(key)}", flat)
    elif isinstance(value, list) or (value is None and isinstance(unknown, list)):
        values = value or []
        seq = unknown if isinstance(unknown, list) else []
        for at in range(max(len(values), len(seq))):
            item = values[at] if at < len(values) else None
            _walk(item, seq[at] if at < len(seq) else None, f"{path}/{at}", flat)
    elif value is not None:
        flat.leaves[path] = value


def _open_json(text: str) -> Any:
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        return None
    try:
        return json.loads(text) or None  # "{}" and "[]" stay strings: nothing to open
    except (ValueError, RecursionError):
        return None


def _true_paths(marks: Any, path: str) -> Iterator[str]:
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for key, mark in marks.items():
            yield from _true_paths(mark, f"{path}/{escape(key)}")
    elif isinstance(marks, list):
        for at, mark in enumerate(marks):
            yield from _true_paths(mark, f"{path}/{at}")


def escape(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def ancestors(path: str) -> Iterator[str]:
    """The path itself, then its parents up to the root ``""``."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def same(one: LeafValue, other: LeafValue) -> bool:
    """Equality of leaves by canonical text: True is not 1, 1.0 is 1."""
    return canonical(one) == canonical(other)


def canonical(value: LeafValue) -> str:
    """The text that is hashed for a leaf; distinct for distinct values and kinds."""
    if value is ABSENT or value is None:
        return "absent"
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, bool):
        return f"bool:{value}"
    if isinstance(value, str):
        return f"string:{value}"
    number = Decimal(str(value))
    return f"number:{number.normalize() if number else Decimal(0)}"


def differences(before: Flat, after: Flat, *, everything: bool = False) -> tuple[Leaf, ...]:
    """The leaves that differ; with ``everything`` also those that ``after`` sets unchanged."""
    unknown = {path for path, value in after.leaves.items() if value is UNKNOWN}
    found: list[Leaf] = []

    def add(path: str, old: LeafValue, new: LeafValue) -> None:
        hidden = any(p in before.sensitive or p in after.sensitive for p in ancestors(path))
        found.append(Leaf(path, old, new, hidden))

    for path in sorted({*before.leaves, *after.leaves}):
        old = before.leaves.get(path, ABSENT)
        new = after.leaves.get(path, ABSENT)
        if path not in after.leaves and any(p in unknown for p in ancestors(path)):
            continue  # lies within something that is known only after apply
        if not same(old, new) or (everything and path in after.leaves):
            add(path, old, new)
    for path in sorted(before.parsed.keys() & after.parsed.keys()):
        below = (leaf.path == path or leaf.path.startswith(f"{path}/") for leaf in found)
        if before.parsed[path] != after.parsed[path] and not any(below):
            add(path, before.parsed[path], after.parsed[path])  # only its spelling differs
    return tuple(found)
