"""The HTTP interface as its callers know it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import KEY
from fastapi.testclient import TestClient

from knowledgeweaver.api import create_app
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest
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
    gone = Neo4jStore("bolt://127.0.0.1:1", "neo4j", "secret-password")
    client = TestClient(create_app(settings, gone), headers={"x-api-key": KEY})
    for answer in (client.get("/health/ready"), client.post("/ask", json={"question": "Rome?"})):
        assert answer.status_code == 503
        assert "secret-password" not in answer.text
    assert client.get("/health/live").status_code == 200


def test_a_document_can_be_listed_read_replaced_and_taken_away(client: TestClient) -> None:
    stored = client.post("/documents", json={"name": "a.txt", "text": TEXT}).json()
    where = f"/documents/{stored['id']}"
    assert client.get(where).json()["state"] == "done"
    assert [d["name"] for d in client.get("/documents").json()["documents"]] == ["a.txt"]
    [passage] = client.get(f"{where}/passages").json()["passages"]
    assert TEXT[passage["start"] : passage["end"]] == passage["text"]
    client.put("/documents?name=a.txt", content="New.", headers={"content-type": "text/plain"})
    assert client.get(f"{where}/passages").json()["passages"][0]["text"] == "New."
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == client.delete(where).status_code == 404
    assert client.delete("/documents", params={"name": "a.txt"}).status_code == 404


def test_a_citation_opens_at_its_sentence(client: TestClient) -> None:
    client.post("/documents", json={"name": "engines.txt", "text": TEXT})
    asked = client.post("/ask", json={"question": "Who designed the Analytical Engine?"}).json()
    cited = asked["citations"][0]
    sentence = TEXT[cited["sentence_start"] : cited["sentence_end"]]
    assert sentence == cited["sentence"] == asked["answer"]
    assert asked["extractor"] == "offline"
    assert asked["support"] == 1.0


def test_a_list_goes_on_where_the_last_page_ended(client: TestClient) -> None:
    for name in ("b", "a", "c"):
        client.post("/documents", json={"name": name, "text": "Words."})
    page = client.get("/documents", params={"limit": 2}).json()
    rest = client.get("/documents", params={"limit": 2, "after": page["after"]}).json()
    assert [d["name"] for d in page["documents"] + rest["documents"]] == ["a", "b", "c"]
    assert rest["after"] is None


def test_files_in_a_form_are_read_later_and_can_be_followed(settings: Settings) -> None:
    with TestClient(create_app(settings, SqliteStore()), headers={"x-api-key": KEY}) as client:
        files = [("file", (f"{n}.md", f"# Title {n}\n\nWords.".encode())) for n in range(3)]
        sent = client.post("/documents/batch", files=files)
        assert sent.status_code == 202
        for document in sent.json():
            told = client.get(f"/documents/{document['id']}/events").text
            assert '"state":"done"' in told.splitlines()[-2] or '"state":"done"' in told
        titles = [d["title"] for d in client.get("/documents").json()["documents"]]
        assert titles == ["Title 0", "Title 1", "Title 2"]


SECRET = "my-own-words"
FORM = {"content-type": "multipart/form-data"}


@pytest.mark.parametrize(
    ("method", "path", "sent", "code"),
    [
        ("POST", "/ask", {"json": {"question": 1, SECRET: SECRET}}, 422),
        ("POST", "/ask", {"content": b"\xff\xfe", "headers": {"content-type": "a/b"}}, 422),
        ("POST", "/ask", {"content": b'{"question": "\\ud800 my-own-words"}'}, 422),
        ("POST", "/documents", {"content": b"{my-own-words"}, 415),
        ("POST", "/documents", {"json": {"name": "a", "text": SECRET, "more": SECRET}}, 422),
        ("POST", "/documents", {"json": {"name": "", "text": SECRET}}, 422),
        ("POST", "/documents?name=", {"content": SECRET, "headers": {"content-type": "a/b"}}, 422),
        ("POST", "/documents", {"content": b"x", "headers": FORM}, 400),
        ("GET", "/documents?limit=0", {}, 422),
        ("GET", "/documents?state=my-own-words", {}, 422),
        ("GET", "/documents/my-own-words", {}, 404),
        ("GET", "/my-own-words", {}, 404),
        ("PATCH", "/documents", {}, 405),
        ("DELETE", "/merges?alias=a&into=b", {}, 404),
    ],
)
def test_every_error_is_a_problem_that_does_not_say_what_was_sent(
    settings: Settings, method: str, path: str, sent: dict[str, Any], code: int
) -> None:
    client = TestClient(create_app(settings, SqliteStore()), headers={"x-api-key": KEY})
    answer = client.request(method, path, **sent)
    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == code
    assert SECRET not in answer.text


def test_the_key_is_looked_at_before_the_body_and_on_every_other_path(client: TestClient) -> None:
    client.headers.clear()
    for path in ("/ask", "/documents", "/docs", "/openapi.json", "/nowhere"):
        answer = client.post(path, content=b"\xff{", headers={"content-type": "application/json"})
        assert answer.status_code == 401, path


def test_wrong_keys_are_limited_and_right_ones_go_on(client: TestClient) -> None:
    codes = {
        client.get("/documents", headers={"x-api-key": "wrong"}).status_code for _ in range(30)
    }
    assert codes == {401, 429}
    assert client.get("/documents").status_code == 200


def test_a_body_that_grows_beyond_what_it_said_is_not_read_to_its_end(frugal: TestClient) -> None:
    parts = (b"x" * 100 for _ in range(9))
    sent = frugal.post("/documents?name=a", content=parts, headers={"content-type": "text/plain"})
    assert sent.status_code == 413


def test_a_store_that_is_away_is_told_within_a_second(settings: Settings) -> None:
    gone = Neo4jStore("bolt://127.0.0.1:1", "neo4j", "secret-password")
    client = TestClient(create_app(settings, gone), headers={"x-api-key": KEY})
    client.post("/ask", json={"question": "Rome?"})
    began = time.monotonic()
    answer = client.post("/ask", json={"question": "Rome?"})
    assert time.monotonic() - began < 1
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_document_with_the_name_of_a_long_key_is_listed_and_taken_away(
    client: TestClient, store: GraphStore
) -> None:
    long = "folder/" * 140 + "engine.txt"  # as long as a key of S3 may be
    ingest = Ingest(store, Offline())
    for name in (long, f"{long}.later"):
        assert ingest.add(name, b"Ada Lovelace wrote about it.").created
    first = client.get("/documents", params={"limit": 1}).json()
    assert [one["name"] for one in first["documents"]] == [long]
    [second] = client.get("/documents", params={"after": first["after"]}).json()["documents"]
    assert second["name"] == f"{long}.later"
    for name in (long, f"{long}.later"):
        assert client.delete("/documents", params={"name": name}).status_code == 204
    assert client.get("/documents").json()["documents"] == []


def test_a_path_with_a_slash_too_many_is_not_sent_elsewhere(client: TestClient) -> None:
    sent = client.post("/documents/", json={"name": "a", "text": "b"}, follow_redirects=False)
    assert sent.status_code in (404, 405)
