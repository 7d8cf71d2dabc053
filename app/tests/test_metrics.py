"""Metrics and log lines: what CloudWatch makes of them, and what one line a request holds."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.telemetry import logs, metrics, traces
from knowledgeweaver.telemetry.http import RequestTelemetry, line_fields
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.telemetry.start import start

APP = Path(__file__).resolve().parents[1]
#: The units that CloudWatch knows, as MetricDatum's documentation lists them (those of use here).
UNITS = {"Count", "Milliseconds", "Seconds", "None", "Bytes", "Percent"}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process writes, as CloudWatch gets it."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.start("INFO", stream)
    metrics.start("test")
    traces.start(TelemetrySettings())
    yield stream
    metrics.start("")
    root.handlers, root.level = before[0], before[1]


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def as_cloudwatch_reads(line: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """Values by name and dimensions, as the embedded metric format's specification has it."""
    found: dict[tuple[str, ...], float] = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "KnowledgeWeaver"
        for dimensions in directive["Dimensions"]:
            values = [f"{name}={line[name]}" for name in dimensions]
            assert all(isinstance(line[name], str) for name in dimensions)
            for metric in directive["Metrics"]:
                assert metric["Unit"] in UNITS
                found[(metric["Name"], *values)] = line[metric["Name"]]
    return found


def test_a_line_holds_each_metric_once_for_each_set_of_its_dimensions(lines: io.StringIO) -> None:
    metrics.emit({"DocumentsFailed": 1, "DocumentTime": 12.5}, Reason="encrypted")
    (line,) = parsed(lines)
    assert as_cloudwatch_reads(line) == {
        ("DocumentsFailed", "Environment=test"): 1,
        ("DocumentsFailed", "Environment=test", "Reason=encrypted"): 1,
        ("DocumentTime", "Environment=test"): 12.5,
    }
    assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 60_000


@given(st.dictionaries(st.sampled_from(sorted(metrics.TABLE)), st.floats(), min_size=1))
def test_whatever_the_values_are_the_line_is_one_that_cloudwatch_takes(
    values: dict[str, float],
) -> None:
    metrics.start("test")
    members = metrics.embedded(values, Status="done", Reason="empty")
    metrics.start("")
    text = json.dumps(members)
    assert "NaN" not in text
    assert "Infinity" not in text
    if members:
        named = {name for name, *_ in as_cloudwatch_reads(json.loads(text))}
        assert named == {name for name, value in values.items() if abs(value) < float("inf")}


def test_metrics_of_other_names_or_without_their_dimensions_are_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        metrics.embedded({"Nonsense": 1})
    with pytest.raises(ValueError, match="Documents"):
        metrics.embedded({"Documents": 1})


def test_nothing_is_written_where_metrics_are_off(lines: io.StringIO) -> None:
    metrics.start("")
    metrics.emit({"Questions": 1})
    assert lines.getvalue() == ""


def test_the_table_is_one_that_a_dashboard_can_use() -> None:
    for name, metric in metrics.TABLE.items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name)
        assert metric.unit in UNITS
        assert metric.meaning
        assert all(len(one) <= 2 for one in metric.dimensions)


def test_the_table_can_be_read_without_the_applications_environment() -> None:
    program = "from knowledgeweaver.telemetry.metrics import TABLE; print(len(TABLE))"
    run = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(APP)!r}); {program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout) == len(metrics.TABLE)


def test_a_log_line_is_one_json_object_with_its_trace(lines: io.StringIO) -> None:
    with traces.span_request("POST /ask"):
        logging.getLogger("knowledgeweaver").warning("two\nlines %s \ud83d", "東京")
        ids = traces.trace_ids()
    (line,) = parsed(lines)
    assert line["message"] == "two\nlines 東京 ?"
    assert line["level"] == "WARNING"
    assert (line["trace_id"], line["span_id"]) == ids
    assert line["time"].endswith("+00:00")


def test_an_error_that_was_caught_does_not_look_like_a_process_that_died(
    lines: io.StringIO,
) -> None:
    try:
        raise ValueError("x" * 1000)
    except ValueError:
        logging.getLogger("knowledgeweaver").exception("went on")
    assert "Traceback" not in lines.getvalue()
    (line,) = parsed(lines)
    assert line["error"]["type"] == "ValueError"
    assert len(line["error"]["message"]) == logs.MESSAGE
    assert "test_metrics.py" in line["error"]["frames"][-1]


def test_gauges_are_written_again_and_again_and_outlive_a_failure(lines: io.StringIO) -> None:
    values = iter([3.0, None, 4.0])

    def read() -> dict[str, float]:
        value = next(values, 4.0)
        if value is None:
            raise OSError("away")
        return {"StorePoolInUse": value}

    gauges = metrics.Gauges(read, 0.01)
    gauges.start()
    deadline = time.monotonic() + 20
    while '"StorePoolInUse": 4.0' not in lines.getvalue():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    gauges.stop(5)
    assert [line["message"] for line in parsed(lines)][:2] == [
        "metrics",
        "gauges cannot be read: OSError",
    ]


@pytest.fixture
def client(lines: io.StringIO) -> TestClient:
    return serving()


def serving(trust: bool = False) -> TestClient:
    app = FastAPI()

    @app.post("/documents/{name}")
    def put(name: str, request: Request) -> dict[str, str]:
        line_fields(request).update(metrics.embedded({"Questions": 1}))
        return {"trace": traces.trace_ids()[0]}

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b"]))

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("of the handler")

    @app.get("/health/live")
    def live() -> None:
        return None

    app.add_middleware(RequestTelemetry, trust=trust)
    return TestClient(app, raise_server_exceptions=False)


def requests(lines: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in parsed(lines) if line["logger"] == "knowledgeweaver.request"]


def test_each_request_is_one_line_with_its_trace_and_its_metrics(
    client: TestClient, lines: io.StringIO
) -> None:
    trace_id = client.post("/documents/secret-plan.pdf").json()["trace"]
    (line,) = requests(lines)
    assert line["trace_id"] == trace_id != ""
    assert (line["method"], line["route"], line["status"]) == ("POST", "/documents/{name}", 200)
    assert line["ms"] >= 0
    assert as_cloudwatch_reads(line) == {("Questions", "Environment=test"): 1}
    assert "secret-plan" not in lines.getvalue()


def test_a_request_that_fails_or_finds_nothing_is_a_line_too(
    client: TestClient, lines: io.StringIO
) -> None:
    client.get("/fails")
    client.get("/nowhere")
    client.get("/stream")
    assert [(line["route"], line["status"]) for line in requests(lines)] == [
        ("/fails", 500),
        ("unknown", 404),
        ("/stream", 200),
    ]


def test_health_checks_write_nothing(client: TestClient, lines: io.StringIO) -> None:
    client.get("/health/live")
    assert requests(lines) == []


@pytest.mark.parametrize("trust", [False, True])
def test_a_callers_trace_goes_on_only_where_callers_are_trusted(
    lines: io.StringIO, trust: bool
) -> None:
    headers = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    serving(trust).post("/documents/a", headers=headers)
    assert (requests(lines)[0]["trace_id"] == "a" * 32) is trust


@pytest.mark.parametrize("on", [True, False])
def test_one_call_starts_all_of_it(on: bool, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    tracing = start(TelemetrySettings(kw_environment="staging", kw_metrics=on))
    metrics.emit({"Questions": 1})
    logging.getLogger("knowledgeweaver").info("started")
    root.handlers, root.level = before
    metrics.start("")
    assert tracing.stop()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["message"] for line in told] == (["metrics"] if on else []) + ["started"]
    if on:
        assert told[0]["Environment"] == "staging"
