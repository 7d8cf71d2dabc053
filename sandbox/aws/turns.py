"""moto's calls take turns.

moto is a library for tests of one thread. Served to many, a call that looks through a table fails
where another one adds to it ("dictionary changed size during iteration"), once in some thousands.
Turns cost nothing: Python runs one thread at a time anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.Lock()
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Nobody else's turn while it is open. Not for calls that wait for another call."""
    with _turn:
        _mine.held = True
        try:
            yield
        finally:
            _mine.held = False


@contextmanager
def aside() -> Iterator[None]:
    """Let others have their turn while this thread, which may have one, waits for them."""
    if not getattr(_mine, "held", False):
        yield
        return
    _mine.held = False
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
        _mine.held = True
