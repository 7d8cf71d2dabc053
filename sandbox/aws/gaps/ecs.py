"""ECS: attributes of a service that have to read back as they were written.

"availabilityZoneRebalancing: Indicates whether to use Availability Zone rebalancing for the
service" and "healthCheckGracePeriodSeconds: The period of time, in seconds, that the Amazon ECS
service scheduler ignores unhealthy … health checks" (ECS API reference, Service). moto drops these
and a few more members of a service, which Terraform reads as changes.

"Only capacity providers that are already associated with a cluster and have an ACTIVE or UPDATING
status can be used in a capacity provider strategy" (the same, CapacityProviderStrategyItem): moto
takes any.
"""

from __future__ import annotations

from typing import Any

from moto.ecs.models import ecs_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends, answers

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


@answers("ecs:CreateService", "ecs:UpdateService")
def associated(call: Call, _principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    cluster = str(given.get("cluster") or "default").rpartition("/")[2]
    known = ecs_backends[context.account][call.region].clusters.get(cluster)
    has = set(known.capacity_providers or ()) if known is not None else set()
    if {item["capacityProvider"] for item in given.get("capacityProviderStrategy") or ()} - has:
        raise AwsError(
            "InvalidParameterException",
            "The specified capacity provider strategy cannot contain a capacity provider that is "
            "not associated with the cluster. Associate the capacity provider with the cluster and "
            "try again.",
        )
    return None


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
