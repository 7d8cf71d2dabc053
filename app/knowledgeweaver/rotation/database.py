"""Logging in to Neo4j and changing one's own password there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import Neo4jError

from knowledgeweaver.graph.login import LOCKED, UNAUTHORIZED
from knowledgeweaver.rotation.secret import Pair

#: Seconds to wait for an account that others' refused logins have shut; Neo4j does it for five.
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Neo4jAccounts:
    """The accounts of one Neo4j server."""

    uri: str

    def admits(self, pair: Pair) -> bool:
        """Whether the pair logs in and may read; the driver's errors for any other trouble."""
        with self._driver(pair) as driver:
            try:
                _patiently(driver, "RETURN 1", "neo4j")
            except Neo4jError as error:
                if error.code == UNAUTHORIZED:
                    return False
                raise
        return True

    def change(self, old: Pair, new: Pair) -> bool:
        """Change a password by its owner; False when the old one does not log in."""
        with self._driver(old) as driver:
            try:
                _patiently(
                    driver,
                    "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                    "system",
                    old=old.password,
                    new=new.password,
                )
            except Neo4jError as error:
                if error.code == UNAUTHORIZED:
                    return False
                raise
        return True

    @contextmanager
    def _driver(self, pair: Pair) -> Iterator[Driver]:
        with GraphDatabase.driver(
            self.uri,
            auth=(pair.username, pair.password),
            connection_timeout=5.0,
            connection_acquisition_timeout=5.0,
            max_transaction_retry_time=5.0,
        ) as driver:
            yield driver


def _patiently(driver: Driver, statement: str, database: str, **values: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with driver.session(database=database) as session:
                session.run(statement, values).consume()
            return
        except Neo4jError as error:
            if error.code != LOCKED or time.monotonic() >= end:
                raise
            time.sleep(1.0)
