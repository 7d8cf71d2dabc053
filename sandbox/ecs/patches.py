"""moto's ECS and ELB calls, changed where they would show an invented service.

Methods are looked up at each call, so replacing them on moto's classes is enough; ``remove`` puts
moto's own back.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import moto.ecs.models as ecs_models
from moto.core.exceptions import JsonRESTError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from sandbox.ecs.records import PlaneTask, ServiceState
from sandbox.ecs.targets import Targets
from sandbox.ports import free_port

#: Members of CreateService that moto's answer model knows but its backend drops.
KEPT = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
}
#: Changes of these begin a new deployment (API_UpdateService).
REDEPLOYS = ("network_configuration", "load_balancers", "platform_version")


class Plane(Protocol):
    """What the patched calls need from the data plane."""

    targets: Targets

    def locked(self, call: Callable[[], Any]) -> Any:
        """Run a call while the data plane's thread holds still."""

    def stop_task(self, record: PlaneTask, reason: str) -> None:
        """Begin to stop a task because a user asked for it."""


class Patches:
    """The replaced methods of moto."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._saved: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Replace moto's methods by ours."""
        ours = _Calls(self._plane)
        backend, balancer = EC2ContainerServiceBackend, ELBv2Backend
        self._set(ecs_models, "Task", PlaneTask)
        # moto's tasks read a name that interfaces have only where the VPC has DNS host names.
        self._set(NetworkInterface, "private_dns_name", None)
        self._wrap(EC2ContainerServiceResponse, "create_service", ours.create_service)
        self._wrap(backend, "update_service", ours.update_service)
        self._wrap(backend, "delete_service", ours.delete_service)
        self._wrap(backend, "list_tasks", ours.list_tasks)
        self._wrap(backend, "stop_task", ours.stop_task)
        self._wrap(backend, "_calculate_task_resource_requirements", ours.requirements)
        self._wrap(balancer, "create_load_balancer", ours.create_load_balancer)
        self._wrap(balancer, "describe_target_health", ours.describe_target_health)
        self._wrap(FakeTargetGroup, "health_for", ours.health_for)

    def remove(self) -> None:
        """Put moto's own methods back."""
        for owner, name, value in reversed(self._saved):
            setattr(owner, name, value)
        self._saved.clear()

    def _set(self, owner: Any, name: str, value: Any) -> None:
        self._saved.append((owner, name, getattr(owner, name, None)))
        setattr(owner, name, value)

    def _wrap(self, owner: Any, name: str, ours: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        def replaced(self: Any, *args: Any, **kwargs: Any) -> Any:
            return ours(original, self, *args, **kwargs)

        self._set(owner, name, replaced)


class _Calls:
    """Each method takes moto's own method first, then the object it was called on."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def create_service(self, original: Callable[..., Any], response: Any) -> Any:
        backend = response.ecs_backend
        name = response._get_param("serviceName")
        cluster = backend._get_cluster(response._get_param("cluster", "default"))

        def call() -> Any:
            existing = backend.services.get(f"{cluster.name}:{name}")
            if existing is not None and existing.status == "ACTIVE":
                raise InvalidParameterException("Creation of service was not idempotent.")
            if existing is not None and existing.status == "DRAINING":
                raise InvalidParameterException("Unable to Start a service that is still Draining.")
            _check_groups(response._get_param("loadBalancers") or [], self._plane)
            _active(backend, response._get_param("taskDefinition"))
            result = original(response)
            service = backend.services[f"{cluster.name}:{name}"]
            for member, attribute in KEPT.items():
                if (value := response._get_param(member)) is not None:
                    setattr(service, attribute, value)
            if ServiceState(service).strategy:
                service.launch_type = None  # one or the other; moto says EC2
            service.created_at = service.deployments[0]["createdAt"]
            service.running_count, service.pending_count = 0, 0
            service.deployments = []
            ServiceState(service).begin(service.task_definition)
            return result

        return self._plane.locked(call)

    def update_service(
        self, _original: Callable[..., Any], backend: Any, properties: dict[str, Any]
    ) -> Any:
        given = {name: value for name, value in properties.items() if value is not None}
        service = backend._get_service(
            given.pop("cluster", "default"), given.pop("service").split("/")[-1]
        )
        wanted = given.pop("task_definition", None)
        forced = bool(given.pop("force_new_deployment", False))

        def call() -> Any:
            if service.status != "ACTIVE":
                raise JsonRESTError("ServiceNotActiveException", "Service was not ACTIVE.")
            arn = _active(backend, wanted) if wanted else service.task_definition
            new = forced or arn != service.task_definition
            if "load_balancers" in given:
                _check_groups(given["load_balancers"], self._plane)
            for name, value in given.items():
                if name == "deployment_configuration":
                    value = {**(getattr(service, name, None) or {}), **value}
                new = new or (name in REDEPLOYS and value != getattr(service, name, None))
                setattr(service, name, value)
            if new:
                ServiceState(service).begin(arn)
            return service

        return self._plane.locked(call)

    def delete_service(
        self, _original: Callable[..., Any], backend: Any, cluster: str, name: str, force: bool
    ) -> Any:
        service = backend._get_service(cluster, name.split("/")[-1])

        def call() -> Any:
            if service.status == "ACTIVE" and service.desired_count > 0 and not force:
                raise InvalidParameterException(
                    "The service cannot be stopped while the primary deployment is scaled above 0."
                )
            if service.status == "ACTIVE":
                service.status = "DRAINING"
                service.desired_count = 0
            return service

        return self._plane.locked(call)

    def list_tasks(
        self,
        original: Callable[..., Any],
        backend: Any,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Any]:
        """AWS: "The default status filter is RUNNING"; moto does not filter by service."""
        tasks = original(
            backend,
            cluster_str,
            container_instance,
            family,
            started_by,
            None,
            desiredStatus or "RUNNING",
        )
        if service_name is None:
            return list(tasks)
        group = f"service:{service_name.split('/')[-1]}"
        return [task for task in tasks if task.group == group]

    def stop_task(
        self, _original: Callable[..., Any], backend: Any, cluster: str, task: str, reason: str
    ) -> Any:
        name, identity = backend._get_cluster(cluster).name, task.split("/")[-1]
        records = list(backend.tasks.get(name, {}).values())
        record = next((record for record in records if record.id == identity), None)
        if record is None:
            raise InvalidParameterException("The referenced task was not found.")
        self._plane.locked(lambda: self._plane.stop_task(record, reason or ""))
        return record

    def requirements(
        self, original: Callable[..., Any], _backend: Any, definition: Any
    ) -> dict[str, Any]:
        """moto needs a memory figure of each container; Fargate needs only the task's."""
        whole = copy.copy(definition)
        whole.container_definitions = [
            {**raw, "memory": raw.get("memory") or raw.get("memoryReservation") or 0}
            for raw in definition.container_definitions
        ]
        return dict(original(whole))

    def create_load_balancer(
        self, original: Callable[..., Any], backend: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """The DNS name becomes an address that answers on this machine.

        One that faces the internet wants a network that has a way there.
        """
        wanted = inspect.signature(original).bind(backend, *args, **kwargs).arguments
        if wanted.get("scheme") in (None, "internet-facing"):
            _check_gateway(backend.ec2_backend, wanted)
        balancer = original(backend, *args, **kwargs)
        balancer.dns_name = f"127.0.0.1:{free_port()}"
        return balancer

    def describe_target_health(
        self, original: Callable[..., Any], backend: Any, arn: str, targets: list[dict[str, Any]]
    ) -> Any:
        """AWS lists draining targets too."""
        members = [{"Id": a, "Port": p} for a, p in self._plane.targets.members(arn)]
        return original(backend, arn, targets or members)

    def health_for(
        self, original: Callable[..., Any], group: Any, target: dict[str, Any], ec2: Any
    ) -> Any:
        port = int(target.get("Port") or _port_of(group, target["Id"]))
        state, reason, description = self._plane.targets.state(group.arn, target["Id"], port)
        if state == "unused":
            return original(group, target, ec2)
        return FakeHealthStatus(
            target["Id"],
            str(port),
            str(port),
            state,
            reason or None,
            description or None,
        )


def _port_of(group: Any, address: str) -> int:
    return int(group.targets.get(address, {}).get("Port") or group.port)


def _active(backend: Any, wanted: str) -> str:
    """The ARN of a revision that a service may be started of."""
    found = backend.describe_task_definition(wanted)
    if found.status != "ACTIVE":
        # API_DeregisterTaskDefinition: "you can't … update an existing service to reference an
        # INACTIVE task definition"
        raise JsonRESTError("ClientException", "TaskDefinition is inactive")
    return str(found.arn)


def _check_gateway(ec2: Any, wanted: Mapping[str, Any]) -> None:
    """ELB's InvalidSubnet: "VPC vpc-… has no internet gateway"."""
    subnets = wanted.get("subnet_ids") or [
        mapping["SubnetId"] for mapping in wanted.get("subnet_mappings") or ()
    ]
    reached = {gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    for subnet in subnets:
        vpc = ec2.get_subnet(subnet).vpc_id
        if vpc not in reached:
            raise ELBClientError("InvalidSubnet", f"VPC {vpc} has no internet gateway")


def _check_groups(balancers: list[dict[str, Any]], plane: Plane) -> None:
    for entry in balancers:
        arn = entry.get("targetGroupArn")
        if arn and not plane.targets.attached(arn):
            raise InvalidParameterException(
                f"The target group with targetGroupArn {arn} does not have an associated "
                "load balancer."
            )
