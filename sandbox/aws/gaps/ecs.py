"""ECS: attributes of a service that have to read back as they were written.

"availabilityZoneRebalancing: Indicates whether to use Availability Zone rebalancing for the
service" and "healthCheckGracePeriodSeconds: The period of time, in seconds, that the Amazon ECS
service scheduler ignores unhealthy … health checks" (ECS API reference, Service). moto drops these
and a few more members of a service, which Terraform reads as changes.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends

#: Members that the request and the answer call the same.
KEPT = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
)


@amends("ecs:CreateService", "ecs:UpdateService")
def remember(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    service = result["service"]
    kept = context.of("ecs").setdefault(service["serviceArn"], {})
    kept.update({name: given[name] for name in KEPT if given.get(name) is not None})
    _complete(service, kept)


@amends("ecs:DescribeServices")
def describe(_call: Call, result: dict[str, Any], context: Context) -> None:
    for service in result.get("services", ()):
        _complete(service, context.of("ecs").get(service["serviceArn"], {}))


@amends("ecs:DeleteService")
def forget(_call: Call, result: dict[str, Any], context: Context) -> None:
    context.of("ecs").pop(result["service"]["serviceArn"], None)


def _complete(service: dict[str, Any], kept: dict[str, Any]) -> None:
    """moto's own answer stays where it has one that says something."""
    for name, value in kept.items():
        if name == "deploymentConfiguration":
            service[name] = {**(service.get(name) or {}), **value}
        else:
            service[name] = value
