"""Gaps of moto, closed and valid by their models: machines, tasks, their scaling."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, missing, valid


def instance(aws: Aws, public: bool = False) -> dict[str, Any]:
    """An instance whose groups are named in its network interface, as Terraform does."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    started = ec2.run_instances(
        ImageId=ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": subnet,
                "Groups": [group],
                "AssociatePublicIpAddress": public,
            }
        ],
    )["Instances"][0]
    return {"id": started["InstanceId"], "group": group, "vpc": vpc}


def test_instances_can_be_monitored(aws: Aws, plain: Aws) -> None:
    made = instance(aws)["id"]
    answer = valid(aws("ec2"), "MonitorInstances", InstanceIds=[made])
    assert answer["InstanceMonitorings"] == [
        {"InstanceId": made, "Monitoring": {"State": "enabled"}}
    ]
    found = aws("ec2").describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
    assert found["Monitoring"]["State"] == "enabled"
    aws("ec2").unmonitor_instances(InstanceIds=[made])
    found = aws("ec2").describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
    assert found["Monitoring"]["State"] == "disabled"
    assert missing(lambda: plain("ec2").monitor_instances(InstanceIds=[instance(plain)["id"]]))


@pytest.mark.parametrize("public", [False, True])
def test_an_instance_shows_the_groups_of_its_interface_and_no_empty_address(
    aws: Aws, plain: Aws, public: bool
) -> None:
    made = instance(aws, public)
    answer = valid(aws("ec2"), "DescribeInstances", InstanceIds=[made["id"]])
    found = answer["Reservations"][0]["Instances"][0]
    assert [g["GroupId"] for g in found["SecurityGroups"]] == [made["group"]]
    assert ("Association" in found["NetworkInterfaces"][0]) is public
    moto = instance(plain, public)
    raw = plain("ec2").describe_instances(InstanceIds=[moto["id"]])["Reservations"][0]
    assert raw["Instances"][0]["SecurityGroups"] == []


def test_a_replaced_instance_can_have_its_predecessors_address(aws: Aws, plain: Aws) -> None:
    def replace(client: Aws) -> str:
        made, ec2 = instance(client), client("ec2")
        found = ec2.describe_instances(InstanceIds=[made["id"]])["Reservations"][0]["Instances"][0]
        ec2.terminate_instances(InstanceIds=[made["id"]])
        interface = {"DeviceIndex": 0, "SubnetId": found["SubnetId"]}
        interface["PrivateIpAddress"] = found["PrivateIpAddress"]
        again = ec2.run_instances(
            ImageId=found["ImageId"], MinCount=1, MaxCount=1, NetworkInterfaces=[interface]
        )
        return str(again["Instances"][0]["PrivateIpAddress"] == found["PrivateIpAddress"])

    assert replace(aws) == "True"
    assert missing(lambda: replace(plain))


def test_a_protected_instance_is_not_terminated(aws: Aws, plain: Aws) -> None:
    def terminate(client: Aws) -> None:
        ec2 = client("ec2")
        wanted = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
        [made] = ec2.run_instances(**wanted, DisableApiTermination=True)["Instances"]
        ec2.terminate_instances(InstanceIds=[made["InstanceId"]])

    with pytest.raises(ClientError, match="OperationNotPermitted"):
        terminate(aws)
    terminate(plain)  # moto does


def test_a_rule_that_names_a_group_keeps_its_description(aws: Aws, plain: Aws) -> None:
    def described(client: Aws) -> str | None:
        made, ec2 = instance(client), client("ec2")
        ec2.authorize_security_group_ingress(
            GroupId=made["group"],
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 80,
                    "ToPort": 80,
                    "UserIdGroupPairs": [{"GroupId": made["group"], "Description": "us"}],
                }
            ],
        )
        rules = valid(
            ec2,
            "DescribeSecurityGroupRules",
            Filters=[{"Name": "group-id", "Values": [made["group"]]}],
        )["SecurityGroupRules"]
        mine = next(rule for rule in rules if not rule["IsEgress"])
        return mine.get("Description")

    assert described(aws) == "us"


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*", True),
        ("d" * 255, True),
        ("d" * 256, False),
        ("the application's tasks", False),
        ("50 % of it", False),
        ("in and \u2013 out", False),
    ],
)
def test_a_group_and_its_rules_are_described_in_the_characters_that_ec2_takes(
    aws: Aws, plain: Aws, text: str, fine: bool
) -> None:
    def describe(client: Aws, group: str, rule: str) -> None:
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        made = ec2.create_security_group(GroupName="g", Description=group, VpcId=vpc)["GroupId"]
        us = {"UserIdGroupPairs": [{"GroupId": made, "Description": rule}]}
        for port, side in enumerate(
            (us, {"IpRanges": [{"CidrIp": "10.9.0.0/16", "Description": rule}]})
        ):
            wanted = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **side}
            ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[wanted])

    for group, rule, words in ((text, "d", "security group"), ("d", text, "rule")):
        describe(plain, group, rule)  # moto takes them all
        if fine:
            describe(aws, group, rule)
            continue
        with pytest.raises(ClientError, match=f"Invalid {words} description") as refused:
            describe(aws, group, rule)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_a_service_reads_back_as_it_was_written(aws: Aws, plain: Aws) -> None:
    wanted = {
        "healthCheckGracePeriodSeconds": 60,
        "availabilityZoneRebalancing": "ENABLED",
        "enableECSManagedTags": True,
    }

    def read(client: Aws, cluster: str) -> dict[str, Any]:
        ecs = client("ecs")
        ecs.create_cluster(clusterName=cluster)
        ecs.register_task_definition(
            family=cluster, containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
        )
        ecs.create_service(
            cluster=cluster,
            serviceName="api",
            taskDefinition=cluster,
            desiredCount=0,
            deploymentConfiguration={
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                "maximumPercent": 200,
                "minimumHealthyPercent": 100,
            },
            **wanted,
        )
        answer = valid(ecs, "DescribeServices", cluster=cluster, services=["api"])
        found: dict[str, Any] = answer["services"][0]
        return found

    found = read(aws, "kept")
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["deploymentConfiguration"]["deploymentCircuitBreaker"]["rollback"] is True
    assert read(plain, "kept").get("healthCheckGracePeriodSeconds") != 60


def test_a_service_can_only_ask_for_capacity_that_its_cluster_knows(aws: Aws, plain: Aws) -> None:
    name = {"cluster": "spotless", "serviceName": "api", "taskDefinition": "spotless"}
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]

    def ecs(clients: Aws) -> Any:
        client = clients("ecs")
        client.create_cluster(clusterName="spotless")
        container = {"name": "c", "image": "i", "memory": 64}
        client.register_task_definition(family="spotless", containerDefinitions=[container])
        return client

    ours = ecs(aws)
    with pytest.raises(ClientError, match="not associated with the cluster"):
        ours.create_service(**name, capacityProviderStrategy=spot)
    ours.put_cluster_capacity_providers(
        cluster="spotless", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    found = ours.create_service(**name, capacityProviderStrategy=spot)["service"]
    assert (found["capacityProviderStrategy"][0]["weight"], "launchType" in found) == (1, False)
    assert ecs(plain).create_service(**name, capacityProviderStrategy=spot)["service"]


def target(aws: Aws, cluster: str) -> str:
    ecs = aws("ecs")
    ecs.create_cluster(clusterName=cluster)
    ecs.register_task_definition(
        family=cluster, containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )
    ecs.create_service(cluster=cluster, serviceName="api", taskDefinition=cluster, desiredCount=1)
    answer = aws("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{cluster}/api",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"Project": "KnowledgeWeaver"},
    )
    return str(answer["ScalableTargetARN"])


def test_scalable_targets_keep_their_tags(aws: Aws, plain: Aws) -> None:
    arn = target(aws, "scaled")
    client = aws("application-autoscaling")
    client.tag_resource(ResourceARN=arn, Tags={"Environment": "dev"})
    client.untag_resource(ResourceARN=arn, TagKeys=["Project"])
    assert valid(client, "ListTagsForResource", ResourceARN=arn) == {"Tags": {"Environment": "dev"}}
    moto = plain("application-autoscaling")
    assert missing(lambda: moto.list_tags_for_resource(ResourceARN=target(plain, "scaled")))


def test_tags_of_a_target_that_does_not_exist_are_refused(aws: Aws) -> None:
    arn = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/none"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
