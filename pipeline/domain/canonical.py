"""Values of plans in canonical form: leaves by path.

* A string that holds a JSON object or array is opened and its leaves count one by one.
* Null and absent are the same, except in lists and in JSON texts, where null takes a place.
* An empty list, an empty map, an empty string and nothing are four values.
* Numbers are exact and of any size; 1, 1.0 and 1e0 are one value.
* Lists keep the order in which Terraform writes them. Plan JSON does not mark sets, but Terraform
  writes the elements of a set in an order that only their values decide (go-cty, ``set.Rules``),
  so equal sets have equal leaves; sorting every list would hide a real reordering of a list.
  Only what is unknown in a set moves when it becomes known: :mod:`pipeline.domain.reading`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain.exact import Exact, number_text, open_text
from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    NULL,
    UNKNOWN,
    JsonText,
    Leaf,
    LeafValue,
    Mark,
)

#: JSON within JSON within JSON: so often a string is opened, and no more.
OPENED = 3

#: These hold nothing, so something below them takes their place.
HOLLOW = (EMPTY_LIST, EMPTY_MAP)


@dataclass(slots=True)
class Flat:
    """One side of a change: leaves by path, and which of them are sensitive."""

    leaves: dict[str, LeafValue] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)  # paths; everything below is sensitive, too


def flatten(value: Any, unknown: Any = None, sensitive: Any = None) -> Flat:
    """Canonical leaves of a value with Terraform's ``*_unknown`` and ``*_sensitive`` marks."""
    flat = Flat()
    _walk(value, unknown, "", flat.leaves, 0)
    flat.sensitive = set(_true_paths(sensitive, ""))
    return flat


def _walk(value: Any, unknown: Any, path: str, leaves: dict[str, LeafValue], opened: int) -> None:
    """``opened`` counts the JSON strings around the value."""
    if unknown is True:
        leaves[path] = UNKNOWN
    elif isinstance(value, str):
        inner = open_text(value) if opened < OPENED else None
        leaves[path] = value if inner is None else JsonText(value)
        if inner is not None:
            _items(inner, None, path, leaves, opened + 1)
    elif isinstance(value, dict | list) or (value is None and isinstance(unknown, dict | list)):
        _items(value, unknown, path, leaves, opened)
    elif value is not None:
        leaves[path] = value
    elif opened:
        leaves[path] = NULL


def _items(value: Any, unknown: Any, path: str, leaves: dict[str, LeafValue], opened: int) -> None:
    before = len(leaves)
    if isinstance(value, list) or (value is None and isinstance(unknown, list)):
        values: list[Any] = value or []
        marks: list[Any] = unknown if isinstance(unknown, list) else []
        for at in range(max(len(values), len(marks))):
            below = f"{path}/[{at}]"
            count = len(leaves)
            _walk(_at(values, at), _at(marks, at), below, leaves, opened)
            if at < len(values) and len(leaves) == count:
                leaves[below] = NULL
    else:
        keyed = value or {}
        named = unknown if isinstance(unknown, dict) else {}
        for key in sorted({*keyed, *named}):
            _walk(keyed.get(key), named.get(key), f"{path}/{escape(key)}", leaves, opened)
    if value is not None and len(leaves) == before:
        leaves[path] = EMPTY_LIST if isinstance(value, list) else EMPTY_MAP


def _at(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else None


def _true_paths(marks: Any, path: str) -> Iterator[str]:
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for key, mark in marks.items():
            yield from _true_paths(mark, f"{path}/{escape(key)}")
    elif isinstance(marks, list):
        for at, mark in enumerate(marks):
            yield from _true_paths(mark, f"{path}/[{at}]")


def escape(key: str) -> str:
    """A key as a part of a path. The bracket is escaped, too: it is what marks an index."""
    return key.replace("~", "~0").replace("/", "~1").replace("[", "~2")


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
    if value is None:
        return ABSENT.value
    if isinstance(value, Mark):
        return value.value
    if isinstance(value, bool):
        return f"bool:{value}"
    if isinstance(value, JsonText):
        return "json"
    if isinstance(value, str):
        return f"string:{value}"
    if isinstance(value, Exact):
        return f"number:{number_text(value.text)}"
    return f"number:{number_text(repr(value))}"


def canonical_value(value: Any) -> str:
    """One text for a whole value: equal texts for equal leaves only."""
    leaves = flatten(value).leaves
    parts = (f"{len(path)}:{path}{canonical(leaf)}" for path, leaf in sorted(leaves.items()))
    return "".join(f"{len(part)}:{part}" for part in parts)


def differences(before: Flat, after: Flat, *, everything: bool = False) -> tuple[Leaf, ...]:
    """The leaves that differ; with ``everything`` also those that ``after`` sets unchanged."""
    unknown = {path for path, value in after.leaves.items() if value is UNKNOWN}
    filled = {parent for path in after.leaves for parent in _parents(path)}
    found: dict[str, Leaf] = {}

    def add(path: str, old: LeafValue, new: LeafValue) -> None:
        hidden = any(p in before.sensitive or p in after.sensitive for p in ancestors(path))
        found[path] = Leaf(path, old, new, hidden)

    for path in sorted({*before.leaves, *after.leaves}):
        old = before.leaves.get(path, ABSENT)
        new = after.leaves.get(path, ABSENT)
        if path not in after.leaves and any(p in unknown for p in ancestors(path)):
            continue  # lies within something that is known only after apply
        if new is ABSENT and old in HOLLOW and path in filled:
            continue  # what fills it says so
        if not same(old, new) or (everything and path in after.leaves):
            add(path, old, new)
    changed = {p for leaf in found.values() if not same(leaf.before, leaf.after)
               for p in ancestors(leaf.path)}  # fmt: skip
    for path, new in after.leaves.items():
        old = before.leaves.get(path, ABSENT)
        texts = isinstance(new, JsonText) and isinstance(old, JsonText)
        if texts and old != new and path not in changed:
            add(path, str(old), new)  # only its spelling differs
    return tuple(found[path] for path in sorted(found))


def _parents(path: str) -> Iterator[str]:
    return (parent for parent in ancestors(path) if parent != path)
