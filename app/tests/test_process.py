"""The process as a container would run it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from inbox import wait

from knowledgeweaver.settings import Settings, SettingsError

APP = Path(__file__).resolve().parents[1]


def version_of(port: int) -> str | None:
    """The tree that the process says it is made from; None while it starts."""
    try:
        return str(httpx.get(f"http://127.0.0.1:{port}/version").json()["tree"])
    except httpx.TransportError:
        return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_serves_reports_health_and_stops_cleanly_on_sigterm() -> None:
    port = free_port()
    env = {"PATH": os.environ["PATH"], "PORT": str(port), "HOST": "127.0.0.1", "KW_TREE": "abc"}
    env["KW_API_KEY"] = "a-key-that-is-long-enough"
    process = subprocess.Popen([sys.executable, "-m", "knowledgeweaver"], cwd=APP, env=env)
    try:
        wait(lambda: version_of(port) == "abc")
        check = [sys.executable, "-m", "knowledgeweaver.healthcheck"]
        assert subprocess.run(check, cwd=APP, env=env, check=False).returncode == 0
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    # uvicorn raises the signal again after a clean shutdown, as a container runtime expects
    assert code in (0, -signal.SIGTERM)
    assert subprocess.run(check, cwd=APP, env=env, check=False, capture_output=True).returncode == 1


def test_a_wrong_environment_stops_the_start_and_names_every_mistake() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "knowledgeweaver"],
        cwd=APP,
        env={"PATH": os.environ["PATH"], "PORT": "x", "NEO4J_URI": "http://x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    for name in ("PORT", "KW_API_KEY", "NEO4J_URI", "NEO4J_PASSWORD"):
        assert name in run.stderr
    assert "Traceback" not in run.stderr


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="KW_API_KEY"):
        Settings.read({"KW_API_KEY": "short"})
