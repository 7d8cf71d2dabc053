"""What the application asks of a graph store; one contract suite holds every implementation.

The graph: a source has chunks; a chunk names entities (its document's title is such a name, too),
mentions them at places and states facts about them; entities that are written alike are linked.
Entities exist as long as a chunk names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from knowledgeweaver.model import ENDED, Merge, Source, State, Version

#: A name in more chunks than this leads nowhere in particular and is not followed.
COMMON = 60
#: The most chunks and names that a neighbourhood may hold.
NEIGHBOURS = 4_000
#: The most chunks that one word of a question may bring.
PER_WORD = 2_000


class StoreUnavailable(Exception):
    """The store does not answer; the message says why, without credentials."""


class Begun(Enum):
    """What a store says to somebody who wants to begin with a version."""

    GO_ON = "go on"  # nobody knows this version: do the work
    SAME = "same"  # it is the one in the graph, and nothing has to be done
    LATE = "late"  # a later one is known, which this one must not replace


@dataclass(frozen=True, slots=True)
class Pending:
    """A version that was begun and not ended, with what has to be read."""

    source: Source
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FactHit:
    """A fact that shares words with a question: the keys of its ends, and how well it fits."""

    subject: str
    object: str
    score: float


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a store knows of a question's words.

    ``words`` has for every word the chunks that hold it with a score; scores of several words may
    be added. ``facts`` are the best ones. ``names`` are the keys that are entities, each with the
    number of chunks that name it. ``chunks`` counts all there are.
    """

    words: tuple[Mapping[int, float], ...]
    facts: tuple[FactHit, ...]
    names: Mapping[str, int]
    chunks: int


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of the graph: which chunk names what, and how names hang together.

    ``frequency`` has for every name in it the number of chunks that name it in the whole graph.
    """

    named: Mapping[int, Sequence[str]]
    facts: Sequence[tuple[str, str]]
    alike: Sequence[tuple[str, str, float]]
    frequency: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Steps:
    """Where one gets from some chunks by names that are not common.

    ``named`` has the names of each chunk, ``frequency`` and ``holders`` the number of chunks that
    hold a name, and which. ``titles`` are the chunks whose document is called so, each with 1.0, or
    with how alike its title is where it is written differently.
    """

    named: Mapping[int, Sequence[str]]
    frequency: Mapping[str, int]
    holders: Mapping[str, Sequence[int]]
    titles: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as somebody reads it. ``start`` and ``end`` are places in its document's text."""

    ref: int
    source_id: str
    source: str
    title: str
    number: int
    text: str
    start: int
    end: int
    section: str
    page: int | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, and the chunk that states it, at these characters of the chunk's text."""

    ref: int
    subject: str
    predicate: str
    object: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stats:
    """How much of everything there is."""

    sources: int
    chunks: int
    entities: int
    mentions: int
    facts: int


class GraphStore(Protocol):
    """Implemented by Neo4j and by SQLite. Every method raises StoreUnavailable.

    ``ref`` is an integer by which a store calls a chunk for as long as that chunk stands.
    """

    kind: str

    def ready(self) -> None:
        """Return when the store answers."""

    def begin(self, source: Source, data: bytes) -> Begun:
        """Note that somebody begins with a version, under the ticket in ``source``.

        ``data`` is kept until the version has ended. Whoever worked on the source before finds his
        ticket void. What the graph holds of the source stays until the new version replaces it.
        """

    def note(self, source: Source) -> bool:
        """Note how far the work is; False, and nothing noted, when the ticket is void."""

    def replace(self, version: Version) -> bool:
        """Put a version in the place of the last one, whole or not at all; False: ticket void."""

    def remove(self, id: str, sequence: str = "") -> bool:
        """Take away a source with all that only it said; False when there is nothing to do.

        With a ``sequence`` nothing happens when a later one is known, and earlier ones that come
        after it are late.
        """

    def pending(self, id: str) -> Pending | None:
        """The version of a source that was begun and has not ended, None when there is none."""

    def unfinished(self, before: float, limit: int = 100) -> list[Pending]:
        """Versions that nobody has noted anything of since ``before`` (seconds since 1970)."""

    def source(self, id: str) -> Source | None:
        """One source, None when there is none."""

    def sources(self, limit: int, after: str = "", state: str = "") -> list[Source]:
        """Sources in the order of their names, from the one that follows the name ``after``."""

    def beginning(self, words: Sequence[str], keys: Sequence[str], facts: int = 10) -> Beginning:
        """What a question begins with, in one round trip."""

    def neighbourhood(self, chunks: Sequence[int], names: Sequence[str]) -> Neighbourhood:
        """Chunks, their names, the chunks that share those that are not common, and their names.

        At most NEIGHBOURS of them, the nearest; one round trip.
        """

    def steps(self, chunks: Sequence[int]) -> Steps:
        """Where names that are not common lead from these chunks, in one round trip."""

    def passages(self, refs: Sequence[int]) -> list[Passage]:
        """Chunks to read, in the order of ``refs``; those that are gone are left out."""

    def chunks(self, id: str, first: int, limit: int) -> list[Passage]:
        """Chunks of a source by number, from ``first`` on."""

    def facts(self, refs: Sequence[int]) -> list[Told]:
        """What chunks state, chunk by chunk, in the order of the places."""

    def merges(self, limit: int, after: tuple[str, str] = ("", "")) -> list[Merge]:
        """Names taken for one thing, in the order of alias and into."""

    def unmerge(self, alias: str, into: str) -> bool:
        """Part two names for good; False when they were not taken for one."""

    def stats(self) -> Stats:
        """Count everything."""

    def close(self) -> None:
        """Give connections back."""


def late(source: Source, known: Source | None, last: str) -> bool:
    """Whether an event is older than what is there, or told a second time after something else.

    ``last`` is the newest number of an event about this source, removals included.
    """
    if not source.sequence or source.sequence > last:
        return False
    if source.sequence < last or known is None:
        return True
    return known.state in ENDED and known.digest != source.digest


def late_removal(sequence: str, last: str) -> bool:
    """Whether a removal is no news: nothing but that removal itself has its number."""
    return sequence != "" and sequence <= last


def same(known: Source, new: Source) -> bool:
    """Whether the newest version of a source is this one, by the same extractor, and ended.

    One that failed is tried again when somebody brings it again, but not for an event that is told
    a second time.
    """
    told_again = new.sequence != "" and new.sequence == known.sequence
    return (
        (known.state is State.DONE or (told_again and known.state in ENDED))
        and known.digest == new.digest
        and known.name == new.name
        and known.extractor == new.extractor
    )


#: Seconds for which it is remembered that a source was taken away: longer than SQS keeps an event,
#: which is 14 days at most, and as long again for one that was put aside.
REMEMBERED = 30 * 86400.0
