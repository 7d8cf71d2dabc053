"""The ports that the sandbox's servers listen on."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from sandbox import ports
from sandbox.ports import HOST, RANGE, free_port


def test_a_port_lies_below_those_of_outgoing_connections_and_nobody_listens_on_it() -> None:
    for _ in range(50):
        port = free_port()
        assert port in RANGE
        assert port < 32768
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port), timeout=1)


def test_the_port_of_last_time_is_taken_again_unless_somebody_has_it() -> None:
    port = free_port()
    assert free_port(preferred=port) == port
    assert free_port(preferred=port, taken={port}) != port
    with socket.create_server((HOST, port)):
        assert free_port(preferred=port) != port


def test_a_port_is_given_to_one_caller_only_before_its_server_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = "from sandbox.ports import free_port; print(free_port(), flush=True); input()"
    command = [sys.executable, "-c", line]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = int(other.stdout.readline())
        mine = free_port()
        another = next(port for port in RANGE if port not in (theirs, mine))
        monkeypatch.setattr(ports._RANDOM, "sample", lambda *_: [theirs, mine, another])
        assert free_port() == another
        with pytest.raises(OSError, match="no free port"):
            free_port(preferred=theirs)
        other.communicate("\n")
    assert free_port(preferred=theirs) == theirs
