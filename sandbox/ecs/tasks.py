"""The life of one task, from PROVISIONING to STOPPED.

States and stop codes as in the Developer Guide, "Amazon ECS task lifecycle". ``step`` is called by
the data plane's thread a few times a second and never blocks.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.aws.answers import AwsError
from sandbox.ecs import texts
from sandbox.ecs.backends import Backends
from sandbox.ecs.containers import ContainerProcess, pull
from sandbox.ecs.credentials import CredentialsEndpoint
from sandbox.ecs.environment import SecretUnavailable, container_environment, translate
from sandbox.ecs.names import Names
from sandbox.ecs.pace import Pace
from sandbox.ecs.records import PlaneTask, now
from sandbox.ecs.targets import Targets
from sandbox.ecs.volumes import Volumes, relocate
from sandbox.images.store import Image, ImageStore
from sandbox.ports import free_port

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Surroundings:
    """What tasks share."""

    backends: Backends
    images: ImageStore
    folder: Path  # of the tasks' own files
    pace: Pace
    targets: Targets
    credentials: CredentialsEndpoint
    names: Names
    volumes: Volumes
    endpoint: str  # of the emulated AWS; empty when a task gets none
    addresses: Mapping[str, str] = field(default_factory=dict)


class RunningTask:
    """Runs the containers of a :class:`PlaneTask` and keeps its record true."""

    def __init__(
        self, record: PlaneTask, around: Surroundings, groups: list[tuple[str, str, int]]
    ) -> None:
        self.record, self.around, self.groups = record, around, groups
        self.id = str(record.id)
        self.containers: list[ContainerProcess] = []
        self.became_healthy = False
        self.running_since = 0.0
        self.last_seen_healthy = False
        self._draining = False
        self._terminated = False

    @property
    def over(self) -> bool:
        return bool(self.record.status == "STOPPED")

    @property
    def stopping(self) -> bool:
        return bool(self.record.desired_status == "STOPPED")

    def start(self) -> None:
        """Pull, read secrets, start the containers, register the targets."""
        self.record.status = "PENDING"
        try:
            self._prepare(
                self.around.backends.ecs.describe_task_definition(self.record.task_definition_arn)
            )
            for container in self.containers:
                container.start()
                self._view(container).last_status = "RUNNING"
        except SecretUnavailable as error:
            return self._never_started(texts.no_secret(error.value_from, error.why))
        except LookupError as error:
            return self._never_started(str(error.args[0]))
        except OSError as error:
            return self._never_started(f"CannotStartContainerError: {error}")
        except Exception as error:  # or it would be PENDING for ever, and others with it
            log.exception("task %s could not be started", self.id)
            return self._never_started(f"CannotStartContainerError: {error!r}")
        self.record.status = "ACTIVATING"
        for group, _, port in self.groups:
            self.around.targets.register(group, self.record.private_ip, port)
        self.record.status = "RUNNING"
        self.record.started_at = now()
        self.running_since = time.monotonic()
        return None

    def _prepare(self, definition: Any) -> None:
        around = self.around
        role = self.record.overrides.get("taskRoleArn") or getattr(
            definition, "task_role_arn", None
        )
        try:
            access = around.credentials.admit(self.id, role) if role else {}
        except AwsError:
            raise LookupError(texts.cannot_assume(str(role))) from None
        overrides = self.record.overrides.get("containerOverrides") or []
        for raw in definition.container_definitions:
            changed: dict[str, Any] = next(
                (o for o in overrides if o.get("name") == raw["name"]), {}
            )
            container = {**raw, **({"command": changed["command"]} if "command" in changed else {})}
            image = pull(str(raw["image"]), around.backends, around.images)
            if image is None:
                raise LookupError(texts.cannot_pull(str(raw["image"])))
            mounts = around.volumes.mounts(definition, raw, around.folder / self.id)
            given = container_environment(raw, overrides, around.backends)
            # the image's own paths are this machine's already, maybe below another mount's name
            values = {**image.environment(), **relocate(given, mounts)}
            if around.endpoint:
                values |= {"AWS_ENDPOINT_URL": around.endpoint}
            values |= access | {"AWS_REGION": values.get("AWS_REGION", around.backends.region)}
            values = around.names.translate(translate(values, around.addresses))
            values |= self._ports(raw, image)
            self.containers.append(
                ContainerProcess(
                    container,
                    image,
                    values,
                    self.id,
                    around.folder / self.id,
                    around.backends,
                    around.pace,
                )
            )

    def _ports(self, definition: Mapping[str, Any], image: Image) -> dict[str, str]:
        """Each task has the loopback's address with a port of its own instead of an interface."""
        mappings = definition.get("portMappings") or []
        if not mappings:
            return {}
        local = free_port()
        for mapping in mappings:
            port = int(mapping["containerPort"])
            self.around.targets.place(self.record.private_ip, port, local)
        return image.listening(local)

    def _never_started(self, reason: str) -> None:
        for container in self.containers:
            container.kill()
        first: Any = self.record.containers[0]
        first.reason = reason
        self.stop("TaskFailedToStart", reason, drain=False)

    def step(self) -> None:
        """Notice exits and health; go on stopping."""
        if self.over:
            return
        if not self.stopping:
            self._watch()
        if self.stopping:
            self._proceed_to_stop()

    def _watch(self) -> None:
        for container in self.containers:
            view = self._view(container)
            view.health_status = container.health or "UNKNOWN"
            code = container.exit_code()
            if code is not None and container.definition.get("essential", True):
                return self.stop("EssentialContainerExited", texts.ESSENTIAL_EXITED, drain=False)
        checked = [c.health for c in self.containers if c.health is not None]
        if checked:
            order = ("UNHEALTHY", "UNKNOWN", "HEALTHY")
            self.record.health_status = next(s for s in order if s in checked)
        self.last_seen_healthy = self.healthy()
        self.became_healthy = self.became_healthy or self.last_seen_healthy
        return None

    def healthy(self) -> bool:
        """RUNNING, and every health check that is defined passes."""
        if self.record.status != "RUNNING" or self.stopping:
            return False
        if any(c.health not in (None, "HEALTHY") for c in self.containers):
            return False
        address = self.record.private_ip
        return all(self.around.targets.healthy(g, address, p) for g, _, p in self.groups)

    @property
    def checked(self) -> bool:
        """Whether any health check speaks about this task."""
        return bool(self.groups) or any(c.health is not None for c in self.containers)

    def unhealthy_reason(self, grace: float) -> tuple[str, str]:
        """Stopped reason and the kind of check (container, elb) that condemns it, or empty."""
        if any(c.health == "UNHEALTHY" for c in self.containers):
            return texts.CONTAINER_HEALTH, "container"
        if time.monotonic() - self.running_since < self.around.pace.start_period(grace):
            return "", ""
        for group, _, port in self.groups:
            if self.around.targets.state(group, self.record.private_ip, port)[0] == "unhealthy":
                return texts.elb_health(group), "elb"
        return "", ""

    def stop(self, code: str, reason: str, *, drain: bool = True) -> None:
        """Begin to stop: targets first, then SIGTERM. Stopping twice keeps the first reason."""
        if self.stopping:
            return
        self.record.desired_status = "STOPPED"
        self.record.stop_code, self.record.stopped_reason = code, reason
        self.record.stopping_at = now()
        self.record.status = "DEACTIVATING"
        for group, _, port in self.groups:
            self.around.targets.deregister(group, self.record.private_ip, port)
        self._draining = drain and bool(self.groups)

    def _proceed_to_stop(self) -> None:
        address = self.record.private_ip
        if self._draining and any(
            self.around.targets.draining(group, address, port) for group, _, port in self.groups
        ):
            return
        if not self._terminated:
            self._terminated = True
            self.record.status = "STOPPING"
            for container in self.containers:
                container.terminate()
        for container in self.containers:
            container.press()
        if all(c.exit_code() is not None or c.process_id is None for c in self.containers):
            self._finish()

    def _finish(self) -> None:
        self.record.status = "DEPROVISIONING"
        for container in self.containers:
            view = self._view(container)
            view.exit_code = container.exit_code()
            container.finish()
        for view in self.record.containers:
            view.last_status = "STOPPED"
        self._release()
        self.record.stopped_at = now()
        self.record.status = "STOPPED"

    def kill(self) -> None:
        """End at once, without a trace in the record but the end: the sandbox goes down."""
        for container in self.containers:
            container.kill()
            container.finish()

    def _release(self) -> None:
        self.around.credentials.dismiss(self.id)
        self.around.targets.displace(self.record.private_ip)
        release_interface(self.record, self.around.backends)
        note = self.around.folder / self.id
        if note.is_dir():
            summary = {"stopCode": self.record.stop_code, "reason": self.record.stopped_reason}
            (note / "stopped.json").write_text(json.dumps(summary))

    def _view(self, container: ContainerProcess) -> Any:
        return next(view for view in self.record.containers if view.name == container.name)


def release_interface(record: PlaneTask, backends: Backends) -> None:
    """Give the task's network interface back, so that its subnet and groups can be deleted."""
    if record.interface and record.interface in backends.ec2.enis:
        backends.ec2.delete_network_interface(record.interface)
