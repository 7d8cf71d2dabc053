"""Which entities a version names, the same for every store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledgeweaver.model import Chunk, Version
from knowledgeweaver.resolve import key, titles


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as a version first writes it."""

    name: str
    kind: str


def of_title(title: str) -> frozenset[str]:
    """Keys of what a document with this title is about."""
    return frozenset(key(form) for form in titles(title))


def of_chunk(chunk: Chunk) -> frozenset[str]:
    """Keys of what a chunk mentions or states something of."""
    ends = [end for fact in chunk.facts for end in (fact.subject, fact.object)]
    keys = {key(name) for name in (*ends, *(mention.name for mention in chunk.mentions))}
    return frozenset(keys - {""})


def of_version(version: Version) -> dict[str, Named]:
    """Everything a version names, by key, in the order in which it is written.

    The first spelling is the entity's name; the first kind that is known is its kind.
    """
    found: dict[str, Named] = {}
    for form in titles(version.source.title) if version.chunks else ():
        found.setdefault(key(form), Named(form, ""))
    for chunk in version.chunks:
        for mention in chunk.mentions:
            one = key(mention.name)
            if one not in found or (mention.kind and not found[one].kind):
                name = found[one].name if one in found else mention.name
                found[one] = Named(name, mention.kind)
        for fact in chunk.facts:
            for end in (fact.subject, fact.object):
                found.setdefault(key(end), Named(end, ""))
    found.pop("", None)
    return found


def count(chunks: Sequence[Chunk]) -> int:
    """How many different names some chunks mention or state something of."""
    return len(frozenset[str]().union(*map(of_chunk, chunks)))
