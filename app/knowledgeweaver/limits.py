"""A rate limit per caller: so many requests in any sixty seconds.

Each process counts for itself, so two tasks together let pass twice as many: a count that they
share would be a call to the store for every request, which costs more than it saves.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

#: Callers remembered at most; above it, those who have been quiet for a minute are forgotten.
CALLERS = 10_000


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
            if len(self._calls) > CALLERS:
                self._forget(now)
            calls = self._calls[who]
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= self._allowed:
                return calls[0] + 60 - now
            calls.append(now)
            return 0.0

    def _forget(self, now: float) -> None:
        for who in [who for who, calls in self._calls.items() if calls[-1] <= now - 60]:
            del self._calls[who]
        if len(self._calls) > CALLERS:  # so many at once are no callers of ours
            self._calls.clear()
