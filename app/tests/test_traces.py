"""Traces: the tree of a request, what its spans hold, and what they must not hold or cost."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from model_server import Answer, ModelServer, completion, serving
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pydantic import SecretStr, ValidationError

from knowledgeweaver.extract.budget import Budget
from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.modelled import ModelExtractor
from knowledgeweaver.extract.openai import OpenAIModel
from knowledgeweaver.extract.port import ExtractionFailed
from knowledgeweaver.extract.prices import Price
from knowledgeweaver.telemetry import export, traces
from knowledgeweaver.telemetry.redact import HIDDEN, Redaction
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.telemetry.spans import Found


class Spans:
    """The spans that ended, by name."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    @property
    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def __getitem__(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.all if span.name == name]
        return found

    def parent(self, name: str) -> str | None:
        parent = self[name].parent
        if parent is None:
            return None
        ids = {span.context.span_id: span.name for span in self.all if span.context}
        return ids.get(parent.span_id, "outside")

    def holds(self, name: str) -> dict[str, Any]:
        return dict(self[name].attributes or {})


def recording(**settings: Any) -> Spans:
    exporter = InMemorySpanExporter()
    traces.start(TelemetrySettings(**settings), SimpleSpanProcessor(exporter))
    return Spans(exporter)


@pytest.fixture(autouse=True)
def _off_afterwards() -> Iterator[None]:
    yield
    traces.start(TelemetrySettings())


def ask() -> None:
    """A request as the application makes it."""
    with traces.span_request("POST /ask", "Who?") as request:
        with traces.span_retrieval("Who?") as retrieval:
            with traces.span_query("search", store="sqlite", given=["who"]) as query:
                query.note(rows=2)
            retrieval.documents(
                [
                    Found("7", "Ada wrote.", 0.9, {"document": "ada.md", "start": 3}),
                    Found("8", "Babbage built.", 0.4),
                ]
            )
        with traces.span_model("answer", model="llama", provider="openai"):
            pass
        request.output({"answer": "Ada"})


def test_a_request_is_one_tree_of_spans() -> None:
    spans = recording()
    ask()
    assert {span.name: spans.parent(span.name) for span in spans.all} == {
        "POST /ask": None,
        "retrieval": "POST /ask",
        "sqlite search": "retrieval",
        "answer": "POST /ask",
    }
    assert len({span.context.trace_id for span in spans.all if span.context}) == 1


def test_spans_carry_the_names_of_openinference() -> None:
    spans = recording()
    ask()
    request = spans.holds("POST /ask")
    assert request["openinference.span.kind"] == "CHAIN"
    assert request["input.value"] == "Who?"
    assert json.loads(request["output.value"]) == {"answer": "Ada"}
    assert request["output.mime_type"] == "application/json"
    retrieval = spans.holds("retrieval")
    assert retrieval["openinference.span.kind"] == "RETRIEVER"
    assert retrieval["retrieval.documents.0.document.id"] == "7"
    assert retrieval["retrieval.documents.0.document.content"] == "Ada wrote."
    assert retrieval["retrieval.documents.0.document.score"] == 0.9
    about = json.loads(retrieval["retrieval.documents.0.document.metadata"])
    assert about == {"document": "ada.md", "start": 3}
    query = spans.holds("sqlite search")
    assert query["db.system.name"] == "sqlite"
    assert query["rows"] == 2
    assert spans.holds("answer")["openinference.span.kind"] == "LLM"


def test_a_model_call_of_the_extractor_is_a_span_with_tokens_and_cost() -> None:
    spans = recording()
    with serving() as server:
        filled = {"names": [{"name": "Ada", "kind": "person"}], "facts": []}
        server.will(completion(json.dumps(filled)))
        memory = SqliteMemory()
        extractor = ModelExtractor(
            Caller(OpenAIModel("llama", server.url), Price(1.0, 5.0)),
            memory,
            Budget(memory, document=1, day=1),
        )
        with traces.span_ingest("ada.md"):
            extractor.extract("Ada wrote.", title="Ada", language="en")
    assert spans.parent("extract") == "ingest"
    call = spans.holds("extract")
    assert call["llm.model_name"] == "llama"
    assert call["llm.token_count.prompt"] == 1000
    assert call["llm.token_count.completion"] == 200
    assert call["llm.token_count.total"] == 1200
    assert call["llm.cost.prompt"] == pytest.approx(0.001)
    assert call["llm.cost.completion"] == pytest.approx(0.001)
    assert call["llm.cost.total"] == pytest.approx(0.002)
    assert call["llm.prompt_template.version"].startswith("extract-1.")
    assert call["llm.input_messages.0.message.role"] == "system"
    assert "Ada wrote." in call["llm.input_messages.1.message.content"]
    assert json.loads(call["llm.output_messages.0.message.content"]) == filled


def test_a_failure_is_shown_by_its_reason_and_not_by_a_message_that_may_quote_a_document() -> None:
    spans = recording()

    def fail() -> None:
        with traces.span_request("POST /ask"), traces.span_ingest("a.md"):
            raise ExtractionFailed("throttled", "the secret text")

    with pytest.raises(ExtractionFailed):
        fail()
    assert spans["ingest"].status.status_code is StatusCode.ERROR
    assert spans["ingest"].status.description == "ExtractionFailed throttled"
    assert "secret" not in "".join(span.to_json() for span in spans.all)


def test_a_trace_goes_on_across_a_queue() -> None:
    spans = recording()
    with traces.span_request("POST /documents"):
        message = {"Body": "…", "MessageAttributes": traces.to_sqs()}
    with traces.span_ingest("a.md", parent=traces.from_sqs(message)):
        pass
    assert spans.parent("ingest") == "POST /documents"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"MessageAttributes": None},
        {"MessageAttributes": {"traceparent": {"StringValue": "nonsense"}}},
        {"MessageAttributes": {"traceparent": {"BinaryValue": b"x"}}},
        {"MessageAttributes": {"traceparent": {"StringValue": f"00-{'0' * 32}-{'0' * 16}-01"}}},
    ],
)
def test_a_message_without_a_trace_begins_one(message: dict[str, Any]) -> None:
    spans = recording()
    with traces.span_request("other"), traces.span_ingest("x"):
        pass
    assert traces.from_sqs(message) is None
    with traces.span_ingest("a.md", parent=traces.from_sqs(message)) as span:
        span.span.update_name("alone")
    assert spans.parent("alone") is None


def test_headers_of_a_caller_are_taken_up_whatever_their_case() -> None:
    spans = recording()
    parent = traces.arrived({"Traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    with traces.span_request("POST /ask", parent=parent):
        assert traces.outgoing()["traceparent"].startswith(f"00-{'a' * 32}-")
    assert spans.parent("POST /ask") == "outside"


def test_work_in_a_pool_stays_in_its_trace() -> None:
    spans = recording()

    def work(number: int) -> None:
        with traces.span_step(f"step {number}"):
            pass

    with traces.span_ingest("a.md"), ThreadPoolExecutor(4) as pool:
        for task in [pool.submit(traces.carry(work), number) for number in range(8)]:
            task.result()
    assert {spans.parent(f"step {number}") for number in range(8)} == {"ingest"}


def test_a_streamed_answer_keeps_its_trace_whichever_thread_asks_for_its_parts() -> None:
    spans = recording()

    def parts() -> Iterator[int]:
        with traces.span_request("POST /ask"):
            for number in range(3):
                with traces.span_step(f"part {number}"):
                    pass
                yield number

    stream = traces.keep(parts())
    got: list[int] = []
    for _ in range(4):
        thread = threading.Thread(target=lambda: got.extend([next(stream, -1)]))
        thread.start()
        thread.join()
    assert got == [0, 1, 2, -1]
    assert {spans.parent(f"part {number}") for number in range(3)} == {"POST /ask"}
    assert spans["POST /ask"].status.status_code is not StatusCode.ERROR


def test_a_reader_who_goes_away_ends_the_spans_and_is_no_error() -> None:
    spans = recording()

    def parts() -> Iterator[int]:
        with traces.span_request("POST /ask"):
            yield from range(9)

    stream = traces.keep(parts())
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    assert spans["POST /ask"].status.status_code is not StatusCode.ERROR


def test_nothing_of_the_texts_is_kept_where_that_is_set_but_figures_are() -> None:
    spans = recording(kw_trace_content="none")
    ask()
    text = "".join(span.to_json() for span in spans.all)
    for word in ("Who?", "Ada", "Babbage"):
        assert word not in text.replace("ada.md", "")
    assert spans.holds("retrieval")["retrieval.documents.1.document.score"] == 0.4
    assert spans.holds("POST /ask")["input.value"] == HIDDEN


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",  # pragma: allowlist secret
        "Bearer abcdefghijklmnopqrstuvwxyz",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEow",
    ],
)
def test_secrets_are_cut_out_also_where_the_text_is_cut(secret: str) -> None:
    settings = TelemetrySettings()
    redact = Redaction(settings.kw_trace_redact, 60)
    assert redact(f"my key is {secret}") == f"my key is {HIDDEN}"
    kept = redact("x" * 55 + " " + secret)
    assert "KEY--" not in kept
    assert "AKIA" not in kept
    assert "Bear" not in kept


def test_texts_are_cut_and_half_characters_do_not_stop_the_exporter() -> None:
    redact = Redaction((), 10)
    assert redact("a" * 11) == "a" * 10 + "…"
    assert redact("a" * 10) == "a" * 10
    assert redact("half \ud83d").encode() == b"half ?"
    assert redact({"when": object}).startswith('{"when"')


def test_a_pattern_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        TelemetrySettings(kw_trace_redact=["("])


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 50)])
def test_the_share_that_is_set_is_traced_whole_or_not_at_all(share: float, expected: int) -> None:
    spans = recording(kw_trace_sample=share)
    for _ in range(50):
        ask()
    assert len(spans.all) == 4 * expected


def test_log_lines_have_ids_even_where_no_trace_is_sent() -> None:
    traces.start(TelemetrySettings())
    assert traces.trace_ids() == ("", "")
    with traces.span_request("POST /ask"):
        trace_id, span_id = traces.trace_ids()
        assert len(trace_id) == 32
        assert len(span_id) == 16


def collector(server: ModelServer, **settings: Any) -> traces.Tracing:
    return traces.start(TelemetrySettings(phoenix_collector_endpoint=server.url, **settings))


@pytest.fixture
def takes() -> Iterator[ModelServer]:
    """A collector, which is sent protobuf."""
    with serving() as server:
        server.will(Answer(b""))
        yield server


def test_spans_go_to_phoenix_and_langfuse_with_their_keys(takes: ModelServer) -> None:
    tracing = traces.start(
        TelemetrySettings(
            phoenix_collector_endpoint=takes.url + "/phoenix/",
            phoenix_api_key=SecretStr("system-key"),
            langfuse_host=takes.url,
            langfuse_public_key=SecretStr("pk-lf-1"),
            langfuse_secret_key=SecretStr("sk-lf-2"),
        )
    )
    ask()
    assert tracing.stop(5)
    sent = dict(zip(takes.paths, takes.headers, strict=True))
    assert set(sent) == {"/phoenix/v1/traces", "/api/public/otel/v1/traces"}
    assert sent["/phoenix/v1/traces"]["authorization"] == "Bearer system-key"
    langfuse = sent["/api/public/otel/v1/traces"]
    assert langfuse["authorization"] == "Basic cGstbGYtMTpzay1sZi0y"
    assert langfuse["x-langfuse-ingestion-version"] == "4"


@pytest.mark.parametrize(("public", "secret"), [("off", "off"), ("pk-lf-1", ""), ("", "sk-lf-1")])
def test_nothing_goes_to_langfuse_before_both_keys_are_real(public: str, secret: str) -> None:
    settings = TelemetrySettings(
        langfuse_public_key=SecretStr(public), langfuse_secret_key=SecretStr(secret)
    )
    assert not settings.langfuse
    assert export.processors(settings) == []


def timed(requests: int) -> float:
    started = time.perf_counter()
    for _ in range(requests):
        ask()
    return (time.perf_counter() - started) / requests


@pytest.mark.parametrize(
    "bad",
    [Answer(b"", wait=30), Answer(b"", 500), Answer(b"", 401), Answer(b"", 429), Answer(cut=True)],
)
def test_a_collector_that_is_slow_or_refuses_slows_and_fails_no_request(
    takes: ModelServer, bad: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    takes.will(bad)
    tracing = collector(takes)
    assert timed(export.QUEUE) < 0.01  # four times the queue's spans, each request in milliseconds
    started = time.monotonic()
    tracing.stop(0.5)
    assert time.monotonic() - started < 2
    assert len([line for line in caplog.records if line.levelname != "INFO"]) <= 2


def test_a_collector_that_is_not_there_is_told_once_and_its_return_too(
    caplog: pytest.LogCaptureFixture, takes: ModelServer
) -> None:
    caplog.set_level("INFO")
    takes.will(Answer(b"", 401), Answer(b"", 401), Answer(b""))
    tracing = collector(takes)
    for expected in range(1, 4):
        ask()
        tracing.senders[0].force_flush()
        assert len(takes.paths) >= expected
    tracing.stop(5)
    told = [line.getMessage() for line in caplog.records if line.name == export.__name__]
    assert told == [
        "traces do not reach Phoenix; requests go on without them",
        "traces reach Phoenix again; 8 spans were lost",
    ]


def test_spans_in_async_handlers_belong_to_their_own_request() -> None:
    spans = recording()

    async def handler(number: int) -> None:
        with traces.span_request(f"request {number}"):
            await asyncio.sleep(0.001)
            with traces.span_step(f"step {number}"):
                await asyncio.sleep(0)

    async def all_at_once() -> None:
        await asyncio.gather(*(handler(number) for number in range(20)))

    asyncio.run(all_at_once())
    for number in range(20):
        assert spans.parent(f"step {number}") == f"request {number}"
