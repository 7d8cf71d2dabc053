"""The embedded store: SQLite with full-text search, in a file or in memory.

One connection writes, behind a lock; with a file, others read beside it (WAL), each in the hands
of one thread at a time. In memory there is but one connection.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from knowledgeweaver.extract.port import Usage
from knowledgeweaver.graph import names, schema, sqlite_content, sqlite_search
from knowledgeweaver.graph.port import (
    REMEMBERED,
    Beginning,
    Begun,
    Neighbourhood,
    Passage,
    Pending,
    Stats,
    Steps,
    StoreUnavailable,
    Told,
    late,
    late_removal,
    same,
)
from knowledgeweaver.model import ENDED, Merge, Source, State, Version

#: Seconds that a writer waits for another process's transaction.
BUSY = 30.0
_COLUMNS = (
    "id, name, title, state, reason, digest, sequence, ticket, media_type, language, extractor, "
    "chunks, extracted, skipped, entities, input_tokens, output_tokens, usd, seconds, changed"
)
_MARKS = ", ".join("?" * len(_COLUMNS.split(",")))
_SAVE = (
    f"INSERT INTO source ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608 - constants
    + ", ".join(f"{c.strip()} = excluded.{c.strip()}" for c in _COLUMNS.split(",")[1:])
)
_READ = f"SELECT {_COLUMNS} FROM source "  # noqa: S608 - constants


class SqliteStore:
    """See the module. ``path`` is a file, or ``:memory:`` for what ends with the process."""

    kind = "sqlite"

    def __init__(self, path: str = ":memory:") -> None:
        self._path = path
        self._lock = threading.RLock()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        try:
            self._db = self._connect()
            self._migrate()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite cannot open {path}: {error}") from None

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, check_same_thread=False, isolation_level=None, timeout=BUSY
        )
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
            db.execute(f"PRAGMA {pragma}")
        return db

    def _migrate(self) -> None:
        with self._writing() as db:
            [done] = db.execute("PRAGMA user_version").fetchone()
            for number, statements in schema.migrations("sqlite"):
                if number > done:
                    for statement in statements:
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {number:d}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is written whole or not at all."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreUnavailable(f"SQLite does not answer: {error}") from None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of everything."""
        if self._path == ":memory:":
            with self._lock, self._told():
                yield self._db
            return
        with self._told():
            try:
                db = self._idle.get_nowait()
            except queue.Empty:
                db = self._connect()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                db.execute("ROLLBACK")
                db.close() if self._closed else self._idle.put(db)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite does not answer: {error}") from None

    def ready(self) -> None:
        with self._reading() as db:
            db.execute("SELECT 1 FROM source LIMIT 1").fetchall()

    def begin(self, source: Source, data: bytes) -> Begun:
        with self._writing() as db:
            known = self._source(db, source.id)
            last = max(self._gone(db, source.id), known.sequence if known else "")
            if late(source, known, last):
                return Begun.LATE
            if known and same(known, source):
                if source.sequence > known.sequence:
                    db.execute(
                        "UPDATE source SET sequence = ? WHERE id = ?", (source.sequence, source.id)
                    )
                return Begun.SAME
            # what was posted is later than all events before it
            self._save(db, replace(source, sequence=source.sequence or last), known)
            db.execute("INSERT OR REPLACE INTO pending VALUES (?, ?)", (source.id, data))
            db.execute("DELETE FROM gone WHERE id = ?", (source.id,))
        return Begun.GO_ON

    def note(self, source: Source) -> bool:
        with self._writing() as db:
            known = self._source(db, source.id)
            if known is None or known.ticket != source.ticket:
                return False
            self._save(db, source, known)
            if source.state in ENDED:
                db.execute("DELETE FROM pending WHERE source = ?", (source.id,))
        return True

    def replace(self, version: Version) -> bool:
        source = version.source
        with self._writing() as db:
            known = self._source(db, source.id)
            if known is None or known.ticket != source.ticket:
                return False
            self._save(db, source, known)
            db.execute("DELETE FROM pending WHERE source = ?", (source.id,))
            row = self._row(db, source.id)
            sqlite_content.erase(db, row, frozenset(names.of_version(version)))
            sqlite_content.write(db, row, version)
        return True

    def remove(self, id: str, sequence: str = "") -> bool:
        with self._writing() as db:
            known = self._source(db, id)
            last = max(self._gone(db, id), known.sequence if known else "")
            if late_removal(sequence, last):
                return False
            if sequence or last:
                now = time.time()
                db.execute("DELETE FROM gone WHERE changed < ?", (now - REMEMBERED,))
                db.execute(
                    "INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", (id, sequence or last, now)
                )
            if known is None:
                return False
            row = self._row(db, id)
            sqlite_content.erase(db, row)
            db.execute("DELETE FROM pending WHERE source = ?", (id,))
            db.execute("DELETE FROM source WHERE number = ?", (row,))
        return True

    def pending(self, id: str) -> Pending | None:
        with self._reading() as db:
            row = db.execute(
                f"SELECT {_COLUMNS}, data FROM pending p JOIN source s ON s.id = p.source "  # noqa: S608 - constants
                "WHERE p.source = ?",
                (id,),
            ).fetchone()
        return Pending(_read(row[:-1]), row[-1]) if row else None

    def unfinished(self, before: float, limit: int = 100) -> list[Pending]:
        with self._reading() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS}, data FROM pending p JOIN source s ON s.id = p.source "  # noqa: S608 - constants
                "WHERE s.changed < ? ORDER BY s.number LIMIT ?",
                (before, limit),
            ).fetchall()
        return [Pending(_read(row[:-1]), row[-1]) for row in rows]

    def source(self, id: str) -> Source | None:
        with self._reading() as db:
            return self._source(db, id)

    def sources(self, limit: int, after: str = "", state: str = "") -> list[Source]:
        with self._reading() as db:
            rows = db.execute(
                f"{_READ} WHERE name > ? AND (? = '' OR state = ?) ORDER BY name LIMIT ?",
                (after, state, state, limit),
            ).fetchall()
        return [_read(row) for row in rows]

    def beginning(self, words: Sequence[str], keys: Sequence[str], facts: int = 10) -> Beginning:
        with self._reading() as db:
            return sqlite_search.beginning(db, words, keys, facts)

    def neighbourhood(self, chunks: Sequence[int], names: Sequence[str]) -> Neighbourhood:
        with self._reading() as db:
            return sqlite_search.neighbourhood(db, chunks, names)

    def steps(self, chunks: Sequence[int]) -> Steps:
        with self._reading() as db:
            return sqlite_search.steps(db, chunks)

    def passages(self, refs: Sequence[int]) -> list[Passage]:
        with self._reading() as db:
            return sqlite_search.passages(db, refs)

    def chunks(self, id: str, first: int, limit: int) -> list[Passage]:
        with self._reading() as db:
            return sqlite_search.chunks(db, id, first, limit)

    def facts(self, refs: Sequence[int]) -> list[Told]:
        with self._reading() as db:
            return sqlite_search.facts(db, refs)

    def merges(self, limit: int, after: tuple[str, str] = ("", "")) -> list[Merge]:
        with self._reading() as db:
            rows = db.execute(
                "SELECT a.key, i.key, l.reason, l.score FROM alike l "
                "JOIN entity a ON a.number = l.alias JOIN entity i ON i.number = l.into_entity "
                "WHERE l.reason <> 'near' AND (a.key, i.key) > (?, ?) "
                "ORDER BY a.key, i.key LIMIT ?",
                (*after, limit),
            ).fetchall()
        return [Merge(*row) for row in rows]

    def unmerge(self, alias: str, into: str) -> bool:
        with self._writing() as db:
            done = db.execute(
                "DELETE FROM alike WHERE reason <> 'near' "
                "AND alias = (SELECT number FROM entity WHERE key = ?) "
                "AND into_entity = (SELECT number FROM entity WHERE key = ?)",
                (alias, into),
            )
            if done.rowcount < 1:
                return False
            db.execute("INSERT OR IGNORE INTO parted VALUES (?, ?)", (alias, into))
        return True

    def stats(self) -> Stats:
        tables = ("source", "chunk", "entity", "mention", "fact")
        with self._reading() as db:
            counts = [
                db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - constants
                for name in tables
            ]
        return Stats(*counts)

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._db.close()
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @staticmethod
    def _gone(db: sqlite3.Connection, id: str) -> str:
        row = db.execute("SELECT sequence FROM gone WHERE id = ?", (id,)).fetchone()
        return row[0] if row else ""

    @staticmethod
    def _row(db: sqlite3.Connection, id: str) -> int:
        return int(db.execute("SELECT number FROM source WHERE id = ?", (id,)).fetchone()[0])

    @staticmethod
    def _source(db: sqlite3.Connection, id: str) -> Source | None:
        row = db.execute(f"{_READ} WHERE id = ?", (id,)).fetchone()
        return _read(row) if row else None

    @staticmethod
    def _save(db: sqlite3.Connection, source: Source, known: Source | None) -> None:
        """Write a source; an order that was known is not forgotten where none is given."""
        u = source.usage
        sequence = source.sequence or (known.sequence if known else "")
        db.execute(
            _SAVE,
            (
                *(source.id, source.name, source.title, source.state.value, source.reason),
                *(source.digest, sequence, source.ticket, source.media_type, source.language),
                *(source.extractor, source.chunks, source.extracted, source.skipped),
                *(source.entities, u.input_tokens, u.output_tokens, u.usd, u.seconds),
                source.changed or time.time(),
            ),
        )


def _read(row: Sequence[Any]) -> Source:
    """A row of _COLUMNS."""
    fields: list[Any] = [*row[:3], State(row[3]), *row[4:15], Usage(*row[15:19]), row[19]]
    return Source(*fields)
