"""From a document's text to chunks and names in the store: the one way in, whoever brings it."""

from __future__ import annotations

from dataclasses import dataclass

from knowledgeweaver import text
from knowledgeweaver.graph.port import Chunk, Document, GraphStore


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a document. ``created`` is false when the same one was there already."""

    id: str
    chunks: int
    entities: int
    created: bool


def ingest(store: GraphStore, name: str, words: str) -> Ingested:
    """Store a document whole or not at all, the same one only once; raises StoreUnavailable."""
    document = Document(name, words)
    parts = [
        Chunk(number, part, tuple(text.entities(part)))
        for number, part in enumerate(text.chunks(words), 1)
    ]
    created = store.put(document, parts)
    names = {name.lower() for part in parts for name in part.entities}
    return Ingested(document.id, len(parts), len(names), created)
