"""What becomes of a call in whose way the data plane came."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from sandbox.aws.gaps import Context
from sandbox.aws.gateway import TRIES, Gateway
from sandbox.layout import ACCOUNT, ADMIN_KEY, REGION

BODY = b'{"maxResults": 1}'
GREW = RuntimeError("dictionary changed size during iteration")


class Moto:
    """Fails a number of times before it answers; notes what it was asked."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times = error, times
        self.asked: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.asked.append(environ["wsgi.input"].read())
        if len(self.asked) <= self.times:
            raise self.error
        start_response("200 OK", [])
        return [b"{}"]


def ask(folder: Path, moto: Moto, operation: str) -> tuple[str, bytes]:
    """Status and body of what the gateway answers to an ECS operation."""
    scope = f"{ADMIN_KEY}/20260101/{REGION}/ecs/aws4_request"
    environ = create_environ(
        "/",
        method="POST",
        data=BODY,
        content_type="application/x-amz-json-1.1",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host",
            "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
        },
    )
    gateway = Gateway(Context(folder, ACCOUNT, REGION, ""), _moto=moto)
    body, status, _ = run_wsgi_app(gateway, environ)
    return status[:3], b"".join(body)


def test_a_call_that_only_reads_is_tried_again_with_the_same_words(tmp_path: Path) -> None:
    moto = Moto(GREW, TRIES - 1)
    assert ask(tmp_path, moto, "ListClusters") == ("200", b"{}")
    assert moto.asked == [BODY] * TRIES


@pytest.mark.parametrize(
    ("operation", "error", "tries", "status"),
    [
        ("ListClusters", GREW, TRIES, "500"),  # 500: the SDK may try again
        ("CreateCluster", GREW, 1, "500"),
        ("ListClusters", KeyError("a mistake of ours"), 1, "400"),
    ],
)
def test_what_fails_for_good_is_an_internal_failure(
    tmp_path: Path, operation: str, error: Exception, tries: int, status: str
) -> None:
    moto = Moto(error, TRIES)
    answered, body = ask(tmp_path, moto, operation)
    assert (answered, len(moto.asked)) == (status, tries)
    assert b"InternalFailure" in body
