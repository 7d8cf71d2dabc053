"""The embedded store: SQLite with full-text search, for laptops and tests without a database."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence

from knowledgeweaver.graph.port import Chunk, Document, Hit, StoreUnavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunk (
  rowid INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES document(id),
  number INTEGER NOT NULL, text TEXT NOT NULL, entities TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mention (entity TEXT NOT NULL, chunk INTEGER NOT NULL,
  PRIMARY KEY (entity, chunk)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS chunk_text USING fts5(text, tokenize='unicode61');
"""
_HIT = "SELECT d.id, d.name, c.number, c.text, c.entities, "


class SqliteStore:
    """One connection behind a lock: SQLite writes one at a time anyway."""

    kind = "sqlite"

    def __init__(self, path: str = ":memory:") -> None:
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False)
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite cannot open {path}: {error}") from None

    def ready(self) -> None:
        with self._lock:
            try:
                self._db.execute("SELECT 1 FROM document LIMIT 1").fetchall()
            except sqlite3.Error as error:
                raise StoreUnavailable(f"SQLite does not answer: {error}") from None

    def put(self, document: Document, chunks: Sequence[Chunk]) -> bool:
        with self._lock, self._db:
            added = self._db.execute(
                "INSERT OR IGNORE INTO document VALUES (?, ?)", (document.id, document.name)
            )
            if added.rowcount == 0:
                return False
            for chunk in chunks:
                row = self._db.execute(
                    "INSERT INTO chunk (document, number, text, entities) VALUES (?, ?, ?, ?)",
                    (document.id, chunk.number, chunk.text, json.dumps(chunk.entities)),
                ).lastrowid
                self._db.execute(
                    "INSERT INTO chunk_text (rowid, text) VALUES (?, ?)", (row, chunk.text)
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO mention VALUES (?, ?)",
                    [(entity.lower(), row) for entity in chunk.entities],
                )
        return True

    def search(self, terms: Sequence[str], limit: int) -> list[Hit]:
        if not terms:
            return []
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        return self._hits(
            _HIT + "-bm25(chunk_text) FROM chunk_text JOIN chunk c ON c.rowid = chunk_text.rowid "
            "JOIN document d ON d.id = c.document WHERE chunk_text MATCH ? "
            "ORDER BY bm25(chunk_text), d.id, c.number LIMIT ?",
            (query, limit),
        )

    def mentioning(self, entities: Sequence[str], limit: int) -> list[Hit]:
        if not entities:
            return []
        marks = ",".join("?" * len(entities))
        return self._hits(
            _HIT + "count(*) AS n FROM mention m JOIN chunk c ON c.rowid = m.chunk "
            f"JOIN document d ON d.id = c.document WHERE m.entity IN ({marks}) "
            "GROUP BY c.rowid ORDER BY n DESC, d.id, c.number LIMIT ?",
            (*(entity.lower() for entity in entities), limit),
        )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _hits(self, sql: str, values: tuple[object, ...]) -> list[Hit]:
        with self._lock:
            rows = self._db.execute(sql, values).fetchall()
        return [
            Hit(document, name, number, text, float(score), tuple(json.loads(entities)))
            for document, name, number, text, entities, score in rows
        ]
