"""Elastic Load Balancing: a new load balancer is active at the first look.

"State.Code: provisioning … active" (API reference, LoadBalancerState): how long provisioning takes
is nobody's promise. moto answers *provisioning* once more after the creation, which costs
Terraform a second round of its 30 s wait.
"""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import elbv2_backends

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends


@amends("elbv2:CreateLoadBalancer")
def activate(call: Call, result: dict[str, Any], context: Context) -> None:
    backend = elbv2_backends[context.account][call.region]
    for created in result["LoadBalancers"]:
        backend.load_balancers[created["LoadBalancerArn"]].activate()
