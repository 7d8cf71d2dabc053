"""Each gap of moto: still there in moto itself, closed in the sandbox, valid by its model."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from botocore.validate import ParamValidator

from sandbox.layout import ACCOUNT, REGION

Aws = Callable[..., Any]


def valid(client: Any, operation: str, **given: Any) -> dict[str, Any]:
    """Call an operation; its answer, held to the output shape of botocore's model."""
    answer: dict[str, Any] = getattr(client, _snake(operation))(**given)
    answer.pop("ResponseMetadata")
    shape = client.meta.service_model.operation_model(operation).output_shape
    if shape is not None:
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), report.generate_report()
    return answer


def _snake(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def missing(work: Callable[[], Any]) -> bool:
    """Whether plain moto answers with a server error or a page that no AWS service sends."""
    try:
        work()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) >= 404
    except ResponseParserError:  # a page in HTML
        return True
    return False


# --- Application Auto Scaling ---------------------------------------------------------------


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


# --- EC2 ------------------------------------------------------------------------------------


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


# --- ECS -------------------------------------------------------------------------------


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


# --- CloudWatch -----------------------------------------------------------------------------


def test_composite_alarms_live_beside_metric_alarms(aws: Aws, plain: Aws) -> None:
    given = {"AlarmName": "both", "AlarmRule": "ALARM(a) AND ALARM(b)"}
    client = aws("cloudwatch")
    client.put_composite_alarm(**given, Tags=[{"Key": "Project", "Value": "kw"}])
    answer = valid(
        client, "DescribeAlarms", AlarmNames=["both"], AlarmTypes=["CompositeAlarm", "MetricAlarm"]
    )
    alarm = answer["CompositeAlarms"][0]
    assert (alarm["AlarmRule"], alarm["StateValue"]) == (given["AlarmRule"], "INSUFFICIENT_DATA")
    tags = valid(client, "ListTagsForResource", ResourceARN=alarm["AlarmArn"])
    assert tags == {"Tags": [{"Key": "Project", "Value": "kw"}]}
    client.delete_alarms(AlarmNames=["both"])
    about = {"AlarmNames": ["both"], "AlarmTypes": ["CompositeAlarm"]}
    assert not valid(client, "DescribeAlarms", **about)["CompositeAlarms"]
    assert missing(lambda: plain("cloudwatch").put_composite_alarm(**given))


# --- Budgets, Cost Explorer, Backup ----------------------------------------------------------

NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


def budget(client: Any) -> None:
    client.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "month",
            "BudgetLimit": {"Amount": "10", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        NotificationsWithSubscribers=[
            {
                "Notification": NOTIFICATION,
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.org"}],
            }
        ],
        ResourceTags=[{"Key": "Project", "Value": "kw"}],
    )


def test_budgets_tell_their_subscribers_and_tags(aws: Aws, plain: Aws) -> None:
    client, moto = aws("budgets"), plain("budgets")
    budget(client)
    about = {"AccountId": ACCOUNT, "BudgetName": "month", "Notification": NOTIFICATION}
    answer = valid(client, "DescribeSubscribersForNotification", **about)
    assert answer["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "a@example.org"}]
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/month"
    tags = valid(client, "ListTagsForResource", ResourceARN=arn)
    assert tags == {"ResourceTags": [{"Key": "Project", "Value": "kw"}]}
    budget(moto)
    assert missing(lambda: moto.describe_subscribers_for_notification(**about))
    assert missing(lambda: moto.list_tags_for_resource(ResourceARN=arn))


def test_anomaly_monitors_and_subscriptions_are_kept(aws: Aws, plain: Aws) -> None:
    client = aws("ce")
    monitor = {"MonitorName": "all", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    made = valid(
        client,
        "CreateAnomalyMonitor",
        AnomalyMonitor=monitor,
        ResourceTags=[{"Key": "Project", "Value": "kw"}],
    )["MonitorArn"]
    subscription = valid(
        client,
        "CreateAnomalySubscription",
        AnomalySubscription={
            "SubscriptionName": "mail",
            "MonitorArnList": [made],
            "Subscribers": [{"Type": "EMAIL", "Address": "a@example.org"}],
            "Frequency": "DAILY",
        },
    )["SubscriptionArn"]
    client.update_anomaly_monitor(MonitorArn=made, MonitorName="every")
    found = valid(client, "GetAnomalyMonitors", MonitorArnList=[made])["AnomalyMonitors"]
    assert [m["MonitorName"] for m in found] == ["every"]
    tags = valid(client, "ListTagsForResource", ResourceArn=made)["ResourceTags"]
    assert tags == [{"Key": "Project", "Value": "kw"}]
    client.delete_anomaly_subscription(SubscriptionArn=subscription)
    assert not valid(client, "GetAnomalySubscriptions")["AnomalySubscriptions"]
    assert missing(lambda: plain("ce").create_anomaly_monitor(AnomalyMonitor=monitor))


def test_backup_plans_have_selections_and_tags(aws: Aws, plain: Aws) -> None:
    def plan(client: Any) -> dict[str, Any]:
        client.create_backup_vault(BackupVaultName="planned")
        rule = {"RuleName": "daily", "TargetBackupVaultName": "planned"}
        made: dict[str, Any] = client.create_backup_plan(
            BackupPlan={"BackupPlanName": "plan", "Rules": [rule]},
            BackupPlanTags={"Project": "kw"},
        )
        return made

    client, moto = aws("backup"), plain("backup")
    selection = {
        "SelectionName": "graph",
        "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/backup",
        "ListOfTags": [
            {
                "ConditionType": "STRINGEQUALS",
                "ConditionKey": "Component",
                "ConditionValue": "neo4j",
            }
        ],
    }
    made = plan(client)
    about = {"BackupPlanId": made["BackupPlanId"]}
    new = valid(client, "CreateBackupSelection", **about, BackupSelection=selection)
    about_it = {**about, "SelectionId": new["SelectionId"]}
    assert valid(client, "GetBackupSelection", **about_it)["BackupSelection"] == selection
    assert len(valid(client, "ListBackupSelections", **about)["BackupSelectionsList"]) == 1
    client.delete_backup_selection(**about_it)
    assert not valid(client, "ListBackupSelections", **about)["BackupSelectionsList"]
    arn = made["BackupPlanArn"]
    assert valid(client, "ListTags", ResourceArn=arn) == {"Tags": {"Project": "kw"}}
    other = {"BackupPlanId": plan(moto)["BackupPlanId"], "BackupSelection": selection}
    assert missing(lambda: moto.create_backup_selection(**other))


# --- SQS, RDS -------------------------------------------------------------------------------


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


def test_a_bucket_only_tells_a_queue_that_lets_it_in(aws: Aws, plain: Aws) -> None:
    def tell(client: Aws, name: str, source: str) -> str:
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
        told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)
        found = client("sqs").receive_message(QueueUrl=url)["Messages"]
        return str(json.loads(found[0]["Body"])["Event"])

    assert tell(aws, "tells-its-own", source="tells-its-own") == "s3:TestEvent"
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        tell(aws, "tells-a-strangers", source="somebody-elses")
    assert tell(plain, "tells-a-strangers", source="somebody-elses") == "s3:TestEvent"


def test_databases_read_back_as_they_were_written(aws: Aws, plain: Aws) -> None:
    def read(client: Any) -> tuple[Any, set[str]]:
        client.create_db_instance(
            DBInstanceIdentifier="phoenix",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="admin1",
            MasterUserPassword="long-enough-password",
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
            client.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.micro",
                Engine="postgres",
                AllocatedStorage=20,
                MasterUsername="admin1",
                MasterUserPassword="long-enough-password",
            )
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
            client.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.micro",
                Engine="postgres",
                AllocatedStorage=20,
                MasterUsername="admin1",
                MasterUserPassword="long-enough-password",
                **more,
            )
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


# --- identities -----------------------------------------------------------------------------


def test_the_administrator_is_the_root_of_the_account(aws: Aws, plain: Aws) -> None:
    assert valid(aws("sts"), "GetCallerIdentity")["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert plain("sts").get_caller_identity()["Arn"].endswith("user/moto")


def test_assumed_credentials_expire_when_they_say(aws: Aws) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    role = aws("iam").create_role(
        RoleName="timed",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    answer = valid(
        aws("sts"), "AssumeRole", RoleArn=role, RoleSessionName="me", DurationSeconds=900
    )
    left = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    assert 880 < left.total_seconds() <= 900
    with pytest.raises(ClientError, match="MaxSessionDuration"):
        aws("sts").assume_role(RoleArn=role, RoleSessionName="me", DurationSeconds=7200)


# --- Secrets Manager and Lambda -------------------------------------------------------------


def test_the_version_that_awscurrent_is_moved_to_is_read(aws: Aws, plain: Aws) -> None:
    def read(clients: Aws) -> str:
        client = clients("secretsmanager")
        old = client.create_secret(Name="moved", SecretString="old")
        new = client.put_secret_value(
            SecretId="moved", SecretString="new", VersionStages=["AWSPENDING"]
        )
        client.update_secret_version_stage(
            SecretId="moved",
            VersionStage="AWSCURRENT",
            MoveToVersionId=new["VersionId"],
            RemoveFromVersionId=old["VersionId"],
        )
        return str(valid(client, "GetSecretValue", SecretId="moved")["SecretString"])

    assert read(plain) == "old"
    assert read(aws) == "new"


def test_a_function_needs_a_role_that_lambda_can_assume(aws: Aws, plain: Aws) -> None:
    def create(clients: Aws) -> None:
        clients("lambda").create_function(
            FunctionName="nobodys",
            PackageType="Image",
            Code={"ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/functions:one"},
            Role=f"arn:aws:iam::{ACCOUNT}:role/people-only",
        )

    people = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [people]})
    for clients in (aws, plain):
        clients("iam").create_role(RoleName="people-only", AssumeRolePolicyDocument=trust)
        clients("ecr").create_repository(repositoryName="functions")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        create(aws)
    said = ""
    try:
        create(plain)
    except ClientError as refusal:  # there is no such image, which it looks for at times
        said = str(refusal)
    assert "assumed" not in said


def test_a_rotation_that_fails_makes_nothing_current(aws: Aws, plain: Aws) -> None:
    def stages(clients: Aws) -> list[list[str]]:
        client = clients("secretsmanager")
        client.create_secret(Name="unrotated", SecretString="old")
        with contextlib.suppress(ClientError):  # without a function AWS refuses
            client.rotate_secret(SecretId="unrotated")
        described = client.describe_secret(SecretId="unrotated")
        return sorted(described["VersionIdsToStages"].values())

    assert stages(plain) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    assert stages(aws) == [["AWSCURRENT"]]


# --- EFS and Cloud Map ----------------------------------------------------------------------


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
