"""The deployed store: Neo4j. (:Document)-[:HAS]->(:Chunk)-[:MENTIONS]->(:Entity)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString, TypeVar

from neo4j import Driver, GraphDatabase, Record, Session
from neo4j.exceptions import DriverError, Neo4jError

from knowledgeweaver.graph.login import LOCKED, Login, Versions
from knowledgeweaver.graph.port import Chunk, Document, Hit, StoreUnavailable

T = TypeVar("T")

_SCHEMA: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT document_id IF NOT EXISTS FOR (d:Document) REQUIRE d.id IS UNIQUE",
    "CREATE CONSTRAINT chunk_id IF NOT EXISTS FOR (c:Chunk) REQUIRE c.id IS UNIQUE",
    "CREATE CONSTRAINT entity_key IF NOT EXISTS FOR (e:Entity) REQUIRE e.key IS UNIQUE",
    "CREATE FULLTEXT INDEX chunk_text IF NOT EXISTS FOR (c:Chunk) ON EACH [c.text]",
    "CALL db.awaitIndexes(30)",
)
_PUT: LiteralString = """
MERGE (d:Document {id: $id})
ON CREATE SET d.name = $name, d.new = true
WITH d, coalesce(d.new, false) AS added
REMOVE d.new
WITH d, added WHERE added
UNWIND $chunks AS row
CREATE (d)-[:HAS]->(c:Chunk {id: $id + '/' + row.number, number: row.number, text: row.text,
                             entities: row.entities})
WITH c, row
UNWIND row.entities AS name
MERGE (e:Entity {key: toLower(name)}) ON CREATE SET e.name = name
MERGE (c)-[:MENTIONS]->(e)
"""
_FOUND: LiteralString = (
    " RETURN d.id AS id, d.name AS name, c.number AS number, c.text AS text, "
    "c.entities AS entities, score ORDER BY score DESC, d.id, c.number LIMIT $limit"
)
_SEARCH: LiteralString = (
    "CALL db.index.fulltext.queryNodes('chunk_text', $query, {limit: $limit}) "
    "YIELD node AS c, score MATCH (d:Document)-[:HAS]->(c)" + _FOUND
)
_MENTIONING: LiteralString = (
    "MATCH (e:Entity)<-[:MENTIONS]-(c:Chunk)<-[:HAS]-(d:Document) WHERE e.key IN $keys "
    "WITH d, c, toFloat(count(e)) AS score" + _FOUND
)
_IN_QUOTES = re.compile(r'(["\\])')
#: Seconds to wait while Neo4j keeps the account shut; it does so for five after three refusals.
_PATIENCE = 7.0


class Neo4jStore:
    """A driver with a small pool; the schema is made on first contact, and only then.

    ``versions`` reads the secret again when the password was rotated; ``retry_seconds`` is how long
    a piece of work is tried again while Neo4j does not answer.
    """

    kind = "neo4j"

    def __init__(
        self,
        uri: str,
        username: str,
        password: str,
        versions: Versions | None = None,
        retry_seconds: float = 5.0,
    ) -> None:
        self._login = Login(username, password, versions)
        self._driver: Driver = GraphDatabase.driver(
            uri,
            auth=self._login,
            connection_timeout=3.0,
            connection_acquisition_timeout=5.0,
            max_transaction_retry_time=retry_seconds,
        )
        self._schema = threading.Lock()
        self._schema_made = False

    def ready(self) -> None:
        def work() -> None:
            self._driver.verify_connectivity()
            self._make_schema()

        self._answered(work)

    def put(self, document: Document, chunks: Sequence[Chunk]) -> bool:
        rows = [{"number": c.number, "text": c.text, "entities": list(c.entities)} for c in chunks]

        def work(transaction: Any) -> bool:
            result = transaction.run(_PUT, id=document.id, name=document.name, chunks=rows)
            return bool(result.consume().counters.nodes_created)

        return self._session(lambda session: bool(session.execute_write(work)))

    def search(self, terms: Sequence[str], limit: int) -> list[Hit]:
        if not terms:
            return []
        query = " OR ".join(_quoted(term) for term in terms)
        return self._hits(_SEARCH, query=query, limit=limit)

    def mentioning(self, entities: Sequence[str], limit: int) -> list[Hit]:
        if not entities:
            return []
        return self._hits(_MENTIONING, keys=[e.lower() for e in entities], limit=limit)

    def close(self) -> None:
        self._driver.close()

    def _make_schema(self) -> None:
        with self._schema:
            if not self._schema_made:
                for statement in _SCHEMA:
                    self._driver.execute_query(statement)
                self._schema_made = True

    def _hits(self, statement: LiteralString, **values: object) -> list[Hit]:
        def work(transaction: Any) -> list[Record]:
            return list(transaction.run(statement, values))

        records = self._session(lambda session: session.execute_read(work))
        return [
            Hit(r["id"], r["name"], r["number"], r["text"], float(r["score"]), tuple(r["entities"]))
            for r in records
        ]

    def _session(self, work: Callable[[Session], T]) -> T:
        def whole() -> T:
            self._make_schema()
            with self._driver.session() as session:
                return work(session)

        return self._answered(whole)

    def _answered(self, work: Callable[[], T]) -> T:
        """Run what asks Neo4j; raises StoreUnavailable.

        Again at once after a refused password where the login has another one by now (the driver
        asks it for connections that stood, not for one that it opens), and again for some seconds
        while the account is shut, as it is when many connections met a rotation at once.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            tried = self._login.get_auth()
            try:
                return work()
            except (DriverError, OSError) as error:
                raise _unavailable(error) from None
            except Neo4jError as error:
                if error.code == LOCKED and time.monotonic() < end:
                    time.sleep(0.5)
                elif not self._login.handle_security_exception(tried, error):
                    raise _unavailable(error) from None


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"Neo4j does not answer: {type(error).__name__}")


def _quoted(term: str) -> str:
    """A Lucene phrase: in quotes no sign and no word (AND, OR, NOT) is an operator."""
    return '"' + _IN_QUOTES.sub(r"\\\1", term) + '"'
