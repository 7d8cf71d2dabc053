"""A bucket that tells a queue what is uploaded, and what reads the queue into a store."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.port import Extractor
from knowledgeweaver.graph.port import GraphStore, StoreUnavailable
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.model import Version, source_id
from knowledgeweaver.uploads.consumer import UploadsConsumer

KEY = "a-key-that-is-long-enough"
REGION = "ap-southeast-2"
ENGINE = "The Analytical Engine was designed by Charles Babbage."


@dataclass(frozen=True, slots=True)
class Inbox:
    """A bucket that tells a queue what is created in it, and the queue's dead letters."""

    s3: Any
    sqs: Any
    bucket: str
    url: str
    dead: str

    def put(self, key: str, body: bytes | str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def tell(self, key: str, event: str, sequencer: str = "") -> None:
        """Send what S3 would send."""
        of = {"key": quote_plus(key), "sequencer": sequencer}
        record = {"eventName": event, "s3": {"bucket": {"name": self.bucket}, "object": of}}
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps({"Records": [record]}))

    def silent(self) -> None:
        """Let the bucket tell nothing any more."""
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={}
        )

    def left(self, url: str = "") -> int:
        """Messages in the queue, in somebody's hands or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)
        return sum(int(value) for value in found["Attributes"].values())

    def reader(
        self, store: GraphStore, max_bytes: int = 10_000, extractor: Extractor | None = None
    ) -> UploadsConsumer:
        return UploadsConsumer(
            Ingest(store, extractor or Offline(), max_bytes=max_bytes),
            bucket=self.bucket,
            queue_url=self.url,
            region=REGION,
            max_bytes=max_bytes,
            wait=1,
        )


def wait(there: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def texts(store: GraphStore, name: str = "engine.txt") -> list[str]:
    """What the store holds of an upload, passage by passage."""
    return [passage.text for passage in store.chunks(source_id(name), 1, 99)]


class Shaky(SqliteStore):
    """A store that is away, slow to say so, or slow to write, when told so."""

    away = False
    hold: threading.Event | None = None
    hold_ready: threading.Event | None = None

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.writing = threading.Event(), threading.Event()

    def ready(self) -> None:
        self.asked.set()
        if self.hold_ready is not None:
            self.hold_ready.wait(60)
        if self.away:
            raise StoreUnavailable("away")

    def replace(self, version: Version) -> bool:
        self.writing.set()
        if self.hold is not None:
            self.hold.wait(60)
        if self.away:
            raise StoreUnavailable("away")
        return super().replace(version)
