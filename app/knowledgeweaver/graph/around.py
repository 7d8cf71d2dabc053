"""What stands around some names, as a picture needs it: names, documents, and what joins them.

Of a neighbourhood only the nearest names are shown, so a picture stays one that can be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledgeweaver.graph.port import GraphStore, Neighbourhood, Passage, Told
from knowledgeweaver.resolve import key

Join = Literal["fact", "alike", "in"]
Edge = tuple[str, str, Join]


@dataclass(frozen=True, slots=True)
class Around:
    """Names by key as they are written, each with the number of chunks of the whole graph that hold
    it, and documents by id.

    An edge of the kind "in" leads from a name to a document, the others join two names; each has
    what a document says of the two, "" where that is not known. ``more`` counts names that are
    near, too, and were left out.
    """

    names: dict[str, str]
    frequency: dict[str, int]
    documents: dict[str, Passage]  # the first passage that holds one of the names
    edges: dict[Edge, str]
    more: int


def around(store: GraphStore, names: Sequence[str], limit: int) -> Around:
    """At most ``limit`` names and documents around these names; raises StoreUnavailable.

    Names that nobody knows are left out.
    """
    given = list(dict.fromkeys(one for one in map(key, names) if one))
    near = store.neighbourhood([], given)
    ranked = nearest(near, given)
    chosen = ranked[: max(1, limit * 3 // 4)]
    passages = store.passages(holders(near, chosen, limit))
    written = {key(name): name for passage in passages for name in passage.names}
    documents: dict[str, Passage] = {}
    for passage in passages:
        if len(documents) < limit - len(chosen):
            documents.setdefault(passage.source_id, passage)
    return Around(
        names={one: written.get(one, one) for one in chosen},
        frequency={one: near.frequency[one] for one in chosen},
        documents=documents,
        edges=joins(near, set(chosen), passages, documents)
        | said(store.facts([passage.ref for passage in passages]), set(chosen)),
        more=len(ranked) - len(chosen),
    )


def nearest(near: Neighbourhood, given: Sequence[str]) -> list[str]:
    """The names of a neighbourhood: those given, then those nearest to them.

    Near is what a fact or a likeness joins, and what shares chunks, the more the fewer names such
    a chunk holds.
    """
    first = [name for name in given if name in near.frequency]
    centre = set(first)
    weight: defaultdict[str, float] = defaultdict(float)
    for names in near.named.values():
        shared = sum(name in centre for name in names)
        for name in names:
            weight[name] += shared / len(names)
    for a, b in [*near.facts, *((a, b) for a, b, _ in near.alike)]:
        for one, other in ((a, b), (b, a)):
            if other in centre:
                weight[one] += 1
    others = [name for name in near.frequency if name not in centre]
    return first + sorted(others, key=lambda name: (-weight[name], near.frequency[name], name))


def holders(near: Neighbourhood, names: Sequence[str], limit: int) -> list[int]:
    """The chunks that hold most of some names, but for every name one, as far as they go."""
    wanted = set(names)
    held = {chunk: wanted.intersection(there) for chunk, there in near.named.items()}
    ranked = sorted((c for c in held if held[c]), key=lambda c: (-len(held[c]), c))
    seen: set[str] = set()
    new: list[int] = []
    for chunk in ranked:
        if held[chunk] - seen:
            seen |= held[chunk]
            new.append(chunk)
    return list(dict.fromkeys([*new, *ranked]))[:limit]


def joins(
    near: Neighbourhood,
    names: set[str],
    passages: Sequence[Passage],
    documents: dict[str, Passage],
) -> dict[Edge, str]:
    """Everything that joins what is shown, without words."""
    found: list[Edge] = []
    found += [(a, b, "fact") for a, b in near.facts if a != b and {a, b} <= names]
    found += [(a, b, "alike") for a, b, _ in near.alike if {a, b} <= names]
    for passage in passages:
        if passage.source_id in documents:
            inside = names.intersection(map(key, passage.names))
            found += [(name, passage.source_id, "in") for name in sorted(inside)]
    return dict.fromkeys(found, "")


def said(facts: Sequence[Told], names: set[str]) -> dict[Edge, str]:
    """What is said of two names; of several the first."""
    found: dict[Edge, str] = {}
    for fact in facts:
        ends = (key(fact.subject), key(fact.object))
        if ends[0] != ends[1] and names.issuperset(ends):
            found.setdefault((*ends, "fact"), fact.predicate)
    return found
