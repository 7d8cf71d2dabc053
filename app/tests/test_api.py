"""The HTTP interface as its callers know it."""

from __future__ import annotations

from fastapi.testclient import TestClient

from knowledgeweaver.api import create_app
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.settings import Settings

TEXT = (
    "Ada Lovelace wrote the first program for the Analytical Engine. "
    "The Analytical Engine was designed by Charles Babbage. He was born in London."
)


def test_health_and_version_are_open(client: TestClient) -> None:
    client.headers.clear()
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").status_code == 200
    assert client.get("/version").json()["tree"] == "f" * 40


def test_everything_else_wants_the_key(client: TestClient) -> None:
    client.headers.clear()
    assert client.post("/ask", json={"question": "Who?"}).status_code == 401
    body = {"name": "a", "text": "b"}
    wrong = client.post("/documents", json=body, headers={"x-api-key": "wrong"})
    assert wrong.status_code == 401


def test_a_posted_document_answers_a_question_with_its_source(client: TestClient) -> None:
    stored = client.post("/documents", json={"name": "engines.txt", "text": TEXT})
    assert stored.status_code == 201
    assert stored.json()["created"] is True
    answer = client.post("/ask", json={"question": "Who designed the Analytical Engine?"}).json()
    assert answer["answer"] == "The Analytical Engine was designed by Charles Babbage."
    assert answer["citations"][0]["document"] == "engines.txt"
    assert "Charles Babbage" in answer["entities"]


def test_posting_the_same_document_again_changes_nothing(client: TestClient) -> None:
    first = client.post("/documents", json={"name": "a", "text": TEXT}).json()
    again = client.post("/documents", json={"name": "a", "text": TEXT}).json()
    assert again["id"] == first["id"]
    assert again["created"] is False


def test_what_the_documents_do_not_hold_is_not_answered(client: TestClient) -> None:
    client.post("/documents", json={"name": "a", "text": TEXT})
    answer = client.post("/ask", json={"question": "Which colour has jealousy?"}).json()
    assert answer["answer"] is None
    assert answer["citations"] == []


def test_a_body_with_unknown_or_empty_fields_is_refused(client: TestClient) -> None:
    assert client.post("/ask", json={"question": "  "}).status_code == 422
    assert client.post("/ask", json={"question": "a", "mode": "x"}).status_code == 422


def test_a_document_over_the_limit_is_refused_before_it_is_read(frugal: TestClient) -> None:
    assert frugal.post("/documents", json={"name": "a", "text": "x" * 400}).status_code == 413


def test_too_many_requests_are_told_when_to_come_back(frugal: TestClient) -> None:
    codes = [frugal.post("/ask", json={"question": "a"}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert 0 < int(frugal.post("/ask", json={"question": "a"}).headers["retry-after"]) <= 60


def test_a_store_that_does_not_answer_makes_the_service_not_ready(settings: Settings) -> None:
    gone = Neo4jStore("bolt://127.0.0.1:1", "neo4j", "secret-password", retry_seconds=0.5)
    client = TestClient(create_app(settings, gone), headers={"x-api-key": settings.api_key})
    for answer in (client.get("/health/ready"), client.post("/ask", json={"question": "Rome?"})):
        assert answer.status_code == 503
        assert "secret-password" not in answer.text
    assert client.get("/health/live").status_code == 200
