"""Differences of lists as what was put in and what was taken out.

Terraform tells a list by position: one element more at its beginning, and every element after it
differs. Here elements are compared as wholes first, so that what only moved along is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.domain.canonical import canonical, same
from pipeline.domain.model import ABSENT, UNKNOWN, Leaf, LeafValue
from pipeline.domain.sequences import parts

_INDEX = re.compile(r"/\[(\d+)\]")

#: One element: its leaves by the rest of their path.
Element = dict[str, LeafValue]


def aligned(leaves: Sequence[Leaf], after: Mapping[str, LeafValue]) -> list[Leaf]:
    """The leaves with those of each list replaced by fewer that say the same, where there are.

    ``after`` holds all leaves of the object as it will be, those that do not change included. The
    index of a leaf is the one that its side has: the earlier where something is taken out.
    """
    before = dict(after)
    for leaf in leaves:
        before[leaf.path] = leaf.before
    found = list(leaves)
    for parent in _lists(leaves):
        mine = [leaf for leaf in found if leaf.path.startswith(f"{parent}/[")]
        better = list(_aligned(parent, _elements(parent, before), _elements(parent, after)))
        if _says_the_same(mine, better) and len(better) < len(mine):
            at = found.index(mine[0])
            rest = [leaf for leaf in found if leaf not in mine]
            found = [*rest[:at], *better, *rest[at:]]
    return found


def _lists(leaves: Sequence[Leaf]) -> list[str]:
    """Outermost lists of which more than one element differs."""
    seen: dict[str, set[str]] = {}
    for leaf in leaves:
        index = _INDEX.search(leaf.path)
        if index:
            seen.setdefault(leaf.path[: index.start()], set()).add(index[1])
    return [parent for parent, indices in seen.items() if len(indices) > 1]


def _says_the_same(mine: Sequence[Leaf], better: Sequence[Leaf]) -> bool:
    """Whether nothing is told that was not: neither unknown nor sensitive, nor of another kind.

    What did not differ where it stood carries no mark of being sensitive.
    """
    if any(leaf.sensitive or leaf.after is UNKNOWN for leaf in mine):
        return False
    kinds = {_INDEX.sub("/[]", leaf.path) for leaf in mine}
    return all(_INDEX.sub("/[]", leaf.path) in kinds for leaf in better)


def _elements(parent: str, side: Mapping[str, LeafValue]) -> list[Element]:
    """The elements of a list, in order."""
    found: dict[int, Element] = {}
    for path, value in side.items():
        if value is not ABSENT and path.startswith(f"{parent}/["):
            index = _INDEX.match(path, len(parent))
            if index:
                found.setdefault(int(index[1]), {})[path[index.end() :]] = value
    return [found.get(at, {}) for at in range(max(found, default=-1) + 1)]


def _aligned(parent: str, before: list[Element], after: list[Element]) -> Iterator[Leaf]:
    i = j = 0
    for part in parts([_key(e) for e in before], [_key(e) for e in after]):
        old, new = before[i : i + len(part.before)], after[j : j + len(part.after)]
        if not part.equal and len(old) == len(new):
            for at, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from _differing(f"{parent}/[{j + at}]", one, other)
        elif not part.equal:
            for at, element in enumerate(old):
                yield from _differing(f"{parent}/[{i + at}]", element, {})
            for at, element in enumerate(new):
                yield from _differing(f"{parent}/[{j + at}]", {}, element)
        i, j = i + len(old), j + len(new)


def _differing(place: str, one: Element, other: Element) -> Iterator[Leaf]:
    for rest in sorted({*one, *other}):
        old, new = one.get(rest, ABSENT), other.get(rest, ABSENT)
        if not same(old, new):
            yield Leaf(f"{place}{rest}", old, new)


def _key(element: Element) -> str:
    return repr(sorted((rest, canonical(value)) for rest, value in element.items()))
