"""EC2: what instances are started with: groups and addresses of an interface, protection.

"Instance: groupSet: The security groups for the instance" and "InstanceNetworkInterface:
association: The association information for an Elastic IPv4 associated with the network interface"
(EC2 API reference). When RunInstances names the groups in its network interface, moto shows them at
the interface only, and it shows an empty association where there is no public address; Terraform
reads both as changes, the second one as a reason to replace the instance.

"Delete on termination … By default: true for the primary network interface created at launch" (EC2
User Guide, Network interfaces). moto keeps that interface and with it the address, so a replaced
instance could not have its predecessor's.

"DisableApiTermination: Indicates whether termination protection is enabled for the instance. If set
to true, you can't terminate the instance using the Amazon EC2 console, command line tools, or API"
(EC2 API reference, RunInstances). moto keeps this only when ModifyInstanceAttribute says it.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends


@amends("ec2:RunInstances")
def started(call: Call, result: dict[str, Any], context: Context) -> None:
    backend = ec2_backends[context.account][call.region]
    given = call.parameters().get("NetworkInterfaces", ())
    kept = {nic.get("DeviceIndex") for nic in given if nic.get("DeleteOnTermination") is False}
    existing = {nic.get("DeviceIndex") for nic in given if nic.get("NetworkInterfaceId")}
    protected = call.parameters().get("DisableApiTermination", False)
    for instance in result.get("Instances", ()):
        _complete(instance)
        backend.get_instance(instance["InstanceId"]).disable_api_termination = protected
        if 0 not in kept | existing:
            primary = backend.get_instance(instance["InstanceId"]).nics[0]
            primary.delete_on_termination = True


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
