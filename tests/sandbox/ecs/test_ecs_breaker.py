"""The circuit breaker's arithmetic as a table."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.ecs.breaker import Breaker


@pytest.mark.parametrize(
    ("desired", "threshold"),
    [(0, 3), (1, 3), (2, 3), (6, 3), (7, 4), (8, 4), (25, 13), (399, 200), (400, 200), (800, 200)],
)
def test_by_default_it_is_half_the_desired_count_between_3_and_200(
    desired: int, threshold: int
) -> None:
    breaker = Breaker.of({"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
    assert breaker.threshold(desired) == threshold
    assert breaker.trips(threshold, desired)
    assert not breaker.trips(threshold - 1, desired)


@pytest.mark.parametrize(
    ("kind", "value", "desired", "threshold"),
    [
        ("COUNT", 5, 1000, 5),
        ("COUNT", 1, 1, 1),
        ("BOUNDED_PERCENT", 100, 10, 10),
        ("BOUNDED_PERCENT", 10, 10, 3),
        ("UNBOUNDED_PERCENT", 10, 10, 1),
        ("UNBOUNDED_PERCENT", 100, 1000, 1000),
    ],
)
def test_a_service_may_set_its_own_threshold(
    kind: str, value: int, desired: int, threshold: int
) -> None:
    configuration: dict[str, Any] = {
        "deploymentCircuitBreaker": {
            "enable": True,
            "rollback": False,
            "thresholdConfiguration": {"type": kind, "value": value},
        }
    }
    assert Breaker.of(configuration).threshold(desired) == threshold


def test_without_the_breaker_no_number_of_failures_ends_a_deployment() -> None:
    assert not Breaker.of({}).trips(10_000, 1)
