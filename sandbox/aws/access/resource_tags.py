"""The tags of a resource, for ``aws:ResourceTag/…`` conditions.

moto's backends list their tagged resources for the Resource Groups Tagging API; the same list is
asked here.
"""

from __future__ import annotations

from importlib import import_module

from sandbox.aws.access.principals import Principal
from sandbox.aws.gaps import Context
from sandbox.aws.saving import backend_dict

#: services of ARNs whose moto module has another name
_MODULES = {"elasticloadbalancing": "elbv2", "application-autoscaling": "applicationautoscaling"}


def asks_for_tags(principal: Principal) -> bool:
    """Whether any of the caller's policies looks at a resource's tags (most do not)."""
    return any("ResourceTag/" in text for text in (*principal.policies, principal.boundary or ""))


def resource_tags(arn: str, context: Context) -> dict[str, str]:
    """Tags of the resource with this ARN; {} where it is unknown or has none."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[2]:
        return {}
    service, region = parts[2], parts[3] or "aws"
    if service == "application-autoscaling":
        return dict(context.of(service).get(arn, {}))
    module = f"moto.{_MODULES.get(service, service).replace('-', '')}.models"
    try:
        import_module(module)
    except ModuleNotFoundError:
        return {}
    try:
        backend = backend_dict(module)[context.account][region]
    except KeyError:  # a dashboard's ARN has no region, and no tags; its service has regions
        return {}
    if not hasattr(backend, "iter_tagged_resources"):
        return {}
    # a snapshot's ARN names no account, in moto it does
    known = {arn, ":".join([*parts[:4], parts[4] or context.account, parts[5]])}
    for resource in backend.iter_tagged_resources():
        if resource.arn in known:
            return {str(key): str(value) for key, value in resource.tags.items()}
    return {}
