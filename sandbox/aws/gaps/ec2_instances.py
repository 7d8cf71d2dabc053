"""EC2: security groups and addresses of instances started with a network interface.

"Instance: groupSet: The security groups for the instance" and "InstanceNetworkInterface:
association: The association information for an Elastic IPv4 associated with the network interface"
(EC2 API reference). When RunInstances names the groups in its network interface, moto shows them at
the interface only, and it shows an empty association where there is no public address; Terraform
reads both as changes, the second one as a reason to replace the instance.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends


@amends("ec2:RunInstances")
def started(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for instance in result.get("Instances", ()):
        _complete(instance)


@amends("ec2:DescribeInstances")
def described(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for reservation in result.get("Reservations", ()):
        for instance in reservation["Instances"]:
            _complete(instance)


@amends("ec2:DescribeNetworkInterfaces")
def interfaces(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for interface in result.get("NetworkInterfaces", ()):
        _drop_empty(interface)


def _complete(instance: dict[str, Any]) -> None:
    for interface in instance.get("NetworkInterfaces", ()):
        _drop_empty(interface)
        primary = interface.get("Attachment", {}).get("DeviceIndex") == 0
        if primary and not instance.get("SecurityGroups"):
            instance["SecurityGroups"] = interface.get("Groups", [])


def _drop_empty(interface: dict[str, Any]) -> None:
    if not interface.get("Association"):
        interface.pop("Association", None)
