"""The application's traces, read back from a real Phoenix that wants a key."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.adapters.tools import locate
from sandbox.ports import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
ADMIN = "an-admin-secret-of-more-than-32-characters-1"
PROJECT = "knowledgeweaver"


@dataclass(frozen=True, slots=True)
class Phoenix:
    """A running Phoenix, and a system key that its administrator made."""

    url: str
    key: str

    def get(self, path: str, **query: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", params=query, headers=bearer(self.key), timeout=60)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def phoenix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phoenix]:
    home = tmp_path_factory.mktemp("phoenix")
    port, other = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PHOENIX_WORKING_DIR": str(home),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(port),
        "PHOENIX_GRPC_PORT": str(other),
        "PHOENIX_ENABLE_AUTH": "true",
        "PHOENIX_SECRET": "a-secret-of-more-than-32-characters-0",
        "PHOENIX_ADMIN_SECRET": ADMIN,
        "PHOENIX_TELEMETRY_ENABLED": "false",
    }
    python = str(locate("phoenix-python"))
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [python, "-m", "phoenix.server.main", "serve"], env=env, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        ready(url, process, home / "log")
        made = httpx.post(
            f"{url}/v1/system/api_keys",
            json={"data": {"name": "knowledgeweaver"}},
            headers=bearer(ADMIN),
            timeout=60,
        )
        made.raise_for_status()
        yield Phoenix(url, made.json()["data"]["key"])
    finally:
        process.terminate()
        process.wait(60)


def ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 180
    while True:
        try:
            if httpx.get(f"{url}/readyz", timeout=10).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.3)


def story(phoenix: Phoenix, key: str, **more: str) -> tuple[int, dict[str, Any]]:
    """Run the application's story with this key; its exit code, and what it printed."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KW_")},
        "PYTHONPATH": "tests:.",
        "PHOENIX_COLLECTOR_ENDPOINT": phoenix.url,
        "PHOENIX_PROJECT_NAME": PROJECT,
        "PHOENIX_API_KEY": key,
        **more,
    }
    command = [str(UV), "run", "--quiet", "--frozen", "--directory", "app"]
    done = subprocess.run(
        [*command, "python", "tests/traced_story.py"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def spans(phoenix: Phoenix, trace_id: str, expected: int) -> list[dict[str, Any]]:
    """The spans of a trace as Phoenix has them, once all are there."""
    end = time.monotonic() + 60
    while True:
        answer = phoenix.get(f"/v1/projects/{PROJECT}/spans", trace_id=trace_id)
        found = answer.json()["data"] if answer.status_code == 200 else []
        if len(found) == expected:
            return list(found)
        assert time.monotonic() < end, answer.text
        time.sleep(0.3)


def test_the_whole_tree_is_read_back_with_passages_tokens_and_costs(phoenix: Phoenix) -> None:
    code, told = story(phoenix, phoenix.key)
    assert code == 0
    found = spans(phoenix, told["trace_id"], 8)
    names = {span["context"]["span_id"]: span["name"] for span in found}
    tree = sorted((names.get(span["parent_id"], ""), span["name"]) for span in found)
    assert tree == [
        ("", "POST /documents"),
        ("POST /ask", "answer"),
        ("POST /ask", "retrieval"),
        ("POST /documents", "POST /ask"),
        ("POST /documents", "ingest"),
        ("ingest", "extract"),
        ("ingest", "sqlite write"),
        ("retrieval", "sqlite search"),
    ]
    kinds = {span["name"]: span["span_kind"] for span in found}
    assert kinds["retrieval"] == "RETRIEVER"
    assert kinds["extract"] == kinds["answer"] == "LLM"
    holds = {span["name"]: span["attributes"] for span in found}
    assert holds["retrieval"]["retrieval.documents.0.document.id"] == "engine.md#0"
    assert holds["retrieval"]["retrieval.documents.0.document.score"] == 0.75
    assert holds["POST /ask"]["input.value"] == "Who designed it?"
    assert json.loads(holds["POST /ask"]["output.value"]) == ["Charles Babbage did."]
    calls = [holds["extract"], holds["answer"]]
    assert [call["llm.token_count.total"] for call in calls] == [1200, 550]
    assert sum(call["llm.cost.total"] for call in calls) == pytest.approx(told["usd"])


def test_texts_are_not_in_phoenix_where_the_settings_say_so(phoenix: Phoenix) -> None:
    code, told = story(phoenix, phoenix.key, KW_TRACE_CONTENT="none")
    assert code == 0
    found = spans(phoenix, told["trace_id"], 8)
    text = json.dumps(found)
    assert "Babbage" not in text
    assert "Who designed" not in text
    assert "0.75" in text


def test_a_wrong_key_loses_the_trace_and_fails_nothing(phoenix: Phoenix) -> None:
    code, told = story(phoenix, "not-a-key")
    assert code == 0
    answer = phoenix.get(f"/v1/projects/{PROJECT}/spans", trace_id=told["trace_id"])
    assert answer.status_code == 404 or answer.json()["data"] == []
