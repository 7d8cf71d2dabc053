"""Uploaded documents: a real consumer, moto's S3 and SQS, the stores that all tests use."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest
from fastapi.testclient import TestClient
from inbox import ENGINE, KEY, REGION, Inbox, Shaky, texts, wait
from moto.server import ThreadedMotoServer
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from knowledgeweaver.api import create_app
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.port import Extraction
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.model import source_id
from knowledgeweaver.settings import Settings, SettingsError
from knowledgeweaver.telemetry import traces
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.uploads import consumer
from knowledgeweaver.uploads.consumer import UploadsConsumer

APP = Path(__file__).resolve().parents[1]
QUESTION = {"question": "Who designed the Analytical Engine?"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def clients(endpoint: str) -> tuple[Any, Any]:
    """Of S3 and SQS."""
    session = boto3.Session("testing", "testing", region_name=REGION)
    return session.client("s3", endpoint_url=endpoint), session.client("sqs", endpoint_url=endpoint)


@pytest.fixture
def inbox(endpoint: str, clients: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(consumer, "PAUSE", 0.05)
    s3, sqs = clients
    name = f"documents-{uuid4().hex[:8]}"

    def queue(called: str, **attributes: str) -> tuple[str, str]:
        url = sqs.create_queue(QueueName=called, Attributes=attributes)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    dead, dead_arn = queue(f"{name}-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = queue(name, VisibilityTimeout="1", RedrivePolicy=redrive)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    told = {
        "QueueConfigurations": [
            {"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        ]
    }
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)
    return Inbox(s3, sqs, name, url, dead)


@pytest.fixture
def reads(inbox: Inbox, store: GraphStore, settings: Settings) -> Iterator[TestClient]:
    """The application over a store, with its consumer running."""
    app = create_app(settings, store, inbox.reader(store))
    with TestClient(app, headers={"x-api-key": KEY}) as client:
        yield client


def answers(client: httpx.Client) -> bool:
    """Whether the question has its answer yet; not while the service starts or asks for a pause."""
    with suppress(httpx.TransportError):
        return bool(client.post("/ask", json=QUESTION).json().get("answer") == ENGINE)
    return False


def stopped_after(held: threading.Event, reader: UploadsConsumer) -> None:
    """Stop a reader whose store holds a call back: it ends when that call does, and not before."""
    stopped = threading.Thread(target=reader.stop, args=(60,))
    stopped.start()
    time.sleep(0.2)
    assert stopped.is_alive()
    held.set()
    stopped.join(60)
    assert not stopped.is_alive()


def test_an_uploaded_document_answers_a_question(inbox: Inbox, reads: TestClient) -> None:
    inbox.put("papers/the engine + more.txt", ENGINE)
    wait(lambda: answers(reads))
    citation = reads.post("/ask", json=QUESTION).json()["citations"][0]
    assert citation["document"] == "papers/the engine + more.txt"
    wait(lambda: inbox.left() == 0)


def test_the_same_document_uploaded_posted_and_told_twice_is_stored_once(
    inbox: Inbox, reads: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "uvicorn.error")
    posted = reads.post("/documents", json={"name": "engine.md", "text": ENGINE})
    for _ in range(2):
        inbox.put("engine.md", ENGINE)
    wait(lambda: caplog.text.count("'engine.md' was there already") == 2)
    wait(lambda: inbox.left() == 0)
    assert posted.json()["created"] is True
    assert len(reads.post("/ask", json=QUESTION).json()["citations"]) == 1


def test_what_an_object_says_is_replaced_with_it_and_gone_with_it(
    inbox: Inbox, reads: TestClient, store: GraphStore
) -> None:
    inbox.put("price.md", "The Foobarium costs 10 dollars.")
    wait(lambda: texts(store, "price.md") == ["The Foobarium costs 10 dollars."])
    inbox.put("price.md", "The Foobarium costs 25 dollars.")
    wait(lambda: texts(store, "price.md") == ["The Foobarium costs 25 dollars."])
    asked = reads.post("/ask", json={"question": "What does the Foobarium cost?"}).json()
    assert [c["text"] for c in asked["citations"]] == ["The Foobarium costs 25 dollars."]
    inbox.s3.delete_object(Bucket=inbox.bucket, Key="price.md")
    inbox.tell("price.md", "ObjectRemoved:Delete")  # moto tells of no removal
    wait(lambda: store.source(source_id("price.md")) is None)
    assert store.stats().entities == 0


def test_events_in_another_order_end_in_what_the_bucket_shows(
    inbox: Inbox, store: GraphStore
) -> None:
    reader = inbox.reader(store)
    inbox.silent()
    inbox.put("a.txt", "Second words.")
    inbox.tell("a.txt", "ObjectCreated:Put", sequencer="0B")
    inbox.tell("a.txt", "ObjectRemoved:DeleteMarkerCreated", sequencer="0A")
    inbox.tell("a.txt", "ObjectCreated:Put", sequencer="0A")
    reader.start()
    wait(lambda: inbox.left() == 0)
    reader.stop(60)
    assert texts(store, "a.txt") == ["Second words."]


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported"),
        ("zero.txt", b"a\0\1\2b" * 99, "not-text"),
        ("empty.txt", b" \n", "empty"),
        ("page.html", b"<html><script>let a = 1</script></html>", "no-text"),
        ("large.txt", b"x" * 10_001, "too-large"),
    ],
)
def test_what_cannot_be_read_is_a_failed_document_and_not_tried_again(
    inbox: Inbox, reads: TestClient, key: str, body: bytes, reason: str
) -> None:
    inbox.put(key, body)
    wait(lambda: inbox.left() == 0)
    [document] = reads.get("/documents", params={"state": "failed"}).json()["documents"]
    assert (document["name"], document["reason"]) == (key, reason)
    assert inbox.left(inbox.dead) == 0


def test_an_object_that_is_gone_before_it_is_read_is_nothing_to_do(inbox: Inbox) -> None:
    inbox.put("gone.txt", ENGINE)
    inbox.s3.delete_object(Bucket=inbox.bucket, Key="gone.txt")
    store = SqliteStore()
    reader = inbox.reader(store)
    reader.start()
    wait(lambda: inbox.left() == 0)
    reader.stop(60)
    assert store.sources(9) == []


@pytest.mark.parametrize(
    "body",
    ["no JSON", "{}", '{"Records": [{"eventName": "ObjectCreated:Put"}]}', "another bucket"],
)
def test_what_is_no_event_of_this_bucket_is_put_aside(
    inbox: Inbox, reads: TestClient, body: str
) -> None:
    stranger = {"bucket": {"name": "stranger"}, "object": {"key": "a.txt", "size": 1}}
    if body == "another bucket":
        body = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": stranger}]})
    inbox.sqs.set_queue_attributes(QueueUrl=inbox.url, Attributes={"VisibilityTimeout": "0"})
    inbox.sqs.send_message(QueueUrl=inbox.url, MessageBody=body)
    wait(lambda: inbox.left(inbox.dead) == 1)
    inbox.put("engine.txt", ENGINE)  # and the next one is read
    wait(lambda: answers(reads))


def test_messages_lose_no_try_while_the_store_is_away(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    store = Shaky()
    store.away = True
    reader = inbox.reader(store)
    reader.start()
    inbox.put("engine.txt", ENGINE)
    wait(lambda: caplog.text.count("uploads have to wait: away") > 5)
    store.away = False
    wait(lambda: inbox.left() == 0)
    reader.stop(60)
    assert texts(store) == [ENGINE]


def test_a_fault_while_the_queue_is_looked_at_ends_no_reading(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault")

    store = Shaky()
    reader = inbox.reader(store)
    with monkeypatch.context() as patch:
        patch.setattr(store, "ready", broken)
        reader.start()
        inbox.put("engine.txt", ENGINE)
        wait(lambda: "a look at the queue failed" in caplog.text)
    wait(lambda: inbox.left() == 0)
    reader.stop(60)
    assert texts(store) == [ENGINE]


def test_a_store_that_fails_in_the_middle_leaves_the_message_for_another_try(inbox: Inbox) -> None:
    store = Shaky()
    store.hold = threading.Event()
    reader = inbox.reader(store)
    reader.start()
    inbox.put("engine.txt", ENGINE)
    assert store.writing.wait(60)
    store.away = True
    store.hold.set()
    time.sleep(0.2)
    assert inbox.left() == 1
    store.away = False
    wait(lambda: inbox.left() == 0)
    reader.stop(60)
    assert texts(store) == [ENGINE]


def test_stopping_finishes_the_document_in_hand_and_takes_no_other(inbox: Inbox) -> None:
    store = Shaky()
    store.hold = threading.Event()
    reader = inbox.reader(store)
    reader.start()
    inbox.put("engine.txt", ENGINE)
    assert store.writing.wait(60)
    inbox.put("later.txt", "Later.")
    stopped_after(store.hold, reader)
    assert texts(store) == [ENGINE]
    assert inbox.left() == 1
    assert texts(store, "later.txt") == []


def test_after_stopping_the_store_is_asked_nothing_so_that_it_can_be_closed(inbox: Inbox) -> None:
    store = Shaky()
    store.hold_ready = threading.Event()
    reader = inbox.reader(store)
    reader.start()
    assert store.asked.wait(60)
    stopped_after(store.hold_ready, reader)
    store.asked.clear()
    time.sleep(0.2)
    assert not store.asked.is_set()


def test_a_message_that_comes_while_stopping_is_given_back(inbox: Inbox) -> None:
    store = SqliteStore()
    reader = inbox.reader(store)
    reader.start()
    time.sleep(0.3)  # it waits for messages now
    reader.stop(60)
    inbox.put("engine.txt", ENGINE)
    time.sleep(0.3)
    found = inbox.sqs.receive_message(QueueUrl=inbox.url, WaitTimeSeconds=2)
    assert "engine.txt" in found["Messages"][0]["Body"]
    assert texts(store) == []


def test_the_process_reads_uploads_and_does_not_wait_for_more_on_sigterm(inbox: Inbox) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {name: os.environ[name] for name in os.environ if name.startswith(("AWS_", "PATH"))}
    env |= {"PORT": str(port), "KW_API_KEY": KEY, "AWS_REGION": REGION}
    env |= {"DOCUMENTS_BUCKET": inbox.bucket, "DOCUMENTS_QUEUE_URL": inbox.url}
    process = subprocess.Popen([sys.executable, "-m", "knowledgeweaver"], cwd=APP, env=env)
    try:
        inbox.put("engine.txt", ENGINE)
        where = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=where, headers={"x-api-key": KEY}) as caller:
            wait(lambda: answers(caller))
        wait(lambda: inbox.left() == 0)
    finally:
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.wait(60)
    assert time.monotonic() - began < consumer.WAIT / 2


def test_a_queue_without_its_bucket_and_region_stops_the_start() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({"KW_API_KEY": KEY, "DOCUMENTS_QUEUE_URL": "uploads"})
    for name in ("DOCUMENTS_QUEUE_URL must look like", "AWS_REGION", "DOCUMENTS_BUCKET"):
        assert name in str(refused.value)


def test_a_document_told_with_a_trace_belongs_to_it(
    inbox: Inbox,
) -> None:
    exporter = InMemorySpanExporter()
    traces.start(TelemetrySettings(), SimpleSpanProcessor(exporter))
    try:
        store = SqliteStore()
        reader = inbox.reader(store)
        inbox.silent()
        inbox.put("engine.txt", ENGINE)
        told = {"bucket": {"name": inbox.bucket}, "object": {"key": "engine.txt"}}
        body = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": told}]})
        with traces.span_request("upload"):
            trace_id = traces.trace_ids()[0]
            inbox.sqs.send_message(
                QueueUrl=inbox.url, MessageBody=body, MessageAttributes=traces.to_sqs()
            )
        reader.start()
        wait(lambda: inbox.left() == 0)
        reader.stop(60)
    finally:
        traces.start(TelemetrySettings())
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert {"upload", "ingest", "read", "sqlite replace"} <= spans.keys()
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {trace_id}


def test_a_message_stays_with_who_works_on_it_for_longer_than_the_queue_would_leave_it(
    inbox: Inbox,
) -> None:
    store = Shaky()
    store.hold = threading.Event()
    reader = inbox.reader(store)
    reader.start()
    inbox.put("engine.txt", ENGINE)
    assert store.writing.wait(60)
    # the queue leaves it for one second
    assert "Messages" not in inbox.sqs.receive_message(QueueUrl=inbox.url, WaitTimeSeconds=3)
    store.hold.set()
    wait(lambda: inbox.left() == 0)
    reader.stop(60)


def test_a_long_document_is_left_at_its_next_chunk_and_its_message_given_back(
    inbox: Inbox,
) -> None:
    inbox.sqs.set_queue_attributes(QueueUrl=inbox.url, Attributes={"VisibilityTimeout": "600"})
    store, reading, go_on = SqliteStore(), threading.Event(), threading.Event()

    class Slow(Offline):
        def extract(self, text: str, *, title: str, language: str) -> Extraction:
            reading.set()
            go_on.wait(60)
            return super().extract(text, title=title, language=language)

    reader = inbox.reader(store, extractor=Slow())
    reader.start()
    inbox.put("long.txt", "\n\n".join(f"Paragraph {n}. " + "Words. " * 200 for n in range(5)))
    assert reading.wait(60)
    threading.Timer(1.7, go_on.set).start()  # after stop() has told it to leave
    reader.stop(2.0)
    assert store.stats().chunks == 0
    [left] = store.unfinished(time.time() + 1)
    assert left.source.name == "long.txt"
    wait(lambda: "Messages" in inbox.sqs.receive_message(QueueUrl=inbox.url, WaitTimeSeconds=1))
