"""A rate limit per key: so many requests in any sixty seconds."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable


class RateLimit:
    """A sliding window of one minute, in memory of this process."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, who: str) -> float:
        """Count a call; 0.0 when it may go on, else the seconds until one may."""
        now = self._clock()
        with self._lock:
            calls = self._calls[who]
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= self._allowed:
                return calls[0] + 60 - now
            calls.append(now)
            return 0.0
