"""Verdicts over rollouts, one look at a service at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.rollout import GRACE, Deployment, Event, Service, Verdict, judge

BEGAN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
OLD, NEW = "arn:x:task-definition/api:1", "arn:x:task-definition/api:2"


def deployment(task: str, status: str = "PRIMARY", state: str = "IN_PROGRESS") -> Deployment:
    running = 2 if state == "COMPLETED" else 1
    return Deployment("ecs-svc/1", status, task, state, f"{state} of {task[-1]}", 2, running, 0)


def verdict(*deployments: Deployment, seen: bool = False, waited: float = 0) -> Verdict:
    service = Service("api", "c", deployments[0].task_definition, deployments)
    return judge(service, NEW, began=BEGAN, seen=seen, waited=waited).verdict


@pytest.mark.parametrize(
    ("deployments", "seen", "waited", "expected"),
    [
        ((deployment(NEW), deployment(OLD, "ACTIVE", "COMPLETED")), False, 0, "waiting"),
        ((deployment(NEW, state="COMPLETED"),), False, 0, "completed"),
        ((deployment(NEW, state="FAILED"),), False, 0, "failed"),
        # the update is not visible yet: an older PRIMARY that is COMPLETED is no success
        ((deployment(OLD, state="COMPLETED"),), False, 0, "waiting"),
        # the breaker tripped while nobody looked
        ((deployment(OLD), deployment(NEW, "ACTIVE", "FAILED")), False, 0, "rolled back"),
        # it was there, and now the service is stable again on what it had before
        ((deployment(OLD, state="COMPLETED"),), True, 0, "rolled back"),
        ((deployment(OLD, state="COMPLETED"),), False, GRACE + 1, "rolled back"),
    ],
)
def test_the_primary_deployment_of_the_applied_revision_decides(
    deployments: tuple[Deployment, ...], seen: bool, waited: float, expected: str
) -> None:
    assert verdict(*deployments, seen=seen, waited=waited) is Verdict(expected)


def test_without_a_breaker_steady_tasks_decide() -> None:
    steady = Deployment("d", "PRIMARY", NEW, "", "", 2, 2, 0)
    starting = Deployment("d", "PRIMARY", NEW, "", "", 2, 1, 0)
    assert verdict(steady) is Verdict.COMPLETED
    assert verdict(starting) is Verdict.WAITING
    assert verdict(steady, deployment(OLD, "ACTIVE", "COMPLETED")) is Verdict.WAITING


def test_a_rollback_is_told_by_the_reason_that_ecs_gives() -> None:
    failed = Deployment("d", "ACTIVE", NEW, "FAILED", "tasks failed to start.", 2, 0, 3)
    service = Service("api", "c", OLD, (deployment(OLD), failed))
    assert judge(service, NEW, began=BEGAN, seen=True, waited=9).reason == "tasks failed to start."


@pytest.mark.parametrize(("seconds", "expected"), [(1, Verdict.ROLLED_BACK), (-1, Verdict.WAITING)])
def test_a_deployment_that_failed_since_the_apply_began_has_gone_back_before_anybody_looked(
    seconds: int, expected: Verdict
) -> None:
    told = Event("(deployment ecs-svc/2) deployment failed: tasks failed to start.",
                 BEGAN + timedelta(seconds=seconds))  # fmt: skip
    service = Service("api", "c", OLD, (deployment(OLD, state="COMPLETED"),), (told,))
    found = judge(service, NEW, began=BEGAN, seen=False, waited=0)
    assert found.verdict is expected
    assert (found.reason == told.message) == (expected is Verdict.ROLLED_BACK)
