"""Answers of models and what they cost, kept in Neo4j, so that all tasks share one budget."""

from __future__ import annotations

from typing import Any, LiteralString

from knowledgeweaver.graph.neo4j import Neo4jStore

_GET: LiteralString = "MATCH (a:ModelAnswer {key: $key}) RETURN a.answer AS answer"
_PUT: LiteralString = "MERGE (a:ModelAnswer {key: $key}) SET a.answer = $answer"
_FORGET: LiteralString = """
UNWIND $chunks AS chunk
MATCH (a:ModelAnswer) WHERE a.key STARTS WITH chunk + ":"
DELETE a
"""
# The first SET takes the lock of the day: what follows reads what nobody else changes meanwhile.
_RESERVE: LiteralString = """
MERGE (s:ModelSpending {day: $day}) ON CREATE SET s.usd = 0.0
SET s.usd = s.usd
WITH s WHERE s.usd + $usd <= $limit
SET s.usd = s.usd + $usd
RETURN s.usd AS usd
"""
_BOOK: LiteralString = """
MERGE (s:ModelSpending {day: $day}) ON CREATE SET s.usd = 0.0
SET s.usd = s.usd + $usd
"""
_SPENT: LiteralString = "MATCH (s:ModelSpending {day: $day}) RETURN s.usd AS usd"


class Neo4jMemory:
    """Cache and Ledger beside the graph. Every method raises StoreUnavailable."""

    def __init__(self, store: Neo4jStore) -> None:
        self._store = store

    def get(self, key: str) -> str | None:
        """The answer of a key."""
        found = self._store.read(_GET, key=key)
        return str(found[0]["answer"]) if found else None

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        self._write(_PUT, key=key, answer=answer)

    def forget(self, chunks: list[str]) -> None:
        """Keep no answer about these chunks any more."""
        self._write(_FORGET, chunks=chunks)

    def reserve(self, day: str, usd: float, limit: float) -> bool:
        """Book, unless the day's limit would be passed."""
        return bool(self._write(_RESERVE, day=day, usd=usd, limit=limit))

    def book(self, day: str, usd: float) -> None:
        """Book more, or less."""
        self._write(_BOOK, day=day, usd=usd)

    def spent(self, day: str) -> float:
        """What is booked on a day."""
        found = self._store.read(_SPENT, day=day)
        return float(found[0]["usd"]) if found else 0.0

    def _write(self, statement: LiteralString, **values: Any) -> list[Any]:
        return self._store.write(lambda transaction: list(transaction.run(statement, **values)))
