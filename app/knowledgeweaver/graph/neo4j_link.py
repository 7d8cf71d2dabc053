"""The line to Neo4j: one driver, statements with a time limit, and quick news when it is away."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, LiteralString, TypeVar

from neo4j import READ_ACCESS, Driver, GraphDatabase, Query, Record, unit_of_work
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from knowledgeweaver.graph.login import LOCKED, Login
from knowledgeweaver.graph.port import StoreUnavailable

T = TypeVar("T")

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch

#: How Neo4j calls what is a mistake in a statement, and so one of ours.
_OURS = "Neo.ClientError.Statement"
#: Seconds that Neo4j may work on one reading statement, and on one writing transaction.
READING, WRITING = 15.0, 60.0
#: Connections at the same time; as many as the server has threads for requests, and a few more.
POOL = 50
#: Seconds until a connection is there or not.
CONNECT = 0.8
#: Seconds in which nobody asks again after Neo4j was found away.
PAUSE = 1.0
#: Seconds to wait while Neo4j keeps the account shut; it does so for five after three refusals.
PATIENCE = 7.0
#: Seconds in which is tried again what met another one's locks, or what another one took away.
CONFLICTS = 20.0
#: How Neo4j calls something that went between its being found and its being read.
GONE = "Neo.ClientError.Statement.EntityNotFound"


class _Torn(Exception):
    """Something went while it was read."""


class Neo4jLink:
    """Runs statements; raises StoreUnavailable."""

    def __init__(self, uri: str, login: Login) -> None:
        self._login = login
        self._away_until = 0.0
        self._why = ""
        self._state = threading.Lock()
        self._asking = 0
        self.driver: Driver = GraphDatabase.driver(
            uri,
            auth=login,
            max_connection_pool_size=POOL,
            connection_timeout=CONNECT,
            connection_acquisition_timeout=5.0,
            max_transaction_retry_time=0.0,  # tried again below, sooner and not for so long
            notifications_min_severity="OFF",
        )

    def read(self, statement: LiteralString, /, **values: object) -> list[Record]:
        """One statement that only reads, in one round trip; its answers have no missing values.

        Neo4j reads what is committed at each moment, not at one: a node that goes after it was
        found has lost some properties. Such an answer is asked for again, so a statement returns
        each property that it needs, and none that may not be there.
        """

        def work() -> list[Record]:
            with self.driver.session(default_access_mode=READ_ACCESS) as session:
                records = list(session.run(Query(statement, timeout=READING), values))
            if any(_misses(value) for record in records for value in record.values()):
                raise _Torn
            return records

        return self._answered(work)

    def write(self, work: Callable[[Any], T]) -> T:
        """A transaction, whole or not at all; ``work`` may run more than once."""

        @unit_of_work(timeout=WRITING)
        def limited(transaction: Any) -> T:
            return work(transaction)

        def whole() -> T:
            with self.driver.session() as session:
                return session.execute_write(limited)

        return self._answered(whole)

    def run(self, statement: str, **values: object) -> None:
        """One statement outside of a transaction, as changes of the schema want it."""

        def work() -> None:
            with self.driver.session() as session:
                session.run(statement, values).consume()  # type: ignore[arg-type, unused-ignore]

        self._answered(work)

    def probe(self) -> None:
        """Ask whether Neo4j is there, also when it was found away a moment ago."""
        with self._state:
            self._away_until = 0.0
        self.read("RETURN 1")

    def gauges(self) -> dict[str, float]:
        """Connections in use, and threads that wait for one: each call has one at a time."""
        asking = self._asking
        return {"StorePoolInUse": min(asking, POOL), "StorePoolWaiting": max(0, asking - POOL)}

    def _answered(self, work: Callable[[], T]) -> T:
        """Run what asks Neo4j, counted."""
        with self._state:
            self._asking += 1
        try:
            return self._patiently(work)
        finally:
            with self._state:
                self._asking -= 1

    def _patiently(self, work: Callable[[], T]) -> T:
        """Run what asks Neo4j.

        Again at once, and once, where a connection broke that stood; again after a refused password
        where the login has another one by now, and for some seconds while the account is shut, as
        it is when many connections met a rotation at once; again where others held locks, or took
        away what was being read.
        """
        if time.monotonic() < self._away_until:
            raise StoreUnavailable(self._why)
        began = time.monotonic()
        broken = False
        while True:
            tried = self._login.get_auth()
            try:
                return work()
            except (DriverError, OSError) as error:
                if isinstance(error, (ServiceUnavailable, SessionExpired)) and not broken:
                    broken = True
                    if time.monotonic() - began < CONNECT / 4:
                        continue
                raise self._away(error) from None
            except _Torn:
                if time.monotonic() - began > CONFLICTS:
                    raise StoreUnavailable("Neo4j changes faster than it can be read") from None
            except Neo4jError as error:
                spent = time.monotonic() - began
                if error.code == LOCKED and spent < PATIENCE:
                    time.sleep(0.5)
                elif (error.is_retryable() or error.code == GONE) and spent < CONFLICTS:
                    time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - no secret
                elif not self._login.handle_security_exception(tried, error):
                    raise _unavailable(error) from None

    def _away(self, error: Exception) -> StoreUnavailable:
        found = _unavailable(error)
        with self._state:
            self._away_until, self._why = time.monotonic() + PAUSE, str(found)
        return found


def _misses(value: object) -> bool:
    """Whether a value, or one inside it, is of something that went."""
    if isinstance(value, dict):
        value = [*value.values()]
    return any(map(_misses, value)) if isinstance(value, list) else value is None


def _unavailable(error: Exception) -> StoreUnavailable:
    """Bad news without credentials: the class of an error of the line, the code of Neo4j's own."""
    if isinstance(error, Neo4jError):
        if error.code.startswith(_OURS):
            log.error("Neo4j does not understand us: %s", error.message)
        return StoreUnavailable(f"Neo4j does not answer: {error.code}")
    return StoreUnavailable(f"Neo4j does not answer: {type(error).__name__}")
