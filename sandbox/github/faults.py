"""Faults on demand: slow answers, failing answers, rate limits, for the next calls that match."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """``status`` 0 means the call only gets slower. ``left`` calls are still to be hit.

    ``retry_after`` (seconds) with 403 or 429 makes it GitHub's secondary rate limit.
    """

    path: str = ""
    method: str = ""
    status: int = 0
    delay: float = 0.0
    retry_after: int | None = None
    left: int = 1


@dataclass(slots=True)
class Faults:
    pending: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self.pending.append(fault)

    def clear(self) -> None:
        with self._lock:
            self.pending.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this call, if any; each call uses up one of its hits."""
        with self._lock:
            for fault in self.pending:
                if fault.path in path and fault.method.upper() in ("", method.upper()):
                    fault.left -= 1
                    if fault.left <= 0:
                        self.pending.remove(fault)
                    return fault
        return None
