"""The server as a process, started as the image starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

APP = Path(__file__).resolve().parents[1]
KEY = "a-key-that-is-long-enough"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, a client with its key, and the file of its log lines."""

    url: str
    client: httpx.Client
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """The log lines until now; every one is a JSON object."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def server(env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server with this environment, which ends with SIGTERM."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    given = {"PATH": os.environ["PATH"], "PORT": str(port), "KW_API_KEY": KEY, **(env or {})}
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "knowledgeweaver"], cwd=APP, env=given, stdout=file, stderr=2
            )
        try:
            end = time.monotonic() + 60
            while True:
                with suppress(httpx.TransportError):
                    if httpx.get(f"{url}/health/ready").status_code == 200:
                        break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            with httpx.Client(base_url=url, headers={"x-api-key": KEY}, timeout=60) as client:
                yield Server(url, client, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
