"""Answers of models, kept so that no chunk is paid twice, and the ledger of what they cost.

SQLite does it for one machine. A graph store that several tasks share can keep both itself: it
implements Cache and budget.Ledger.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from knowledgeweaver.extract.prompt import digest
from knowledgeweaver.graph.port import StoreUnavailable

_TABLES = """
CREATE TABLE IF NOT EXISTS model_answer (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model_spending (day TEXT PRIMARY KEY, usd REAL NOT NULL) WITHOUT ROWID;
"""


class Cache(Protocol):
    """Answers by key. Losing one costs money, nothing else."""

    def get(self, key: str) -> str | None:
        """The answer of a key, None where there is none."""

    def put(self, key: str, answer: str) -> None:
        """Keep an answer; the last one stays."""

    def forget(self, chunks: list[str]) -> None:
        """Keep no answer about these chunks any more; each is given as chunk() gives it."""


def key(text: str, *, title: str, language: str, prompt_version: str, model: str) -> str:
    """The key of an answer: all that the model was shown of the chunk, the prompt, the model."""
    about = digest(f"{title}\0{language}")[:16]
    return f"{chunk(text)}:{about}:{prompt_version}:{model}"


def chunk(text: str) -> str:
    """How the keys of all answers about a chunk begin."""
    return digest(text)


class SqliteMemory:
    """Cache and Ledger in an SQLite file; ":memory:" forgets them with the process.

    Every method raises StoreUnavailable.
    """

    def __init__(self, path: str = ":memory:") -> None:
        self._path, self._lock = path, threading.Lock()
        with self._turn():
            self._db = sqlite3.connect(
                path, check_same_thread=False, timeout=30, isolation_level=None
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_TABLES)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One thread at a time; what SQLite complains of is told as the store's."""
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite cannot use {self._path}: {error}") from None

    def get(self, key: str) -> str | None:
        """The answer of a key."""
        with self._turn():
            row = self._db.execute("SELECT answer FROM model_answer WHERE key = ?", (key,))
            found = row.fetchone()
        return None if found is None else str(found[0])

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        with self._turn():
            self._db.execute("INSERT OR REPLACE INTO model_answer VALUES (?, ?)", (key, answer))

    def forget(self, chunks: list[str]) -> None:
        """Keep no answer about these chunks any more."""
        with self._turn():
            self._db.executemany(
                "DELETE FROM model_answer WHERE key > ? AND key < ?",
                [(f"{chunk}:", f"{chunk};") for chunk in chunks],  # ";" follows ":"
            )

    def reserve(self, day: str, usd: float, limit: float) -> bool:
        """Book, unless the day's limit would be passed."""
        # One statement is one transaction, also where several processes share the file.
        with self._turn():
            changed = self._db.execute(
                "INSERT INTO model_spending SELECT ?1, ?2 WHERE ?2 <= ?3"
                " ON CONFLICT (day) DO UPDATE SET usd = usd + ?2 WHERE usd + ?2 <= ?3",
                (day, usd, limit),
            ).rowcount
        return changed == 1

    def book(self, day: str, usd: float) -> None:
        """Book more, or less."""
        with self._turn():
            self._db.execute(
                "INSERT INTO model_spending VALUES (?1, ?2)"
                " ON CONFLICT (day) DO UPDATE SET usd = usd + ?2",
                (day, usd),
            )

    def spent(self, day: str) -> float:
        """What is booked on a day."""
        with self._turn():
            row = self._db.execute("SELECT usd FROM model_spending WHERE day = ?", (day,))
            found = row.fetchone()
        return 0.0 if found is None else float(found[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
