"""Whether a resource that still has tags is there, going, or gone.

Tags outlive their resources: the Resource Groups Tagging API and EC2's DescribeTags keep them for a
while (AWS: GetResources, "may return resources that have been deleted"), ECS keeps stopped tasks.
"""

from __future__ import annotations

from typing import Any

from pipeline.adapters.aws.session import Aws, code_of, told

#: How EC2 is asked for one resource: operation, parameter, key of the answer, by ARN's kind.
_EC2 = {
    "elastic-ip": ("describe_addresses", "AllocationIds", "Addresses"),
    "instance": ("describe_instances", "InstanceIds", "Reservations"),
    "internet-gateway": ("describe_internet_gateways", "InternetGatewayIds", "InternetGateways"),
    "launch-template": ("describe_launch_templates", "LaunchTemplateIds", "LaunchTemplates"),
    "natgateway": ("describe_nat_gateways", "NatGatewayIds", "NatGateways"),
    "network-acl": ("describe_network_acls", "NetworkAclIds", "NetworkAcls"),
    "network-interface": (
        "describe_network_interfaces",
        "NetworkInterfaceIds",
        "NetworkInterfaces",
    ),
    "route-table": ("describe_route_tables", "RouteTableIds", "RouteTables"),
    "security-group": ("describe_security_groups", "GroupIds", "SecurityGroups"),
    "security-group-rule": (
        "describe_security_group_rules",
        "SecurityGroupRuleIds",
        "SecurityGroupRules",
    ),
    "subnet": ("describe_subnets", "SubnetIds", "Subnets"),
    "volume": ("describe_volumes", "VolumeIds", "Volumes"),
    "vpc": ("describe_vpcs", "VpcIds", "Vpcs"),
    "vpc-endpoint": ("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints"),
    "vpc-flow-log": ("describe_flow_logs", "FlowLogIds", "FlowLogs"),
}
_ENDING = {"terminated", "shutting-down", "deleting", "deleted"}


def fate(aws: Aws, arn: str) -> str | None:
    """Empty when the resource is there to stay, why it is going, or None when it is gone.

    A kind this does not know is taken to be there. Raises what AWS refuses, except "not found".
    """
    from botocore.exceptions import ClientError

    service, _, rest = arn.split(":", 2)[2].partition(":")
    with told(f"describe {arn}"):
        try:
            if service == "ec2":
                return _ec2(aws, rest.split(":", 2)[2])
            if service == "ecs":
                return _ecs(aws, arn)
            if service == "kms":
                state = aws.kms.describe_key(KeyId=arn)["KeyMetadata"].get("KeyState")
                return "waits for its deletion" if state == "PendingDeletion" else ""
            if service == "secretsmanager":
                secret = aws.client("secretsmanager").describe_secret(SecretId=arn)
                return "waits for its deletion" if secret.get("DeletedDate") else ""
        except ClientError as error:
            code = code_of(error)
            if "NotFound" in code or code == "ClusterNotFoundException":
                return None
            raise
    return ""


def _ec2(aws: Aws, resource: str) -> str | None:
    kind, _, name = resource.partition("/")
    if kind not in _EC2:
        return ""
    operation, parameter, key = _EC2[kind]
    found: list[Any] = getattr(aws.ec2, operation)(**{parameter: [name]})[key]
    if kind == "instance":
        found = [instance for group in found for instance in group["Instances"]]
    if not found:
        return None
    state = found[0].get("State") or ""
    word = str(state.get("Name", "") if isinstance(state, dict) else state)
    return f"is {word}" if word in _ENDING else ""


def _ecs(aws: Aws, arn: str) -> str | None:
    kind, _, path = arn.split(":", 5)[5].partition("/")
    found: list[Any]
    if kind == "task-definition":
        definition = aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        return "" if definition.get("status") == "ACTIVE" else "is deregistered"
    if kind == "cluster":
        found = list(aws.ecs.describe_clusters(clusters=[arn])["clusters"])
    elif kind == "service":
        cluster = path.partition("/")[0]
        found = list(aws.ecs.describe_services(cluster=cluster, services=[arn])["services"])
    elif kind == "task":
        found = list(aws.ecs.describe_tasks(cluster=path.partition("/")[0], tasks=[arn])["tasks"])
    else:
        return ""
    status = {item.get("status") or item.get("lastStatus") for item in found}
    return None if status <= {"INACTIVE", "STOPPED"} else ""
