"""What the environment names works in the running server: models, money, traces, lines, keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from model_server import Answer, completion, completion_stream, serving
from server import KEY, server

from knowledgeweaver.keys import new_key
from knowledgeweaver.settings import table

TEXT = "The Analytical Engine was designed by Charles Babbage."
QUESTION = {"question": "Who designed the Analytical Engine?"}
FOUND = {"names": [{"name": "Charles Babbage", "kind": "person"}], "facts": []}
EVENTS = {"accept": "text/event-stream"}


def model(url: str, **more: str) -> dict[str, str]:
    given = {"KW_MODEL_PROVIDER": "openai", "KW_MODEL": "llama", "OPENAI_BASE_URL": url}
    return {**given, "KW_MODEL_USD_INPUT": "1", "KW_MODEL_USD_OUTPUT": "5", **more}


def events(answer: httpx.Response) -> list[tuple[str, Any]]:
    found = []
    for one in answer.text.strip().split("\n\n"):
        name, data = one.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_model_reads_and_answers_and_both_are_paid_and_told() -> None:
    with serving() as llm, server(model(llm.url, KW_ENVIRONMENT="here")) as running:
        llm.will(completion(json.dumps(FOUND)), completion_stream(["Babbage did. [1]"]))
        stored = running.client.post("/documents", json={"name": "a.txt", "text": TEXT}).json()
        assert stored["extractor"].startswith("openai llama")
        assert (stored["state"], stored["skipped"]) == ("done", 0)
        assert stored["usd"] > 0
        answer = running.client.post("/ask", json=QUESTION).json()
        assert (answer["answer"], answer["model"]) == ("Babbage did.", "openai llama")
        assert answer["sentences"] == [{"text": "Babbage did.", "sources": [1]}]
        today = running.client.get("/stats").json()["usd_today"]
        assert abs(today - stored["usd"] - answer["usd"]) < 1e-5
        [line] = [one for one in running.lines() if one.get("route") == "/ask"]
        assert line["trace_id"] == answer["trace_id"]
        assert (line["Environment"], line["Questions"], line["Refusals"]) == ("here", 1, 0)


def test_a_day_without_money_still_cites_the_passages() -> None:
    with serving() as llm, server(model(llm.url, KW_BUDGET_DAY_USD="0")) as running:
        stored = running.client.post("/documents", json={"name": "a.txt", "text": TEXT}).json()
        assert (stored["state"], stored["reason"]) == ("over-budget", "over-budget")
        answer = running.client.post("/ask", json=QUESTION).json()
        assert (answer["answer"], answer["reason"]) == (None, "over-budget")
        assert answer["citations"][0]["text"] == TEXT
        assert llm.asked == []


def test_an_answer_is_streamed_with_its_sources_first() -> None:
    with server() as running:
        running.client.post("/documents", json={"name": "a.txt", "text": TEXT})
        plain = running.client.post("/ask", json=QUESTION).json()
        streamed = running.client.post("/ask", json=QUESTION, headers=EVENTS)
        assert streamed.headers["content-type"].startswith("text/event-stream")
        names = [name for name, _ in events(streamed)]
        assert names == ["sources", "sentence", "answer"]
        last = events(streamed)[-1][1]
        assert {**last, "trace_id": ""} == {**plain, "trace_id": ""}
        cited = plain["citations"][0]
        place = f"/documents/{cited['document_id']}/passages/{cited['chunk']}"
        assert running.client.get(place).json()["text"] == TEXT
        assert running.client.get(f"{place}9").status_code == 404


def test_hashed_keys_do_what_they_may_and_two_overlap() -> None:
    reads, kept = new_key("page", ["read"])
    old, gone = new_key("old", ["read", "write"])
    gone = gone.model_copy(update={"until": "2020-01-01T00:00:00Z"})
    listed = [one.model_dump(mode="json", exclude_none=True) for one in (kept, gone)]
    with server({"KW_API_KEYS": json.dumps(listed)}) as running:
        document = {"name": "a.txt", "text": TEXT}

        def code(method: str, path: str, key: str, **sent: Any) -> int:
            headers = {"x-api-key": key}
            return httpx.request(method, running.url + path, headers=headers, **sent).status_code

        assert code("POST", "/documents", KEY, json=document) == 201
        assert code("POST", "/documents", reads, json=document) == 403
        assert code("POST", "/ask", reads, json=QUESTION) == 200
        assert code("GET", "/documents", reads) == 200
        assert code("GET", "/documents", old) == 401


def test_the_spans_of_a_question_reach_the_collector() -> None:
    with serving() as collector:
        collector.will(Answer(b""))
        with server({"PHOENIX_COLLECTOR_ENDPOINT": collector.url}) as running:
            running.client.post("/documents", json={"name": "a.txt", "text": TEXT})
            running.client.post("/ask", json=QUESTION)
        assert set(collector.paths) == {"/v1/traces"}


def test_the_settings_in_the_readme_are_those_that_are_read() -> None:
    assert table() in (Path(__file__).parents[1] / "README.md").read_text()
