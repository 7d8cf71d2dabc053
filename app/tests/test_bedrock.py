"""What Bedrock is sent, held against AWS's own description of Converse by botocore's Stubber."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from model_server import ModelServer, broken_stream, converse, converse_stream, serving, tool

from knowledgeweaver.extract.bedrock import BedrockModel
from knowledgeweaver.extract.prompt import answer_call, extraction_call, prompt
from knowledgeweaver.extract.provider import ModelFailed, Tokens

CALL = extraction_call("Ada wrote.", title="Notes", language="en", max_tokens=500)
QUESTION = answer_call("Who wrote?", ["Ada wrote."], max_tokens=500)


@pytest.fixture
def stubbed() -> Iterator[tuple[BedrockModel, Stubber]]:
    client = boto3.client(
        "bedrock-runtime",
        region_name="ap-southeast-2",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    with Stubber(client) as stubber:
        yield BedrockModel("anthropic.model", "ap-southeast-2", client=client), stubber


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving() as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", made.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        yield made


def answer(content: list[dict[str, Any]], stop: str = "tool_use") -> dict[str, Any]:
    made: dict[str, Any] = json.loads(converse(content, stop).body)
    return made


def test_the_one_tool_is_forced_and_its_schema_is_the_models_form(
    stubbed: tuple[BedrockModel, Stubber],
) -> None:
    model, stubber = stubbed
    form = prompt("extract-1").form
    assert form is not None
    expected = {
        "modelId": "anthropic.model",
        "system": [{"text": prompt("extract-1").text}],
        "messages": [{"role": "user", "content": [{"text": CALL.user}]}],
        "inferenceConfig": {"maxTokens": 500, "temperature": 0.0},
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": "note_down",
                        "description": ANY,
                        "inputSchema": {"json": form.schema},
                    }
                }
            ],
            "toolChoice": {"tool": {"name": "note_down"}},
        },
    }
    filled = {"names": [], "facts": []}
    stubber.add_response("converse", answer(tool(filled)), expected)
    assert model.fill(CALL).filled == filled
    stubber.assert_no_pending_responses()


def test_the_schema_has_no_references_and_wants_every_member(
    stubbed: tuple[BedrockModel, Stubber],
) -> None:
    form = prompt("extract-1").form
    assert form is not None
    text = json.dumps(form.schema)
    assert "$ref" not in text
    assert "$defs" not in text
    fact = form.schema["properties"]["facts"]["items"]
    assert set(fact["required"]) == {"subject", "predicate", "object", "quote"}
    assert fact["additionalProperties"] is False


def test_a_call_of_another_tool_fills_in_nothing(stubbed: tuple[BedrockModel, Stubber]) -> None:
    model, stubber = stubbed
    wrong = answer(tool({"names": [], "facts": []}, name="delete_everything"))
    stubber.add_response("converse", wrong)
    assert model.fill(CALL).filled is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ThrottlingException", "throttled"),
        ("ServiceUnavailableException", "unavailable"),
        ("ModelNotReadyException", "unavailable"),
        ("ModelTimeoutException", "unavailable"),
        ("AccessDeniedException", "unavailable"),
        ("ResourceNotFoundException", "unavailable"),
        ("ValidationException", "unavailable"),
    ],
)
def test_each_error_of_the_service_has_a_stable_reason(
    stubbed: tuple[BedrockModel, Stubber], code: str, reason: str
) -> None:
    model, stubber = stubbed
    stubber.add_client_error("converse", code)
    with pytest.raises(ModelFailed) as failed:
        model.fill(CALL)
    assert failed.value.reason == reason


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("max_tokens", "truncated"),
        ("model_context_window_exceeded", "truncated"),
        ("guardrail_intervened", "refused"),
        ("content_filtered", "refused"),
    ],
)
def test_each_bad_end_has_a_stable_reason_and_its_tokens(
    stubbed: tuple[BedrockModel, Stubber], stop: str, reason: str
) -> None:
    model, stubber = stubbed
    stubber.add_response("converse", answer([{"text": "…"}], stop))
    with pytest.raises(ModelFailed) as failed:
        model.fill(CALL)
    assert failed.value.reason == reason
    assert (failed.value.input_tokens, failed.value.output_tokens) == (1000, 200)


def test_an_inference_profile_goes_into_the_address_whole(server: ModelServer) -> None:
    server.will(converse(tool({"names": [], "facts": []})))
    profile = "arn:aws:bedrock:ap-southeast-2:123456789012:inference-profile/apac.model"
    BedrockModel(profile, "ap-southeast-2").fill(CALL)
    assert server.paths[0].endswith("/converse")
    assert server.paths[0].count("/") == 3  # the profile's own slash is escaped


def test_a_streamed_answer_comes_in_parts_with_its_tokens_at_the_end(server: ModelServer) -> None:
    server.will(converse_stream(["Ada ", "wrote. ", "[1]"]))
    parts = list(BedrockModel("model", "ap-southeast-2").stream(QUESTION))
    assert parts == ["Ada ", "wrote. ", "[1]", Tokens(500, 50)]
    assert "toolConfig" not in server.asked[0]


def test_a_stream_that_breaks_off_has_a_reason_and_what_came_before_stays(
    server: ModelServer,
) -> None:
    got: list[object] = []
    server.will(broken_stream(["Ada "], "throttlingException"))
    with pytest.raises(ModelFailed) as failed:
        got.extend(BedrockModel("model", "ap-southeast-2", attempts=1).stream(QUESTION))
    assert failed.value.reason == "throttled"

    server.will(converse_stream(["Ada "], "max_tokens"))
    with pytest.raises(ModelFailed) as failed:
        got.extend(BedrockModel("model", "ap-southeast-2").stream(QUESTION))
    assert failed.value.reason == "truncated"


def test_a_stream_that_is_cut_or_silent_is_unavailable(server: ModelServer) -> None:
    whole = converse_stream(["Ada ", "wrote."] * 50)
    for bad in (
        converse_stream(["Ada ", "wrote."] * 50, cut=True),
        converse_stream(["Ada ", "wrote."] * 50, wait_inside=3),
    ):
        server.will(bad)
        assert bad.body == whole.body
        with pytest.raises(ModelFailed) as failed:
            list(BedrockModel("model", "ap-southeast-2", attempts=1, timeout=0.5).stream(QUESTION))
        assert failed.value.reason == "unavailable"
