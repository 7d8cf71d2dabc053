"""One service: from what is asked to what runs, a small step at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sandbox.ecs import texts
from sandbox.ecs.breaker import Breaker
from sandbox.ecs.pace import Pace
from sandbox.ecs.records import ServiceState, now
from sandbox.ecs.scheduling import Bounds, Decision, Slot, decide
from sandbox.ecs.tasks import RunningTask

#: A task without any health check counts as successfully running after so many seconds.
SETTLED = 1.0
#: AWS throttles the restarts of tasks that keep failing, up to 15 minutes apart.
LONGEST_THROTTLE = 900.0

Launch = Callable[[ServiceState, dict[str, Any]], RunningTask]

START_FAILURE = "tasks failed to start"
CONTAINER_FAILURE = "tasks failed container health checks"
ELB_FAILURE = "tasks failed ELB health checks"


class Rollout:
    """Drives one service; its verdicts stand on the service's deployments."""

    def __init__(self, service: ServiceState, launch: Launch, pace: Pace) -> None:
        self.service, self._launch, self._pace = service, launch, pace
        self.tasks: dict[str, RunningTask] = {}
        self._counted: set[str] = set()
        self._credited: set[str] = set()
        self._why: dict[str, str] = {}
        self._in_a_row = 0
        self._not_before = 0.0
        self._steady = False

    def step(self) -> None:
        """Watch the tasks, count failures, decide, act, and write down what is to be seen."""
        for task in list(self.tasks.values()):
            task.step()
        self._condemn()
        self._count()
        if self.service.raw.status == "ACTIVE":
            self._act(self._decide())
        else:
            self.stop_all("Service deleted")
        self._forget_stopped()
        self._show()

    @property
    def live(self) -> list[RunningTask]:
        return [task for task in self.tasks.values() if not task.over]

    def stop_all(self, _why: str) -> None:
        """Stop every task as the scheduler does on deletion."""
        going = [task for task in self.live if not task.stopping]
        for task in going:
            task.stop("ServiceSchedulerInitiated", texts.scaling(_deployment(task)))
        self._say_stopping(going)

    # failures --------------------------------------------------------------------------------
    def _condemn(self) -> None:
        """Stop tasks whose health checks failed for good."""
        for task in self.live:
            if task.stopping:
                continue
            reason, kind = task.unhealthy_reason(self.service.grace)
            if kind == "container":
                self.service.event(texts.failed_container_health(self.service.name, task.id))
            elif kind == "elb":
                for group, _, port in task.groups:
                    _, _, why = task.around.targets.state(group, task.record.private_ip, port)
                    self.service.event(texts.unhealthy_target(self.service.name, port, group, why))
            if kind:
                self._why[task.id] = CONTAINER_FAILURE if kind == "container" else ELB_FAILURE
                task.stop("ServiceSchedulerInitiated", reason)
                self._say_stopping([task])

    def _count(self) -> None:
        """failedTasks: tasks that never came to be healthy; a healthy one resets the count."""
        breaker = Breaker.of(self.service.configuration)
        for task in self.tasks.values():
            deployment = self._find(_deployment(task))
            if deployment is None:
                continue
            if self._good(task) and task.id not in self._credited:
                self._credited.add(task.id)
                self._in_a_row, self._not_before = 0, 0.0
                if breaker.reset_on_healthy_task:
                    deployment["failedTasks"] = 0
            failed = task.stopping and task.record.stop_code in (
                "TaskFailedToStart",
                "EssentialContainerExited",
            )
            failed = failed or task.id in self._why
            if failed and task.id not in self._credited and task.id not in self._counted:
                self._counted.add(task.id)
                deployment["failedTasks"] += 1
                deployment["updatedAt"] = now()
                self._why.setdefault(task.id, START_FAILURE)
                self._throttle()
                self._maybe_trip(deployment, breaker, self._why[task.id])

    def _good(self, task: RunningTask) -> bool:
        if task.checked:
            return task.became_healthy
        return bool(task.running_since) and (
            not task.stopping and time.monotonic() - task.running_since >= SETTLED
        )

    def _throttle(self) -> None:
        self._in_a_row += 1
        if self._in_a_row > 3:
            pause = min(2.0 ** (self._in_a_row - 3) * 5, LONGEST_THROTTLE)
            self._not_before = time.monotonic() + self._pace.wait(pause)
        if self._in_a_row == 4:
            self.service.event(texts.cannot_start(self.service.name))

    def _maybe_trip(self, deployment: dict[str, Any], breaker: Breaker, why: str) -> None:
        if deployment["status"] != "PRIMARY" or deployment["rolloutState"] != "IN_PROGRESS":
            return
        if not breaker.trips(deployment["failedTasks"], self.service.desired):
            return
        service = self.service
        deployment["rolloutState"] = "FAILED"
        deployment["rolloutStateReason"] = texts.breaker(why)
        deployment["updatedAt"] = now()
        service.event(texts.failed(service.name, deployment["id"], why))
        target = service.last_completed
        if not breaker.rollback or target is None or target["id"] == deployment["id"]:
            return
        service.event(texts.rolling_back(service.name, target["id"]))
        deployment["status"] = "ACTIVE"
        rest = [d for d in service.raw.deployments if d["id"] != target["id"]]
        for other in rest:
            other["status"] = "ACTIVE"
        back = self._find(target["id"]) or dict(target)
        back |= {
            "status": "PRIMARY",
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": texts.breaker_rollback(target["id"]),
            "failedTasks": 0,
            "updatedAt": now(),
        }
        service.raw.deployments = [back, *rest]
        service.raw.task_definition = target["taskDefinition"]
        self._in_a_row, self._not_before = 0, 0.0

    # scheduling ------------------------------------------------------------------------------
    def _decide(self) -> Decision:
        primary = self.service.primary
        if primary is None:
            return Decision()
        configuration = self.service.configuration
        last = self.service.last_completed
        slots = [
            Slot(task.id, _deployment(task), self._serving(task), task.stopping)
            for task in self.live
        ]
        return decide(
            self.service.desired,
            Bounds(
                int(configuration.get("minimumHealthyPercent", 100)),
                int(configuration.get("maximumPercent", 200)),
            ),
            primary["id"],
            slots,
            launch_primary=primary["rolloutState"] != "FAILED",
            keep=last["id"] if last and self._find(last["id"]) else None,
        )

    def _serving(self, task: RunningTask) -> bool:
        return task.healthy() if task.checked else self._good(task)

    def _act(self, decision: Decision) -> None:
        if time.monotonic() >= self._not_before:
            for identity, count in decision.start.items():
                self._start(identity, count)
        going = [self.tasks[identity] for identity in decision.stop]
        for task in going:
            task.stop("ServiceSchedulerInitiated", texts.scaling(_deployment(task)))
        self._say_stopping(going)

    def _start(self, identity: str, count: int) -> None:
        deployment = self._find(identity)
        if deployment is None:
            return
        begun: list[RunningTask] = []
        try:
            for _ in range(count):
                begun.append(self._launch(self.service, deployment))
        finally:  # those before one that could not be made are there, and want to run
            self._begin(begun)

    def _begin(self, begun: list[RunningTask]) -> None:
        if not begun:
            return
        self.tasks |= {task.id: task for task in begun}
        self.service.event(texts.started(self.service.name, [task.id for task in begun]))
        for task in begun:
            task.start()
            if not task.stopping:
                for group, _, _ in task.groups:
                    self.service.event(texts.registered(self.service.name, group))

    def _say_stopping(self, going: list[RunningTask]) -> None:
        if not going:
            return
        name = self.service.name
        if any(task.groups for task in going):
            self.service.event(texts.draining(name, len(going)))
            for task in going:
                for group, _, _ in task.groups:
                    self.service.event(texts.deregistered(name, group))
        self.service.event(texts.stopped(name, [task.id for task in going]))

    def _forget_stopped(self) -> None:
        for identity, task in list(self.tasks.items()):
            if task.over and (task.id in self._counted or task.stopping):
                del self.tasks[identity]

    # what is to be seen ----------------------------------------------------------------------
    def _show(self) -> None:
        service, raw = self.service, self.service.raw
        for deployment in raw.deployments:
            mine = [t for t in self.live if _deployment(t) == deployment["id"] and not t.stopping]
            running = sum(t.record.status == "RUNNING" for t in mine)
            deployment["runningCount"] = running
            deployment["pendingCount"] = len(mine) - running
            primary = deployment["status"] == "PRIMARY"
            deployment["desiredCount"] = service.desired if primary else running
        staying = [t for t in self.live if not t.stopping]
        raw.running_count = sum(t.record.status == "RUNNING" for t in staying)
        raw.pending_count = len(staying) - raw.running_count
        if raw.status == "ACTIVE":
            self._complete()

    def _complete(self) -> None:
        service, primary = self.service, self.service.primary
        if primary is None:
            return
        mine = [t for t in self.live if _deployment(t) == primary["id"]]
        others = [t for t in self.live if _deployment(t) != primary["id"]]
        ready = (
            not others
            and len(mine) == service.desired
            and all(self._serving(task) for task in mine)
        )
        if not ready:
            self._steady = False
            last = service.last_completed
            kept = {_deployment(t) for t in others} | {primary["id"], last["id"] if last else ""}
            service.raw.deployments = [
                d
                for d in service.raw.deployments
                if d["id"] in kept or d["rolloutState"] == "FAILED"
            ]
            return
        service.raw.deployments = [primary]
        if primary["rolloutState"] == "IN_PROGRESS":
            primary["rolloutState"] = "COMPLETED"
            primary["rolloutStateReason"] = texts.done(primary["id"])
            primary["updatedAt"] = now()
            service.event(texts.completed(service.name, primary["id"]))
        if primary["rolloutState"] == "COMPLETED":
            service.raw.last_completed = dict(primary)
        if not self._steady:
            self._steady = True
            service.event(texts.steady(service.name))

    def _find(self, identity: str) -> dict[str, Any] | None:
        return next((d for d in self.service.raw.deployments if d["id"] == identity), None)


def _deployment(task: RunningTask) -> str:
    return str(task.record.started_by)
