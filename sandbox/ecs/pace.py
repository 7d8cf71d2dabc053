"""How fast the sandbox's clock runs for waits that AWS makes long.

``SANDBOX_TIME_SCALE`` (default 30) divides health check intervals, start and grace periods,
deregistration delays and restart throttling: an interval of 30 s becomes 1 s. Times that a real
process needs (start, a health check's answer, a stop) cannot be divided, so each scaled wait has
a floor.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

DEFAULT_SCALE = 30.0
#: A program that takes minutes to come up at AWS is not thirty times as fast here.
SLOWEST = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Turns seconds of AWS's clock into seconds of the sandbox's."""

    scale: float = DEFAULT_SCALE
    #: Least seconds between two health checks; a check starts a real process or request.
    interval_floor: float = 0.25
    #: Least seconds between two health checks of a healthy container: each starts a process.
    settled_floor: float = 5.0
    #: Least grace for a process to come up, where a longer one is declared.
    start_floor: float = 30.0
    #: Least seconds that requests in flight get when a target is deregistered.
    drain_floor: float = 2.0

    @classmethod
    def from_environment(cls) -> Pace:
        """The pace of ``SANDBOX_TIME_SCALE``; 1 is AWS's own."""
        scale = float(os.environ.get("SANDBOX_TIME_SCALE") or DEFAULT_SCALE)
        return cls(scale=max(scale, 1.0))

    def interval(self, seconds: float) -> float:
        """Seconds between two checks."""
        return _scaled(seconds, self.scale, self.interval_floor)

    def settled_interval(self, seconds: float) -> float:
        """Seconds between two checks of a container whose last check went well."""
        return _scaled(seconds, self.scale, self.settled_floor)

    def start_period(self, seconds: float) -> float:
        """Seconds in which a failing check of a new task does not count."""
        return _scaled(seconds, min(self.scale, SLOWEST), self.start_floor)

    def drain(self, seconds: float) -> float:
        """Seconds of a target's deregistration delay."""
        return _scaled(seconds, self.scale, self.drain_floor)

    def wait(self, seconds: float) -> float:
        """Any other wait."""
        return seconds / self.scale


def _scaled(seconds: float, scale: float, floor: float) -> float:
    return min(seconds, max(seconds / scale, floor))
