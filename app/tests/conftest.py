"""Stores for the tests: SQLite always; Neo4j where NEO4J_TEST_URI names an empty one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from knowledgeweaver.api import create_app
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.settings import Settings

KEY = "a-key-that-is-long-enough"
NEO4J = os.environ.get("NEO4J_TEST_URI")

# an example that takes long says that the machine is busy, not that the law is broken
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


@pytest.fixture
def settings() -> Settings:
    return Settings.read({"KW_API_KEY": KEY, "KW_TREE": "f" * 40})


@pytest.fixture(params=["sqlite", "neo4j"] if NEO4J else ["sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[GraphStore]:
    if request.param == "sqlite":
        made: GraphStore = SqliteStore()
    else:
        assert NEO4J is not None
        neo4j = Neo4jStore(NEO4J, "neo4j", os.environ["NEO4J_TEST_PASSWORD"])
        neo4j.ready()
        neo4j.link.driver.execute_query("MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
        made = neo4j
    yield made
    made.close()


@pytest.fixture
def client(settings: Settings, store: GraphStore) -> TestClient:
    return TestClient(create_app(settings, store), headers={"x-api-key": KEY})


@pytest.fixture
def frugal(settings: Settings) -> TestClient:
    tight = settings.model_copy(update={"kw_max_document_bytes": 300, "kw_requests_per_minute": 3})
    return TestClient(create_app(tight, SqliteStore()), headers={"x-api-key": KEY})
