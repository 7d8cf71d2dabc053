"""The deployment circuit breaker's arithmetic.

AWS (API_DeploymentCircuitBreaker, API_ThresholdConfiguration): the threshold is 0.5 times the
latest desired count, at least 3 and at most 200; since 2026-07 a service may set another share
(bounded or not) or a fixed count, and keep counting over healthy tasks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAST, MOST = 3, 200


@dataclass(frozen=True, slots=True)
class Breaker:
    """A service's circuit breaker settings."""

    enable: bool = False
    rollback: bool = False
    reset_on_healthy_task: bool = True
    kind: str = "BOUNDED_PERCENT"
    value: int = 50

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> Breaker:
        """Read ``deploymentConfiguration`` as the API takes it."""
        raw = configuration.get("deploymentCircuitBreaker") or {}
        threshold = raw.get("thresholdConfiguration") or {}
        return cls(
            enable=bool(raw.get("enable", False)),
            rollback=bool(raw.get("rollback", False)),
            reset_on_healthy_task=bool(raw.get("resetOnHealthyTask", True)),
            kind=str(threshold.get("type", "BOUNDED_PERCENT")),
            value=int(threshold.get("value", 50)),
        )

    def threshold(self, desired: int) -> int:
        """How many failed tasks make the deployment FAILED; at least 1."""
        if self.kind == "COUNT":
            return max(self.value, 1)
        share = math.ceil(desired * self.value / 100)
        if self.kind == "UNBOUNDED_PERCENT":
            return max(share, 1)
        return min(max(share, LEAST), MOST)

    def trips(self, failed: int, desired: int) -> bool:
        """Whether so many failed tasks end the deployment."""
        return self.enable and failed >= self.threshold(desired)
