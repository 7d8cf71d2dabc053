"""Ports of the loopback interface."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

HOST = "127.0.0.1"
#: Below what Linux (from 32768 on, ip-sysctl) and others (from 49152 on, RFC 6335) give to outgoing
#: connections, so that a server which comes back later does not find its port taken by one.
RANGE = range(20000, 32768)


def free_port(preferred: int = 0, taken: Collection[int] = ()) -> int:
    """A TCP port nobody listens on: the preferred one where it is free and not ``taken``."""
    for port in (preferred, *random.sample(RANGE, 100)):
        if port == 0 or port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    raise OSError("no free port on the loopback interface")
