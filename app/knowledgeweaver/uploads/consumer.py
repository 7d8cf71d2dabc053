"""A thread that reads what was uploaded: message by message, each deleted only after its work.

Delivery is at least once and in any order: a task that dies in between leaves its message to the
next one, and S3's sequencer says which of two events is the later one. What cannot be read is a
failed document with a reason, and its message deleted, because trying again changes nothing; what
failed for another reason stays in the queue, which puts it aside after a few tries.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from opentelemetry.context import Context

from knowledgeweaver.graph.port import StoreUnavailable
from knowledgeweaver.ingest import Ingest, Stopped
from knowledgeweaver.model import State
from knowledgeweaver.telemetry import metrics
from knowledgeweaver.telemetry.traces import from_sqs
from knowledgeweaver.uploads.events import BadEvent, Change, changes
from knowledgeweaver.uploads.held import held

#: Seconds that one call waits for a message; a longer time only saves calls.
WAIT = 20
#: The share of the time to stop in which the work in hand may come to its end.
FINISH = 0.7
#: Seconds until the next try when the queue or the store does not answer.
PAUSE = 5.0

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class UploadsConsumer:
    """Ingests what is uploaded to ``bucket`` and told by the queue, one object at a time."""

    def __init__(
        self,
        ingest: Ingest,
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
        self._ingest, self._bucket, self._queue_url = ingest, bucket, queue_url
        self._max_bytes, self._wait = max_bytes, wait
        self._busy = 0  # seconds that a message is left with who received it; 0: not known yet
        self._stopping = threading.Event()
        self._at_work = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more messages; return when the one in hand is done, at the latest after so long.

        A long document is left at its next chunk, and its message given back. After it the store is
        asked nothing any more, so that it can be closed. The call that waits for a message is left
        alone: what it still brings is given back, too.
        """
        self._stopping.set()
        if not self._at_work.acquire(timeout=FINISH * seconds):
            self._ingest.stop()
            if not self._at_work.acquire(timeout=(1 - FINISH) * seconds):
                log.warning("uploads: stopped in the middle of work; another task reads it again")
                return
        self._at_work.release()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._at_work:
                    if self._stopping.is_set():
                        return
                    # While the store is away, messages keep their tries for when it is back.
                    self._ingest.store.ready()
                message = self._receive()
            except (StoreUnavailable, BotoCoreError, ClientError) as error:
                log.warning("uploads have to wait: %s", error)
                self._stopping.wait(PAUSE)
                continue
            except Exception:  # a fault in one look must not end all of them
                log.exception("uploads: a look at the queue failed")
                self._stopping.wait(PAUSE)
                continue
            if message is not None:
                with self._at_work:
                    self._handle(message)

    def _receive(self) -> dict[str, Any] | None:
        if not self._busy:
            found = self._sqs.get_queue_attributes(
                QueueUrl=self._queue_url, AttributeNames=["VisibilityTimeout"]
            )
            self._busy = max(1, int(found["Attributes"]["VisibilityTimeout"]))
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=self._wait,
            MessageAttributeNames=["All"],  # the trace of who sent it, in W3C's words
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages[0] if messages else None

    def _handle(self, message: dict[str, Any]) -> None:
        mine = {"QueueUrl": self._queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        try:
            if self._stopping.is_set():
                self._give_back(mine)
                return
            sent = float(message.get("Attributes", {}).get("SentTimestamp", "nan")) / 1000
            metrics.emit({"QueueAge": time.time() - sent})
            parent = from_sqs(message)
            with held(self._sqs, mine, self._busy):
                for change in changes(message["Body"], self._bucket):
                    self._follow(change, parent)
            self._sqs.delete_message(**mine)
        except Stopped:
            log.info("uploads: left in the middle of a document; another task goes on with it")
            self._give_back(mine)
        except (StoreUnavailable, BadEvent, BotoCoreError, ClientError) as error:
            log.warning("upload message %s stays in the queue: %s", message["MessageId"], error)
        except Exception:  # a fault of ours must not end the thread: the queue puts it aside
            log.exception("upload message %s stays in the queue", message["MessageId"])

    def _give_back(self, message: dict[str, str]) -> None:
        """Let another task have a message at once, instead of when its time here is over."""
        try:
            self._sqs.change_message_visibility(**message, VisibilityTimeout=0)
        except (BotoCoreError, ClientError) as error:
            log.warning("uploads: a message comes back later: %s", error)

    def _follow(self, change: Change, parent: Context | None) -> None:
        """Do what the bucket shows now: an event only says that there is something to look at.

        An old version that is deleted for good is told like the object itself, for one.
        """
        data = self._fetch(change)
        if data is None:
            if self._ingest.remove(change.key, change.sequence):
                log.info("upload %r removed", change.key)
            return
        done = self._ingest.add(change.key, data, sequence=change.sequence, parent=parent)
        if done.source.state is State.FAILED:
            return  # told already, with its reason
        what = "ingested" if done.created else "was there already"
        log.info("upload %r %s: %d chunks", change.key, what, done.source.chunks)

    def _fetch(self, change: Change) -> bytes | None:
        """The object as it is now, None when it is gone; of a larger one than may be read, enough
        for reading to refuse it.
        """
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=change.key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        with answer["Body"] as body:
            data: bytes = body.read(self._max_bytes + 1)
        return data
