"""A message that stays in one reader's hands for as long as he works on it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


@contextmanager
def held(sqs: Any, message: dict[str, str], seconds: int) -> Iterator[None]:
    """Keep a message from others until the block ends; a process that dies gives it back.

    ``message`` are its QueueUrl and ReceiptHandle, ``seconds`` how long the queue leaves a message
    with who received it. The rest of the time is asked for three times as often as it runs out.
    """
    over = threading.Event()

    def keep() -> None:
        while not over.wait(seconds / 3):
            try:
                sqs.change_message_visibility(**message, VisibilityTimeout=seconds)
            except (BotoCoreError, ClientError) as error:
                # It may be delivered again then, which changes nothing but takes time.
                log.warning("uploads: a message could not be held: %s", error)

    thread = threading.Thread(target=keep, name="held", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
