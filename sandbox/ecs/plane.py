"""The data plane: one thread that makes what moto only notes down happen on this machine."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.ecs import texts
from sandbox.ecs.alb import LoadBalancers
from sandbox.ecs.backends import Backends
from sandbox.ecs.credentials import CredentialsEndpoint
from sandbox.ecs.names import Names
from sandbox.ecs.pace import Pace
from sandbox.ecs.patches import Patches
from sandbox.ecs.records import PlaneTask, ServiceState, now
from sandbox.ecs.rollout import Rollout
from sandbox.ecs.scheduling import capacity
from sandbox.ecs.targets import Targets
from sandbox.ecs.tasks import RunningTask, Surroundings, release_interface
from sandbox.ecs.volumes import Volumes
from sandbox.functions.service import Functions
from sandbox.images.store import ImageStore
from sandbox.neo4j.instances import Neo4jInstances
from sandbox.rds.instances import PostgresInstances

TICK = 0.1  # seconds between two looks at everything
KEEP_STOPPED = timedelta(hours=1)  # AWS shows stopped tasks for at least an hour

log = logging.getLogger(__name__)


class DataPlane:
    """Runs services, tasks, functions, load balancers and the graph store of one emulated account.

    ``state_dir`` is the sandbox's folder (images/, tasks/, functions/, neo4j/, endpoints.json).
    Start it after moto's state is restored. ``endpoint`` is the emulated AWS that tasks get as
    ``AWS_ENDPOINT_URL``; by default what endpoints.json or that variable says.
    """

    def __init__(
        self,
        state_dir: Path,
        account: str,
        region: str,
        *,
        endpoint: str = "",
        pace: Pace | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._state = state_dir
        self._backends = Backends(account, region)
        self._pace = pace or Pace.from_environment()
        self.targets = Targets(self._backends, self._pace)
        self._images = ImageStore(state_dir / "images")
        self._balancers = LoadBalancers(self._backends, self.targets, state_dir / "tasks")
        self._credentials = CredentialsEndpoint(self._backends)
        self._names = Names(self._backends, self.targets)
        self._volumes = Volumes(state_dir / "volumes", self._backends)
        self._neo4j = Neo4jInstances(state_dir / "neo4j", self._backends)
        self._postgres = PostgresInstances(state_dir / "rds", self._backends)
        self._functions = Functions(
            self._backends,
            self._images,
            state_dir / "functions",
            self._endpoint,
            self._neo4j.addresses,
        )
        self._rollouts: dict[str, Rollout] = {}
        self._single: dict[str, RunningTask] = {}  # started by RunTask
        self._patches = Patches(self)
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="data-plane", daemon=True)

    def start(self) -> None:
        """Take over from moto and begin to run what the estate says."""
        self._clean_up()
        self._patches.install()
        self._functions.install()
        self._credentials.start()
        self._balancers.start()
        self._names.start()
        self._neo4j.start()
        self._postgres.start()
        self._thread.start()

    def stop(self) -> None:
        """End every process that was started; the estate's records stay."""
        self._ended.set()
        self._thread.join(30)
        self._neo4j.stop()
        self._postgres.stop()
        self._balancers.stop()
        self._names.stop()
        self.targets.stop()
        self._credentials.stop()
        self._functions.remove()
        self._patches.remove()

    def locked(self, call: Callable[[], Any]) -> Any:
        """Run a call of the API while the thread holds still."""
        with self._lock:
            return call()

    def stop_task(self, record: PlaneTask, reason: str) -> None:
        """StopTask."""
        for task in self._running():
            if task.record is record:
                task.stop("UserInitiated", reason or texts.USER_STOP)

    # the thread ------------------------------------------------------------------------------
    def _run(self) -> None:
        while not self._ended.wait(TICK):
            for part in (
                self._balancers.step,
                self.targets.step,
                self._services,
                self._tasks,
                self._registries,
                self._volumes.step,
            ):
                self._guarded(part)
        for task in self._running():
            task.kill()

    def _guarded(self, part: Callable[[], None]) -> None:
        """One part's trouble (a subnet deleted under a service, say) never stops the others."""
        try:
            with self._lock:
                part()
        except Exception:
            log.exception("data plane: %s failed", getattr(part, "__qualname__", part))

    def _services(self) -> None:
        known = {service.arn: service for service in list(self._backends.ecs.services.values())}
        for arn in set(self._rollouts) - set(known):
            for task in self._rollouts.pop(arn).live:
                task.kill()
        for arn, service in known.items():
            if service.status == "INACTIVE" or service.deployment_controller["type"] != "ECS":
                self._rollouts.pop(arn, None)
                continue
            rollout = self._rollouts.get(arn)
            if rollout is None or rollout.service.raw is not service:
                rollout = Rollout(ServiceState(service), self._launch, self._pace)
                self._rollouts[arn] = rollout
            self._guarded(rollout.step)
            if service.status == "DRAINING" and not rollout.live:
                service.status = "INACTIVE"
        self._count()

    def _tasks(self) -> None:
        for tasks in list(self._backends.ecs.tasks.values()):
            for arn, record in list(tasks.items()):
                if record.status == "STOPPED":
                    if record.stopped_at and now() - record.stopped_at > KEEP_STOPPED:
                        del tasks[arn]
                elif record.id not in self._single and not record.group.startswith("service:"):
                    task = RunningTask(record, self._surroundings(), [])
                    self._single[record.id] = task
                    task.start()
        for identity, task in list(self._single.items()):
            task.step()
            if task.over:
                del self._single[identity]

    def _registries(self) -> None:
        """Names lead to the tasks that run."""
        self._names.step(
            (str(registry["registryArn"]), rollout.service.name, task.record)
            for rollout in self._rollouts.values()
            for registry in rollout.service.raw.service_registries
            for task in rollout.live
            if task.record.status == "RUNNING" and not task.stopping
        )

    def _launch(self, service: ServiceState, deployment: dict[str, Any]) -> RunningTask:
        ecs, raw = self._backends.ecs, service.raw
        cluster = ecs.clusters[raw.cluster_name]
        definition = ecs.describe_task_definition(deployment["taskDefinition"])
        network = {k: dict(v) for k, v in (raw.network_configuration or {}).items()}
        for settings in network.values():
            settings.setdefault("securityGroups", [])
        tags = {"TASK_DEFINITION": definition.tags, "SERVICE": raw.tags}
        beside = Counter(
            task.capacity_provider_name
            for task in ecs.tasks.get(cluster.name, {}).values()
            if task.started_by == deployment["id"] and task.desired_status != "STOPPED"
        )
        provider = capacity(service.strategy, beside)
        record = PlaneTask(
            cluster,
            definition,
            None,
            None,
            backend=ecs,
            group=f"service:{service.name}",
            launch_type="FARGATE" if provider.startswith("FARGATE") else raw.launch_type,
            capacity_provider_name=provider or None,
            started_by=deployment["id"],
            tags=list(tags.get(raw.propagate_tags) or []),
            networking_configuration=network or None,
            platform_version=raw.platform_version or "1.4.0",
        )
        ecs.tasks.setdefault(cluster.name, {})[record.task_arn] = record
        return RunningTask(record, self._surroundings(), service.groups)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            self._backends,
            self._images,
            self._state / "tasks",
            self._pace,
            self.targets,
            self._credentials,
            self._names,
            self._volumes,
            self._endpoint(),
            self._neo4j.addresses(),
        )

    def _endpoint(self) -> str:
        if self.endpoint:
            return self.endpoint
        try:
            return str(json.loads((self._state / "endpoints.json").read_text())["aws"])
        except (OSError, ValueError, KeyError):
            return os.environ.get("AWS_ENDPOINT_URL", "")

    def _running(self) -> list[RunningTask]:
        serving = [task for rollout in self._rollouts.values() for task in rollout.live]
        return [*serving, *self._single.values()]

    def _count(self) -> None:
        """Figures of DescribeClusters."""
        for cluster in list(self._backends.ecs.clusters.values()):
            mine = [r.service.raw for r in self._rollouts.values()]
            mine = [raw for raw in mine if raw.cluster_name == cluster.name]
            cluster.running_tasks_count = sum(raw.running_count for raw in mine)
            cluster.pending_tasks_count = sum(raw.pending_count for raw in mine)
            cluster.active_services_count = sum(raw.status == "ACTIVE" for raw in mine)

    def _clean_up(self) -> None:
        """Tasks of an earlier run are gone with it: their records say so, services replace them."""
        for tasks in list(self._backends.ecs.tasks.values()):
            for record in list(tasks.values()):
                if isinstance(record, PlaneTask) and record.status != "STOPPED":
                    record.desired_status = record.status = "STOPPED"
                    record.stop_code = "TerminationNotice"
                    record.stopped_reason = "The sandbox was stopped."
                    record.stopped_at = now()
                    release_interface(record, self._backends)
                    for group in self._backends.elb.target_groups.values():
                        group.targets.pop(record.private_ip, None)
