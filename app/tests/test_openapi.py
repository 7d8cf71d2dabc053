"""The whole interface as its description says: what is described, and what wild requests get."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from server import KEY, Server, server

from knowledgeweaver.api import create_app
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.settings import Settings

pytestmark = pytest.mark.slow

KEYED = {"x-api-key": KEY}


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    limits = {
        "KW_REQUESTS_PER_MINUTE": "1000000",
        "KW_WRONG_KEYS_PER_MINUTE": "1000000",
        "KW_MAX_DOCUMENT_BYTES": "20000",
    }
    with server(limits) as made:
        made.client.post("/documents", json={"name": "a.txt", "text": "Babbage designed it."})
        yield made


schema = schemathesis.openapi.from_dict(
    create_app(Settings.read({"KW_API_KEY": KEY}), SqliteStore()).openapi()
)


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_request_whatsoever_breaks_the_interface_or_its_description(
    running: Server, case: schemathesis.Case
) -> None:
    case.call_and_validate(base_url=running.url, headers=KEYED)


def test_the_description_names_the_key_the_errors_and_examples(running: Server) -> None:
    told = running.client.get("/openapi.json").json()
    open_to_all = {"/health/live", "/health/ready", "/version"}
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            if path in open_to_all:
                continue
            assert route["security"] == [{"APIKeyHeader": []}], (method, path)
            for status in ("401", "403", "422", "429", "503"):
                content = route["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], (method, path, status)
    assert told["components"]["schemas"]["Answered"]["example"]["sentences"]
    assert told["components"]["schemas"]["Question"]["example"]["question"]
    assert "text/event-stream" in told["paths"]["/ask"]["post"]["responses"]["200"]["content"]


def test_the_documentation_wants_the_key_which_a_browser_may_ask_for(running: Server) -> None:
    for path in ("/docs", "/openapi.json"):
        bare = httpx.get(running.url + path)
        assert (bare.status_code, bare.headers["www-authenticate"]) == (401, "Basic")
        assert httpx.get(running.url + path, auth=("", KEY)).status_code == 200
        assert httpx.get(running.url + path, auth=("", "wrong")).status_code == 401
    # Elsewhere a password that a browser remembers would let other sites ask in its name.
    assert httpx.get(f"{running.url}/documents", auth=("", KEY)).status_code == 401
