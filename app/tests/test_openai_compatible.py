"""What an OpenAI-compatible server is sent, and what is made of the ways it may answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from model_server import Answer, ModelServer, completion, completion_stream, serving

from knowledgeweaver.extract.openai import LONGEST, OpenAIModel
from knowledgeweaver.extract.prompt import answer_call, extraction_call
from knowledgeweaver.extract.provider import ModelFailed, Tokens

CALL = extraction_call("Ada wrote.", title="Notes", language="en", max_tokens=500)
QUESTION = answer_call("Who wrote?", ["Ada wrote."], max_tokens=500)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as made:
        yield made


def model(server: ModelServer, **how: float | int | str) -> OpenAIModel:
    return OpenAIModel("llama", f"{server.url}/v1/", **how)  # type: ignore[arg-type]


def failure(server: ModelServer, **how: float | int | str) -> str:
    with pytest.raises(ModelFailed) as failed:
        list(model(server, **how).stream(QUESTION))
    return failed.value.reason


def test_the_form_is_asked_for_as_a_strict_schema_and_the_key_is_sent(server: ModelServer) -> None:
    server.will(completion('{"names": [], "facts": []}'))
    reply = model(server, key="sk-1").fill(CALL)
    assert reply.filled == {"names": [], "facts": []}
    assert (reply.input_tokens, reply.output_tokens) == (1000, 200)
    (asked,) = server.asked
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["authorization"] == "Bearer sk-1"
    assert asked["model"] == "llama"
    assert [one["role"] for one in asked["messages"]] == ["system", "user"]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert asked["response_format"]["json_schema"]["name"] == "note_down"


def test_no_key_is_sent_where_none_is_set(server: ModelServer) -> None:
    server.will(completion("{}"))
    model(server).fill(CALL)
    assert "authorization" not in server.headers[0]


@pytest.mark.parametrize("fenced", ['```json\n{"a": 1}\n```', '```\n{"a": 1}```', ' {"a": 1} '])
def test_json_between_fences_is_read(server: ModelServer, fenced: str) -> None:
    server.will(completion(fenced))
    assert model(server).fill(CALL).filled == {"a": 1}


def test_a_refusal_is_refused(server: ModelServer) -> None:
    body = {"choices": [{"message": {"refusal": "I will not"}, "finish_reason": "stop"}]}
    server.will(Answer(json.dumps(body).encode()))
    with pytest.raises(ModelFailed) as failed:
        model(server).fill(CALL)
    assert failed.value.reason == "refused"


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"message": {"content": 7}}]},
        {"choices": [{"message": None}], "usage": "much"},
        {"choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": -5}},
        {"choices": [{"message": {"content": "{}"}, "finish_reason": ["stop"]}]},
    ],
)
def test_an_answer_of_odd_types_counts_no_tokens_and_breaks_nothing(
    server: ModelServer, body: object
) -> None:
    server.will(Answer(json.dumps(body).encode()))
    reply = model(server).fill(CALL)
    assert (reply.input_tokens, reply.output_tokens) == (0, 0)


def test_an_endless_answer_is_not_read_to_its_end(server: ModelServer) -> None:
    server.will(completion("x" * (LONGEST + 1)))
    with pytest.raises(ModelFailed) as failed:
        model(server).fill(CALL)
    assert failed.value.reason == "malformed"


def test_the_wait_that_the_server_asks_for_is_kept(server: ModelServer) -> None:
    server.will(Answer(b"", 429, {"retry-after": "0"}), completion("{}"))
    assert model(server, attempts=2).fill(CALL).filled == {}
    # longer than the whole answer may take: not waited for
    server.will(Answer(b"", 429, {"retry-after": "3600"}))
    with pytest.raises(ModelFailed) as failed:
        model(server).fill(CALL)
    assert failed.value.reason == "throttled"
    assert len(server.asked) == 3


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with serving() as gone:
        pass
    assert failure(gone, attempts=1) == "unavailable"


def test_a_streamed_answer_comes_in_parts_with_its_tokens(server: ModelServer) -> None:
    server.will(completion_stream(["Ada ", "wrote. ", "[1]"]))
    assert list(model(server).stream(QUESTION)) == ["Ada ", "wrote. ", "[1]", Tokens(500, 50)]
    assert server.asked[0]["stream_options"] == {"include_usage": True}


def test_a_stream_of_half_lines_and_odd_events_is_read(server: ModelServer) -> None:
    body = completion_stream(["東京", "タワー"]).body
    noise = b': comment\n\ndata: not json\n\ndata: 7\n\ndata: {"choices": "x"}\n\n'
    server.will(Answer(noise + body, wait_inside=0.05))
    assert list(model(server).stream(QUESTION))[:2] == ["東京", "タワー"]


def test_a_stream_that_ends_badly_has_a_reason(server: ModelServer) -> None:
    server.will(completion_stream(["Ada "], "length"))
    assert failure(server) == "truncated"
    server.will(Answer(b'data: {"choices": [{"delta": {"content": "Ada"}}]}\n\n'))
    assert failure(server) == "unavailable"
    server.will(completion_stream(["Ada "] * 50, cut=True))
    assert failure(server) == "unavailable"
    server.will(completion_stream(["Ada "] * 50, wait_inside=3))
    assert failure(server, timeout=0.4) == "unavailable"


def test_what_has_begun_is_not_asked_for_again(server: ModelServer) -> None:
    server.will(completion_stream(["Ada "] * 50, cut=True))
    assert failure(server, attempts=5) == "unavailable"
    assert len(server.asked) == 1
