"""What the application asks of a graph store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class StoreUnavailable(Exception):
    """The store does not answer; the message says why, without credentials."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, numbered from 1, with the names it mentions."""

    number: int
    text: str
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document; its id is a hash of name and text, so the same one is never stored twice."""

    name: str
    text: str

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.name}\0{self.text}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that may answer a question; ``score`` orders hits of one search, highest first."""

    document_id: str
    document_name: str
    chunk: int
    text: str
    score: float
    entities: tuple[str, ...]


class GraphStore(Protocol):
    """Implemented by Neo4j and by SQLite; one contract test suite holds both."""

    kind: str

    def ready(self) -> None:
        """Return when the store answers; raise StoreUnavailable when not."""

    def put(self, document: Document, chunks: Sequence[Chunk]) -> bool:
        """Store a document whole or not at all; False when it was there already."""

    def search(self, terms: Sequence[str], limit: int) -> list[Hit]:
        """Chunks whose text holds any of the terms, best first."""

    def mentioning(self, entities: Sequence[str], limit: int) -> list[Hit]:
        """Chunks that mention any of the entities, most of them first."""

    def close(self) -> None:
        """Give connections back."""
