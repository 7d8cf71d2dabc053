"""Gaps of moto, closed and valid by their models: queues, databases, file systems, names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, missing, valid


def test_queues_read_back_as_they_were_written(aws: Aws, plain: Aws) -> None:
    allow = json.dumps({"redrivePermission": "denyAll"})
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:work",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def read(client: Any) -> dict[str, Any]:
        dead = client.create_queue(QueueName="dead")["QueueUrl"]
        given = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"}
        url = client.create_queue(
            QueueName="work",
            Attributes={"RedrivePolicy": json.dumps({**given, "maxReceiveCount": 5})},
        )["QueueUrl"]
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        client.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
        client.set_queue_attributes(QueueUrl=dead, Attributes={"DelaySeconds": "1"})
        found: dict[str, Any] = valid(
            client, "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"]
        )["Attributes"]
        return found

    found = read(aws("sqs"))
    assert (found["RedriveAllowPolicy"], json.loads(found["Policy"])["Version"]) == (
        allow,
        "2012-10-17",
    )
    assert ", " not in found["RedrivePolicy"]
    assert "RedriveAllowPolicy" not in read(plain("sqs"))


def telling(client: Aws, name: str, source: str, *events: str) -> str:
    """A bucket that tells a queue of events; the queue lets the bucket ``source`` in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": (arn := f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
        "Condition": {
            "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": list(events)}]}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)
    return str(url)


def messages(client: Aws, url: str) -> list[dict[str, Any]]:
    """All messages that wait in a queue."""
    found = []
    while got := client("sqs").receive_message(QueueUrl=url).get("Messages", []):
        found += [json.loads(message["Body"]) for message in got]
    return found


def test_a_bucket_only_tells_a_queue_that_lets_it_in(aws: Aws, plain: Aws) -> None:
    def tell(client: Aws, name: str, source: str) -> str:
        url = telling(client, name, source, "s3:ObjectCreated:*")
        return str(messages(client, url)[0]["Event"])

    assert tell(aws, "tells-its-own", source="tells-its-own") == "s3:TestEvent"
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        tell(aws, "tells-a-strangers", source="somebody-elses")
    assert tell(plain, "tells-a-strangers", source="somebody-elses") == "s3:TestEvent"


def test_a_bucket_tells_what_is_removed_and_in_which_order(aws: Aws, plain: Aws) -> None:
    def told(client: Aws) -> list[tuple[str, dict[str, Any]]]:
        url = telling(client, "orders", "orders", "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
        s3 = client("s3")
        s3.put_object(Bucket="orders", Key="plain", Body=b"1")
        s3.delete_object(Bucket="orders", Key="plain")
        s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})
        first = s3.put_object(Bucket="orders", Key="a b", Body=b"1")["VersionId"]
        s3.put_object(Bucket="orders", Key="a b", Body=b"2")
        s3.delete_objects(Bucket="orders", Delete={"Objects": [{"Key": "a b"}]})
        s3.delete_object(Bucket="orders", Key="a b", VersionId=first)
        records = [m["Records"][0] for m in messages(client, url) if "Records" in m]
        return [(record["eventName"], record["s3"]["object"]) for record in records]

    found = sorted(told(aws), key=lambda event: str(event[1]["sequencer"]))
    assert [name for name, _ in found] == [
        "ObjectCreated:Put",
        "ObjectRemoved:Delete",
        "ObjectCreated:Put",
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
    ]
    assert "versionId" not in found[0][1]
    assert found[-1][1]["versionId"] == found[2][1]["versionId"]
    assert "size" not in found[-1][1]
    assert "DeleteMarkerCreated" not in str(told(plain))


def database(client: Any, name: str, **more: Any) -> None:
    client.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin1",
        MasterUserPassword="long-enough-password",
        **more,
    )


def test_databases_read_back_as_they_were_written(aws: Aws, plain: Aws) -> None:
    def read(client: Any) -> tuple[Any, set[str]]:
        database(
            client,
            "phoenix",
            EnablePerformanceInsights=True,
            PerformanceInsightsRetentionPeriod=7,
        )
        found = valid(client, "DescribeDBInstances", DBInstanceIdentifier="phoenix")
        client.create_db_parameter_group(
            DBParameterGroupName="p", DBParameterGroupFamily="postgres16", Description="d"
        )
        client.modify_db_parameter_group(
            DBParameterGroupName="p",
            Parameters=[
                {
                    "ParameterName": "log_statement",
                    "ParameterValue": "ddl",
                    "ApplyMethod": "immediate",
                }
            ],
        )
        parameters = valid(client, "DescribeDBParameters", DBParameterGroupName="p", Source="user")
        retention = found["DBInstances"][0].get("PerformanceInsightsRetentionPeriod")
        return retention, {str(p.get("Source")) for p in parameters["Parameters"]}

    assert read(aws("rds")) == (7, {"user"})
    assert read(plain("rds")) != (7, {"user"})


def test_every_database_has_an_identifier_of_its_own(aws: Aws, plain: Aws) -> None:
    def identifiers(client: Any) -> int:
        for name in ("one", "two"):
            database(client, name)
        found = valid(client, "DescribeDBInstances")["DBInstances"]
        return len({one["DbiResourceId"] for one in found})

    assert identifiers(plain("rds")) == 1
    assert identifiers(aws("rds")) >= 2


def test_a_new_databases_certificate_is_of_the_authority_that_was_asked_for(
    aws: Aws, plain: Aws
) -> None:
    def authorities(client: Any) -> list[str]:
        for name, more in (
            ("first", {}),
            ("second", {"CACertificateIdentifier": "rds-ca-ecc384-g1"}),
        ):
            database(client, name, **more)
        found = [
            valid(client, "DescribeDBInstances", DBInstanceIdentifier=name)["DBInstances"][0]
            for name in ("first", "second")
        ]
        return [one["CACertificateIdentifier"] for one in found]

    assert authorities(aws("rds")) == ["rds-ca-rsa2048-g1", "rds-ca-ecc384-g1"]
    assert authorities(plain("rds"))[0] == "rds-ca-default"


def test_a_flow_log_is_listed_by_its_own_arn_and_type(aws: Aws, plain: Aws) -> None:
    def kinds(client: Callable[[str], Any]) -> tuple[str, str]:
        vpc = client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        client("ec2").create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=_bucket(client("s3")),
            TagSpecifications=[
                {"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Flow", "Value": "yes"}]}
            ],
        )
        found = valid(
            client("resourcegroupstaggingapi"), "GetResources", TagFilters=[{"Key": "Flow"}]
        )["ResourceTagMappingList"]
        arn = str(found[0]["ResourceARN"]).rpartition(":")[2].partition("/")[0]
        [tag] = valid(client("ec2"), "DescribeTags", Filters=[{"Name": "key", "Values": ["Flow"]}])[
            "Tags"
        ]
        return arn, str(tag["ResourceType"])

    def _bucket(s3: Any) -> str:
        s3.create_bucket(
            Bucket="flow-logs", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        return "arn:aws:s3:::flow-logs"

    assert kinds(plain) == ("flow-logs", "flow-logs")
    assert kinds(aws) == ("vpc-flow-log", "vpc-flow-log")


def test_a_file_system_can_lose_its_policy(aws: Aws, plain: Aws) -> None:
    def lose(client: Any) -> None:
        system = client.create_file_system(CreationToken="policy")["FileSystemId"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        client.put_file_system_policy(FileSystemId=system, Policy=policy)
        client.delete_file_system_policy(FileSystemId=system)
        with pytest.raises(client.exceptions.PolicyNotFound):
            client.describe_file_system_policy(FileSystemId=system)

    lose(aws("efs"))
    assert missing(lambda: lose(plain("efs")))


def test_names_in_use_are_not_deleted(aws: Aws, plain: Aws) -> None:
    def delete(ec2: Any, client: Any) -> None:
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        client.create_private_dns_namespace(Name="in-use.internal", Vpc=vpc)
        spaces = client.list_namespaces()["Namespaces"]
        (space,) = [space for space in spaces if space["Name"] == "in-use.internal"]
        service = client.create_service(Name="one", NamespaceId=space["Id"])["Service"]["Id"]
        client.register_instance(
            ServiceId=service, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.9"}
        )
        for refuses in (
            lambda: client.delete_service(Id=service),
            lambda: client.delete_namespace(Id=space["Id"]),
        ):
            with pytest.raises(client.exceptions.ResourceInUse):
                refuses()
        client.deregister_instance(ServiceId=service, InstanceId="i")
        client.delete_service(Id=service)
        client.delete_namespace(Id=space["Id"])
        assert space["Id"] not in [one["Id"] for one in client.list_namespaces()["Namespaces"]]

    delete(aws("ec2"), aws("servicediscovery"))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        delete(plain("ec2"), plain("servicediscovery"))
