"""The real application for tests, embedded: SQLite in memory, names found by rules."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sandbox.ports import HOST, free_port
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
KEY = "a-key-that-is-long-enough"


@contextmanager
def application() -> Iterator[str]:
    """Its address, once it is ready; it ends with the block."""
    port = free_port()
    url = f"http://{HOST}:{port}"
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    env |= {"HOST": HOST, "PORT": str(port), "KW_API_KEY": KEY}
    run = [str(UV), "run", "--quiet", "--frozen", "--directory", str(ROOT / "app")]
    process = subprocess.Popen([*run, "python", "-m", "knowledgeweaver"], env=env)
    try:
        until(lambda: _ready(url, process), 60)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the application ended"
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False
