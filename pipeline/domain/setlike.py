"""Lists of a plan that may be sets: those in the very order in which Terraform writes a set.

Plan JSON writes sets as lists and does not say which are which. The order tells most lists from
sets: go-cty (``setRules.Less``) writes strings and numbers by size, false before true, anything
else by the text that it hashes, then what is unknown as a whole, then null, and nothing twice.
An unknown value therefore moves to another place of its set when it becomes known, and nowhere
in a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pipeline.domain.canonical import ancestors
from pipeline.domain.exact import Exact
from pipeline.domain.model import EMPTY_LIST, EMPTY_MAP, NULL, UNKNOWN, LeafValue

#: Leaves by path.
Leaves = Mapping[str, LeafValue]

#: Leaves and what is below them, by the parts of their paths; a value of its own is under None.
Node = dict[str | None, Any]

#: What go-cty sorts by: what is unknown as a whole comes after what is known, and null last.
Key = tuple[int, str, Any]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n",
            "\r": "\\r", "\t": "\\t", "\v": "\\v"}  # fmt: skip


def lists(leaves: Leaves) -> list[str]:
    """The paths of all lists that are not empty, outer ones before inner ones."""
    found = {part.rpartition("/")[0] for path in leaves for part in ancestors(path) if _item(part)}
    return sorted(found, key=lambda path: (path.count("/"), path))


def _item(path: str) -> bool:
    return path.rpartition("/")[2].startswith("[")


def elements(leaves: Leaves, path: str) -> list[dict[str, LeafValue]]:
    """The elements of a list, each as its leaves by the path within it."""
    found: dict[int, dict[str, LeafValue]] = {}
    start = f"{path}/["
    for leaf, value in leaves.items():
        if leaf.startswith(start):
            at, _, below = leaf[len(start) :].partition("]")
            found.setdefault(int(at), {})[below] = value
    return [found.get(at, {}) for at in range(max(found, default=-1) + 1)]


def unsettled(leaves: Leaves) -> Iterator[str]:
    """The paths of the lists that may be sets and hold something unknown beside something else."""
    for path in lists({path: value for path, value in leaves.items() if value is UNKNOWN}):
        found = elements(leaves, path)
        if len(found) > 1 and may_be_set(found):
            yield path


def may_be_empty(leaves: Leaves) -> Iterator[str]:
    """The paths of the maps that hold only what is unknown: all of it may turn out null."""
    below: dict[str, list[str]] = {}
    for path in leaves:
        for parent in ancestors(path):
            if parent != path:
                below.setdefault(parent, []).append(path)
    for parent, paths in below.items():
        own = all(path.rpartition("/")[0] == parent and not _item(path) for path in paths)
        if own and all(leaves[path] is UNKNOWN for path in paths):
            yield parent


def may_be_set(found: Sequence[Leaves]) -> bool:
    """Whether Terraform writes these elements in this order when they are a set."""
    keys = [_key(one) for one in found]
    kinds = {kind for rank, kind, _ in keys if not rank}
    return len(kinds) < 2 and all(
        one < other or (one == other and _vague(element))
        for (one, other), element in zip(pairwise(keys), found, strict=False)
    )


def _vague(element: Leaves) -> bool:
    return UNKNOWN in element.values()


def _key(element: Leaves) -> Key:
    value = element.get("")
    if value is UNKNOWN:
        return 1, "", 0
    if value is NULL:
        return 2, "", 0
    if isinstance(value, str):
        return 0, "string", value
    if isinstance(value, bool):
        return 0, "bool", value
    if isinstance(value, int | float):
        return 0, "number", Decimal(value.text if isinstance(value, Exact) else repr(value))
    return 0, "object", _text(_nested(element))


def _nested(leaves: Leaves) -> Node:
    root: Node = {}
    for path, value in leaves.items():
        node = root
        for part in path.split("/")[1:]:
            node = node.setdefault(part, {})
        node[None] = value
    return root


def _text(node: Node) -> str:
    """The text that go-cty hashes, up to what orders nothing.

    An attribute that is null is left out: there ``~`` sorts behind all that another element may
    have in its place, and here the next name or the closing bracket does.
    """
    value = node.get(None)
    if value is not None:
        return _scalar(value)
    names = sorted(name for name in node if name is not None)
    if names[0].startswith("["):
        items = sorted(names, key=lambda name: int(name[1:-1]))
        return "[" + "".join(f"{_text(node[name])};" for name in items) + "]"
    return "{" + "".join(f"{_quoted(name)}:{_text(node[name])};" for name in names) + "}"


def _scalar(value: LeafValue) -> str:
    marks = {UNKNOWN: "?", NULL: "~", EMPTY_LIST: "[]", EMPTY_MAP: "{}", True: "T", False: "F"}
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.10g}"
    return marks[value]


def _quoted(text: str) -> str:
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    """As Go's ``%q`` writes it."""
    if letter in _ESCAPES or letter.isprintable():
        return _ESCAPES.get(letter, letter)
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
