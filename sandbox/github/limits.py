"""How much may be asked of the API in an hour, and how much of it is left.

Source: docs.github.com, "Rate limits for the REST API" (5,000 requests an hour for a person; "the
rate limit for GITHUB_TOKEN is 1,000 requests per hour per repository", so all jobs share it; 60 for
those without a token) and "Rate limits and query limits for the GraphQL API" (the same numbers, in
points, counted apart).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from sandbox.github.identity import Identity

HOUR = 3600.0
ALLOWED = {"job": 1000, "person": 5000, "stranger": 60}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one caller has: ``reset`` is the moment of renewal (seconds since 1970)."""

    resource: str
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        """Whether the call that was counted last was one too many."""
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        """The headers that every answer carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(min(self.used, self.limit)),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": self.resource,
        }


@dataclass(slots=True)
class Limits:
    """Counts, for every caller and resource (``core``, ``graphql``), in windows of an hour."""

    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    _spent_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, by: Identity | None, resource: str, cost: int = 1) -> Allowance:
        """Count a call; ``cost`` 0 only looks."""
        kind = "stranger" if by is None or not by.login else "job" if by.is_job else "person"
        name = by.login if by and kind == "person" else by.app if by else ""
        now = time.time()
        with self._lock:
            begun, used = self._windows.get((f"{kind}:{name}", resource), (now, 0))
            if now - begun >= HOUR:
                begun, used = now, 0
            used += cost
            self._windows[f"{kind}:{name}", resource] = begun, used
            limit, reset = ALLOWED[kind], begun + HOUR
            if now < self._spent_until:
                used, reset = max(used, limit + min(cost, 1)), self._spent_until
        return Allowance(resource, limit, used, int(reset) + 1)

    def exhaust(self, seconds: float) -> None:
        """Behave as if everybody had used up everything, for so long."""
        with self._lock:
            self._spent_until = time.time() + seconds

    def clear(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._windows.clear()
            self._spent_until = 0.0
