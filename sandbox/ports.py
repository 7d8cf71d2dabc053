"""Ports of the loopback interface."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import threading
import time
from collections.abc import Collection

from pipeline.adapters.tools import cache_dir

HOST = "127.0.0.1"
#: Below what Linux (from 32768 on, ip-sysctl) and others (from 49152 on, RFC 6335) give to outgoing
#: connections, so that a server which comes back later does not find its port taken by one.
RANGE = range(20000, 32768)
#: Seconds that a port is kept for the server that was told it; a database takes its time.
KEPT = 180.0
#: One file for all processes of a user, so it is named before anybody changes the environment.
_FILE = cache_dir() / "ports.lock"
#: Not the common generator: two processes that were seeded alike would try the same ports.
_RANDOM = random.SystemRandom()


def free_port(preferred: int = 0, taken: Collection[int] = ()) -> int:
    """A TCP port nobody listens on: the preferred one where it is free and not ``taken``.

    No other process of this user is given it for :data:`KEPT` seconds, unless this one ends before:
    the server that it is for may be long in coming.
    """
    for port in (preferred, *_RANDOM.sample(RANGE, 100)):
        if port == 0 or port in taken or not _unbound(port):
            continue
        if _RESERVED.take(port, again=port == preferred):
            return port
    raise OSError("no free port on the loopback interface")


def _unbound(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class _Reserved:
    """Ports as locked bytes of one file; the system lets go of them when the process ends."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._until: dict[int, float] = {}
        self._file = -1

    def take(self, port: int, *, again: bool) -> bool:
        """Reserve a port unless somebody has; ``again``: unless another process has."""
        with self._guard:
            if self._file < 0:
                _FILE.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(_FILE, os.O_RDWR | os.O_CREAT, 0o600)
            now = time.monotonic()
            for old in [old for old, until in self._until.items() if until < now]:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, old)
                del self._until[old]
            if port in self._until and not again:
                return False
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            except OSError:
                return False  # another process has it
            self._until[port] = now + KEPT
            return True


_RESERVED = _Reserved()
