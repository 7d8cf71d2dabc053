"""What Lambda calls: one invocation of Terraform's, one line in the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from knowledgeweaver.values.database import set_password
from knowledgeweaver.values.given import ValueNotMade, give

_TIMES = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3})
#: Seconds in which a refusal is tried again: the function's role is seconds old at the first apply
#: (IAM User Guide, Troubleshooting: "Changes that I make are not always immediately visible").
_PATIENCE = 45.0
_REFUSED = {"AccessDenied", "AccessDeniedException"}


def handle(event: Mapping[str, Any], _context: object = None) -> str:
    """Give ``secret`` a ``value`` of ``generation``, or ``database`` the ``part`` of ``secret``.

    What was done, in words that name no value: Terraform keeps it in its state. Raises
    ValueNotMade, or what AWS answers; none of them holds a value of the secret.
    """
    match event:
        case {"secret": str(secret), "value": form, **more} if set(more) <= {"generation"}:
            generation = more.get("generation")
            done = _patiently(
                lambda: give(
                    _client("secretsmanager"),
                    secret,
                    form,
                    None if generation is None else int(generation),
                )
            )
        case {"secret": str(secret), "part": str(part), "database": str(database)}:
            done = _patiently(
                lambda: set_password(
                    _client("secretsmanager"), _client("rds"), secret, part, database
                )
            )
        case _:
            raise ValueNotMade("An invocation names secret and value, or secret, part, database.")
    print(done, flush=True)
    return done


def _client(service: str) -> Any:
    return boto3.client(service, config=_TIMES)


def _patiently(call: Callable[[], str]) -> str:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _REFUSED or time.monotonic() >= end:
                raise
            time.sleep(3.0)
