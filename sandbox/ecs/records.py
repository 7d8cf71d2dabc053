"""The task and service objects as DescribeTasks and DescribeServices show them.

They are moto's own classes, so that moto's answers, its tagging and the saved state work on them;
what moto invents about a task's life is replaced by what the data plane sees.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import Container, Service, Task

RUNNING_ORDER = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")


def now() -> datetime:
    return datetime.now(UTC)


class PlaneTask(Task):
    """A task whose states come from the data plane, never from being looked at."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        definition = self._backend.describe_task_definition(self.task_definition_arn)
        self.containers = [_container(self, raw) for raw in definition.container_definitions]
        self._status = "PROVISIONING"
        self.created_at = now()
        self.started_at: datetime | None = None
        self.stopping_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None  # type: ignore[assignment]
        self.health_status = "UNKNOWN"
        self.cpu, self.memory = definition.cpu, definition.memory
        self.version = 1

    @property
    def status(self) -> str:
        return str(self._status)

    @status.setter
    def status(self, value: str) -> None:
        self._status = value
        self.version += 1

    def advance(self) -> None:
        """Looking at a task does not move it."""

    @property
    def private_ip(self) -> str:
        """The address of the task's network interface; outside awsvpc mode a name of its own."""
        return self._detail("privateIPv4Address") or f"task-{self.id}"

    @property
    def interface(self) -> str:
        return self._detail("networkInterfaceId")

    def _detail(self, wanted: str) -> str:
        attachments: list[dict[str, Any]] = self.attachments
        for attachment in attachments:
            for detail in attachment["details"]:
                if detail["name"] == wanted:
                    return str(detail["value"])
        return ""


def _container(task: PlaneTask, definition: dict[str, Any]) -> Any:
    """moto's Container, for this container definition and this task."""
    view: Any = Container.__new__(Container)
    arn = task.task_arn.replace(":task/", ":container/")
    view.container_arn = f"{arn}/{uuid.uuid4()}"
    view.task_arn = task.task_arn
    view.name = definition.get("name")
    view.image = definition.get("image")
    view.image_digest = None
    view.last_status = "PENDING"
    view.exit_code = None
    view.reason = None
    view.health_status = "UNKNOWN"
    view.network_interfaces = []
    view.cpu = str(definition.get("cpu", 0))
    view.memory = definition.get("memory")
    return view


class ServiceState:
    """A typed view on moto's service; everything lives on moto's object."""

    def __init__(self, service: Service) -> None:
        self.raw: Any = service

    @property
    def arn(self) -> str:
        return str(self.raw.arn)

    @property
    def name(self) -> str:
        return str(self.raw.name)

    @property
    def desired(self) -> int:
        return int(self.raw.desired_count)

    @property
    def configuration(self) -> dict[str, Any]:
        return getattr(self.raw, "deployment_configuration", None) or {}

    @property
    def deployments(self) -> list[dict[str, Any]]:
        return list(self.raw.deployments)

    @property
    def primary(self) -> dict[str, Any] | None:
        return next((d for d in self.raw.deployments if d["status"] == "PRIMARY"), None)

    @property
    def last_completed(self) -> dict[str, Any] | None:
        return getattr(self.raw, "last_completed", None)

    @property
    def strategy(self) -> list[dict[str, Any]]:
        """What capacity tasks run on, where the service says it so instead of by launch type."""
        return list(getattr(self.raw, "capacity_provider_strategy", None) or [])

    @property
    def grace(self) -> float:
        return float(getattr(self.raw, "health_check_grace_period_seconds", None) or 0)

    @property
    def groups(self) -> list[tuple[str, str, int]]:
        """Target group ARN, container name and port of each load balancer entry."""
        return [
            (entry["targetGroupArn"], entry.get("containerName", ""), int(entry["containerPort"]))
            for entry in self.raw.load_balancers
            if entry.get("targetGroupArn")
        ]

    def event(self, message: str) -> None:
        """Newest first, the last hundred, as DescribeServices shows them."""
        entry = {"id": str(uuid.uuid4()), "createdAt": now(), "message": message}
        self.raw.events = [entry, *self.raw.events[:99]]

    def begin(self, task_definition: str, reason: str = "") -> dict[str, Any]:
        """Make a new PRIMARY deployment; the older ones become ACTIVE."""
        for deployment in self.raw.deployments:
            deployment["status"] = "ACTIVE"
        moment, identity = now(), f"ecs-svc/{uuid.uuid4().int % 10**19:019d}"
        deployment = {
            "id": identity,
            "status": "PRIMARY",
            "taskDefinition": task_definition,
            "desiredCount": self.desired,
            "pendingCount": 0,
            "runningCount": 0,
            "failedTasks": 0,
            "createdAt": moment,
            "updatedAt": moment,
            # "omitted if the service was created using a capacity provider strategy"
            **(
                {"capacityProviderStrategy": self.strategy}
                if self.strategy
                else {"launchType": self.raw.launch_type}
            ),
            "platformVersion": self.raw.platform_version or "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": self.raw.network_configuration or None,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": reason or f"ECS deployment {identity} in progress.",
        }
        self.raw.deployments = [deployment, *self.raw.deployments]
        self.raw.task_definition = task_definition
        return deployment
