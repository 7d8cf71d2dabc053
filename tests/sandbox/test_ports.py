"""The ports that the sandbox's servers listen on."""

from __future__ import annotations

import socket

import pytest

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
