"""Checks all that the environment names, one line each; nothing is changed or paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx

from knowledgeweaver.command import FAILED
from knowledgeweaver.extract.port import ExtractionFailed
from knowledgeweaver.graph.port import StoreUnavailable
from knowledgeweaver.models import open_models
from knowledgeweaver.serve import open_store
from knowledgeweaver.settings import Settings

#: Seconds that whoever is asked has for an answer.
TIMEOUT = 5.0
#: A check: what is looked at, and what says how it is, or raises.
Check = tuple[str, Callable[[], str]]


def run(settings: Settings, *, call: bool) -> int:
    """Print a line for each check; 1 where one fails. ``call`` makes a small call of the model."""
    worst = 0
    for name, check in checks(settings, call):
        try:
            print(f"ok    {name}: {check()}")
        except Exception as error:
            # whatever is wrong with it, the other checks go on
            worst = FAILED
            told = (StoreUnavailable, ExtractionFailed, _Wrong)
            why = str(error) if isinstance(error, told) else type(error).__name__
            print(f"WRONG {name}: {why}")
    return worst


class _Wrong(Exception):
    """Told as it is; holds no secret."""


def checks(settings: Settings, call: bool) -> Iterator[Check]:
    """What there is to look at with these settings."""
    yield "graph", lambda: _graph(settings)
    if settings.kw_model_provider == "none":
        yield "model", lambda: "none; rules read the chunks, answers are sentences of the documents"
    elif call:
        yield "model", lambda: _call(settings)
    elif settings.kw_model_provider == "bedrock":
        yield "model", lambda: _credentials(settings)
    else:
        key = settings.openai_api_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        yield "model", lambda: _answers(f"{settings.openai_base_url}/models", headers)
    if settings.documents_queue_url:
        yield "uploads", lambda: _uploads(settings)
    if settings.phoenix:
        yield (
            "Phoenix",
            lambda: _answers(f"{settings.phoenix_collector_endpoint.rstrip('/')}/healthz"),
        )
    if settings.langfuse:
        yield (
            "Langfuse",
            lambda: _answers(f"{settings.langfuse_host.rstrip('/')}/api/public/health"),
        )


def _graph(settings: Settings) -> str:
    with closing(open_store(settings)) as store:
        store.ready()
        stats = store.stats()
    return f"{store.kind} with {stats.sources} documents and {stats.chunks} passages"


def _call(settings: Settings) -> str:
    with closing(open_store(settings)) as store, closing(open_models(settings, store)) as models:
        found = models.extractor.extract("Ada met Charles.", title="Doctor", language="en")
    return f"{models.extractor.name} answered for US${found.usage.usd:.6f}"


def _credentials(settings: Settings) -> str:
    import boto3

    if boto3.Session(region_name=settings.aws_region).get_credentials() is None:
        raise _Wrong("there are no AWS credentials")
    return f"{settings.kw_model}: credentials are there; --call makes a call"


def _uploads(settings: Settings) -> str:
    import boto3
    from botocore.config import Config

    quick = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"total_max_attempts": 1})
    clients: dict[str, Any] = {
        name: boto3.client(name, region_name=settings.aws_region, config=quick)
        for name in ("s3", "sqs")
    }
    clients["s3"].head_bucket(Bucket=settings.documents_bucket)
    found = clients["sqs"].get_queue_attributes(
        QueueUrl=settings.documents_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    waiting = found["Attributes"]["ApproximateNumberOfMessages"]
    return f"{settings.documents_bucket}, {waiting} messages wait"


def _answers(url: str, headers: dict[str, str] | None = None) -> str:
    status = httpx.get(url, headers=headers, timeout=TIMEOUT).status_code
    if status >= 400:
        raise _Wrong(f"answers {status}")
    return "answers"
