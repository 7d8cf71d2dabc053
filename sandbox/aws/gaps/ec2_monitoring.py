"""EC2: detailed monitoring of instances.

"MonitorInstances: Enables detailed monitoring for a running instance" (EC2 API reference). moto
raises NotImplementedError, although it keeps the state.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers


def _set(call: Call, context: Context, state: str) -> Result:
    backend = ec2_backends[context.account][call.region]
    found: list[dict[str, Any]] = []
    for identity in call.parameters().get("InstanceIds", ()):
        instance = backend.get_instance_by_id(identity)
        if instance is None:
            raise AwsError(
                "InvalidInstanceID.NotFound", f"The instance ID '{identity}' does not exist"
            )
        instance.monitoring_state = state
        found.append({"InstanceId": identity, "Monitoring": {"State": state}})
    return {"InstanceMonitorings": found}


@answers("ec2:MonitorInstances")
def monitor(call: Call, _principal: Principal, context: Context) -> Result:
    return _set(call, context, "enabled")


@answers("ec2:UnmonitorInstances")
def unmonitor(call: Call, _principal: Principal, context: Context) -> Result:
    """ "Disables detailed monitoring for a running instance" """
    return _set(call, context, "disabled")
