"""Cloud Map: what is in use cannot be deleted.

"Deletes a specified service … If the service still contains one or more registered instances, the
request fails" and "Deletes a namespace from the current account. If the namespace still contains
one or more services, the request fails" (Cloud Map API reference, DeleteService, DeleteNamespace).
"""

from __future__ import annotations

from moto.servicediscovery.models import servicediscovery_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers


@answers("servicediscovery:DeleteService")
def delete_service(call: Call, _principal: Principal, context: Context) -> None:
    backend = servicediscovery_backends[context.account][context.region]
    service = backend.services.get(call.parameters()["Id"])
    if service is not None and service.instances:
        raise AwsError("ResourceInUse", "Service contains registered instances.")


@answers("servicediscovery:DeleteNamespace")
def delete_namespace(call: Call, _principal: Principal, context: Context) -> None:
    backend = servicediscovery_backends[context.account][context.region]
    identity = call.parameters()["Id"]
    if any(service.namespace_id == identity for service in backend.services.values()):
        raise AwsError("ResourceInUse", "Namespace contains services.")
