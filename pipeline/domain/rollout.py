"""The verdict over an ECS rollout, from what DescribeServices says, without asking anybody.

The traps, each seen in other deployers: the service is "stable" again because it was rolled back;
the PRIMARY deployment that is COMPLETED is an older one because the update is not visible yet;
``failedTasks`` stays 0 though tasks keep dying. So what counts is the rollout state of the PRIMARY
deployment of exactly the revision that was applied (Amazon ECS API: Deployment).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: Seconds in which a service may not yet show what was applied (DescribeServices lags a little).
GRACE = 45.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service."""

    id: str
    status: str  # PRIMARY, ACTIVE, INACTIVE
    task_definition: str
    rollout_state: str  # IN_PROGRESS, COMPLETED, FAILED; empty where there is no breaker
    reason: str
    desired: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class Event:
    """What a service says of itself, and when by AWS's clock."""

    message: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """What a rollout is judged from. ``events`` are newest first."""

    name: str
    cluster: str
    task_definition: str
    deployments: tuple[Deployment, ...]
    events: tuple[Event, ...] = ()
    target_groups: tuple[str, ...] = ()

    @property
    def primary(self) -> Deployment | None:
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)


class Verdict(StrEnum):
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"  # and stays so: there is nothing to go back to
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and its reason in words."""

    verdict: Verdict
    reason: str


def judge(
    service: Service, wanted: str, *, began: datetime, seen: bool, waited: float
) -> Judgement:
    """Judge the rollout of the revision ``wanted``, which an apply set that began at ``began``.

    ``seen``: it was the PRIMARY deployment in an earlier look; ``waited``: seconds since the first.
    A service that says since then that a deployment failed has gone back before anybody looked.
    """
    primary = service.primary
    if primary is None:
        return Judgement(Verdict.WAITING, "the service has no primary deployment yet")
    own = [d for d in service.deployments if d.task_definition == wanted]
    if primary.task_definition == wanted:
        if primary.rollout_state == "FAILED":
            return Judgement(Verdict.FAILED, primary.reason or "the deployment failed")
        steady = primary.running == primary.desired and len(service.deployments) == 1
        if primary.rollout_state == "COMPLETED" or (not primary.rollout_state and steady):
            return Judgement(Verdict.COMPLETED, primary.reason or "the deployment completed")
        latest = f"; {service.events[0].message}" if service.events else ""
        told = f"{primary.running} of {primary.desired} tasks of it run{latest}"
        return Judgement(Verdict.WAITING, told)
    failed = next((d for d in own if d.rollout_state == "FAILED"), None)
    if failed is not None:
        return Judgement(Verdict.ROLLED_BACK, failed.reason or "the deployment failed")
    since = (event.message for event in service.events if event.time >= began)
    told = next((message for message in since if "deployment failed" in message), "")
    if told or seen or waited > GRACE:
        return Judgement(
            Verdict.ROLLED_BACK,
            told or f"the service went back to {short(primary.task_definition)}",
        )
    return Judgement(Verdict.WAITING, "the service does not show the applied revision yet")


def short(arn: str) -> str:
    """``family:revision`` of a task definition's ARN; the id of a task's."""
    return arn.rpartition("/")[2]
