"""The graph around some names, as the page draws it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from knowledgeweaver.graph.around import nearest
from knowledgeweaver.graph.port import Neighbourhood

ENGINE = "The Analytical Engine was designed by Charles Babbage. Ada Lovelace worked in London."
ROYAL = "Charles Babbage was born in London. The Royal Society honoured Charles Babbage."


@pytest.fixture
def reader(client: TestClient) -> TestClient:
    for name, text in (("engine.txt", ENGINE), ("royal.txt", ROYAL)):
        assert client.post("/documents", json={"name": name, "text": text}).status_code == 201
    return client


def test_names_come_with_the_documents_that_hold_them(reader: TestClient) -> None:
    graph = reader.get("/graph", params={"name": ["Charles Babbage", "London"]}).json()
    names = {one["key"]: one["name"] for one in graph["names"]}
    assert names["charles babbage"] == "Charles Babbage"
    assert [one["key"] for one in graph["names"]][:2] == ["charles babbage", "london"]
    documents = {one["id"]: one["name"] for one in graph["documents"]}
    assert set(documents.values()) == {"engine.txt", "royal.txt"}
    held = {(e["source"], documents[e["target"]]) for e in graph["edges"] if e["kind"] == "in"}
    assert {("london", "engine.txt"), ("london", "royal.txt")} <= held


def test_what_a_document_states_joins_two_names(reader: TestClient) -> None:
    asked = {"name": ["Analytical Engine", "Charles Babbage"]}
    graph = reader.get("/graph", params=asked).json()
    said = {(e["source"], e["label"], e["target"]) for e in graph["edges"] if e["kind"] == "fact"}
    assert ("analytical engine", "was designed by", "charles babbage") in said


def test_every_edge_joins_two_nodes_that_are_there(reader: TestClient) -> None:
    graph = reader.get("/graph", params={"name": "Charles Babbage", "limit": 3}).json()
    nodes = {one["key"] for one in graph["names"]} | {one["id"] for one in graph["documents"]}
    assert len(nodes) <= 3
    assert graph["edges"]
    assert all({e["source"], e["target"]} <= nodes for e in graph["edges"])


def test_a_name_that_nobody_knows_has_nothing_around_it(reader: TestClient) -> None:
    graph = reader.get("/graph", params={"name": "Jean Sibelius"}).json()
    assert graph == {"names": [], "documents": [], "edges": [], "more": 0}


@pytest.mark.parametrize("query", ["", "name=", "name=a&limit=0", "name=a&limit=2001", "x=1"])
def test_a_wrong_question_for_a_graph_is_a_problem(client: TestClient, query: str) -> None:
    answer = client.get(f"/graph?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_fact_joins_is_nearer_than_what_only_stands_near() -> None:
    near = Neighbourhood(
        named={1: ["ada", "london"], 2: ["paris", "rome"]},
        facts=[("ada", "engine")],
        alike=[],
        frequency={"ada": 2, "london": 9, "engine": 4, "paris": 1, "rome": 1},
    )
    assert nearest(near, ["ada"]) == ["ada", "engine", "london", "paris", "rome"]
    assert nearest(near, ["nobody"]) == ["paris", "rome", "ada", "engine", "london"]
