"""What the application is about: sources, their versions, chunks, entities and merges.

A source is a name or URI, and has one current version. A version's content is cut into chunks;
every mention and fact belongs to a chunk, and so to a version and a source, with its place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from knowledgeweaver.extract.port import Fact, Mention, Usage


class State(StrEnum):
    """How far a document has come."""

    QUEUED = "queued"
    READING = "reading"
    EXTRACTING = "extracting"
    DONE = "done"
    FAILED = "failed"
    OVER_BUDGET = "over-budget"


#: States in which nobody is at work any more.
ENDED = frozenset({State.DONE, State.FAILED, State.OVER_BUDGET})


def source_id(name: str) -> str:
    """The identity of a source, made from its name or URI: the same in every store."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Source:
    """A document by its name, with what is known of its newest version.

    ``digest`` is the SHA-256 of the content that was given last, ``sequence`` what its events are
    ordered by ("" where nobody orders them), ``ticket`` who is at work on it. ``chunks`` are those
    of the newest version, ``extracted`` how many of them are done, ``skipped`` those that no
    extractor could read; ``entities`` are the different names in them.
    """

    id: str
    name: str
    title: str = ""
    state: State = State.QUEUED
    reason: str = ""
    digest: str = ""
    sequence: str = ""
    ticket: str = ""
    media_type: str = ""
    language: str = ""
    extractor: str = ""
    chunks: int = 0
    extracted: int = 0
    skipped: int = 0
    entities: int = 0
    usage: Usage = field(default_factory=Usage)
    changed: float = 0.0  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a version's text, and what was found in it.

    ``start`` and ``end`` are character positions in the version's text; mentions and facts have
    theirs in the chunk's.
    """

    number: int
    text: str
    start: int
    end: int
    section: str = ""
    page: int | None = None
    mentions: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    failed: str = ""  # why nothing was extracted; one of extract.port.REASONS


@dataclass(frozen=True, slots=True)
class Version:
    """A whole version, as it goes into the store in one transaction."""

    source: Source
    chunks: tuple[Chunk, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Merge:
    """Two names that are taken for one thing, and why. ``alias`` and ``into`` are their keys."""

    alias: str
    into: str
    reason: str
    score: float
