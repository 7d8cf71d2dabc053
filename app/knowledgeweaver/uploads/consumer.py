"""A thread that reads what was uploaded: message by message, each deleted only after its work.

Delivery is at least once: a task that dies in between leaves its message to the next one, and the
same text is never stored twice. What cannot be read is logged and its message deleted, because
trying again changes nothing; what failed stays in the queue, which puts it aside after a few tries.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from knowledgeweaver.graph.port import GraphStore, StoreUnavailable
from knowledgeweaver.ingest import ingest
from knowledgeweaver.uploads.events import BadEvent, Upload, created
from knowledgeweaver.uploads.formats import Unreadable, reader

#: Seconds that one call waits for a message; a longer time only saves calls.
WAIT = 20
#: Seconds until the next try when the queue or the store does not answer.
PAUSE = 5.0

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class UploadsConsumer:
    """Ingests what is uploaded to ``bucket`` and told by the queue, one object at a time."""

    def __init__(
        self,
        store: GraphStore,
        *,
        bucket: str,
        queue_url: str,
        region: str,
        max_bytes: int,
        wait: int = WAIT,
    ) -> None:
        settings = Config(connect_timeout=3, read_timeout=wait + 10, retries={"mode": "standard"})
        self._s3: Any = boto3.client("s3", region_name=region, config=settings)
        self._sqs: Any = boto3.client("sqs", region_name=region, config=settings)
        self._store, self._bucket, self._queue_url = store, bucket, queue_url
        self._max_bytes, self._wait = max_bytes, wait
        self._stopping = threading.Event()
        self._at_work = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more messages; return when the one in hand is done, at the latest after so long.

        After it the store is asked nothing any more, so that it can be closed. The call that waits
        for a message is left alone: what it still brings is given back.
        """
        self._stopping.set()
        if self._at_work.acquire(timeout=seconds):
            self._at_work.release()
        else:
            log.warning("uploads: stopped in the middle of work; another task reads it again")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._at_work:
                    if self._stopping.is_set():
                        return
                    # While the store is away, messages keep their tries for when it is back.
                    self._store.ready()
                message = self._receive()
            except (StoreUnavailable, BotoCoreError, ClientError) as error:
                log.warning("uploads have to wait: %s", error)
                self._stopping.wait(PAUSE)
                continue
            if message is not None:
                with self._at_work:
                    self._handle(message)

    def _receive(self) -> dict[str, Any] | None:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=1, WaitTimeSeconds=self._wait
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages[0] if messages else None

    def _handle(self, message: dict[str, Any]) -> None:
        mine = {"QueueUrl": self._queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        try:
            if self._stopping.is_set():
                self._sqs.change_message_visibility(**mine, VisibilityTimeout=0)
                return
            for upload in created(message["Body"], self._bucket):
                self._ingest(upload)
            self._sqs.delete_message(**mine)
        except (StoreUnavailable, BadEvent, BotoCoreError, ClientError) as error:
            log.warning("upload message %s stays in the queue: %s", message["MessageId"], error)
        except Exception:  # a fault of ours must not end the thread: the queue puts it aside
            log.exception("upload message %s stays in the queue", message["MessageId"])

    def _ingest(self, upload: Upload) -> None:
        try:
            read = reader(upload.key)
            words = read(self._fetch(upload))
        except Unreadable as why:
            log.warning("upload %r skipped: %s", upload.key, why)
            return
        stored = ingest(self._store, upload.key, words)
        what = "ingested" if stored.created else "was there already"
        log.info("upload %r %s: %d chunks", upload.key, what, stored.chunks)

    def _fetch(self, upload: Upload) -> bytes:
        """The object as it is now; raises Unreadable when it is too large or gone again."""
        too_large = Unreadable(f"more than {self._max_bytes} bytes")
        if upload.size > self._max_bytes:
            raise too_large
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=upload.key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise Unreadable("deleted again") from None
            raise
        # It may have been overwritten by a larger one since the event.
        with answer["Body"] as body:
            data: bytes = body.read(self._max_bytes + 1)
        if len(data) > self._max_bytes:
            raise too_large
        return data
