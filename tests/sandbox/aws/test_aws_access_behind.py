"""What a call needs beside its own permission: in other services, and of what it comes with."""

from __future__ import annotations

from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, code


def test_what_has_no_region_counts_as_us_east_1(aws: Aws, assume: Aws) -> None:
    vpc = aws("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]

    def make(region: str) -> tuple[str, str]:
        only = {"StringEquals": {"aws:RequestedRegion": region}}
        here = {"Effect": "Allow", "Action": "servicediscovery:*", "Resource": "*"}
        there = {"Effect": "Allow", "Action": ["iam:ListRoles", "route53:CreateHostedZone"]}
        there |= {"Resource": "*", "Condition": only}
        credentials = assume(f"names-{region}", here, there)
        names, given = aws("servicediscovery", **credentials), {"Name": region, "Vpc": vpc}
        made = code(lambda: names.create_private_dns_namespace(**given))
        return code(aws("iam", **credentials).list_roles), made

    assert make(REGION) == ("AccessDenied", "AccessDeniedException")
    assert make("us-east-1") == ("allowed", "allowed")


def test_a_policy_that_tracks_a_target_needs_its_alarms(aws: Aws, assume: Aws) -> None:
    about = {"ServiceNamespace": "ecs", "ResourceId": "service/dev/api"}
    about["ScalableDimension"] = "ecs:service:DesiredCount"
    aws("ecs").register_task_definition(
        family="tracked", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )
    aws("ecs").create_cluster(clusterName="dev")
    service = {"serviceName": "api", "taskDefinition": "tracked", "desiredCount": 0}
    aws("ecs").create_service(cluster="dev", **service)
    aws("application-autoscaling").register_scalable_target(**about, MinCapacity=0, MaxCapacity=1)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    tracking = {"TargetValue": 60, "PredefinedMetricSpecification": metric}

    def write(name: str, *more: dict[str, str]) -> tuple[str, str]:
        allow = {"Effect": "Allow", "Action": "application-autoscaling:*", "Resource": "*"}
        client = aws("application-autoscaling", **assume(name, allow, *more))
        given = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", **about}
        given["TargetTrackingScalingPolicyConfiguration"] = tracking
        made = code(lambda: client.put_scaling_policy(**given))
        return made, code(lambda: client.delete_scaling_policy(PolicyName="cpu", **about))

    alarms = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:TargetTracking-service"
    other, mine = (
        {"Effect": "Allow", "Action": "cloudwatch:*", "Resource": f"{alarms}/{cluster}/*"}
        for cluster in ("prod", "dev")
    )
    assert write("tracks-prod", other) == ("AccessDeniedException", "AccessDeniedException")
    assert write("tracks-dev", mine) == ("allowed", "allowed")


def test_a_database_is_asked_for_with_its_option_group(aws: Aws, assume: Aws) -> None:
    def make(name: str, *options: str) -> tuple[str, str]:
        arns = [f"arn:aws:rds:{REGION}:{ACCOUNT}:{end}" for end in ("db:*", *options)]
        allow = {"Effect": "Allow", "Action": "rds:*", "Resource": arns}
        rds = aws("rds", **assume(name, allow))
        about = {"DBInstanceIdentifier": name, "DBInstanceClass": "db.t4g.micro"}
        given = {"Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "kw"}
        given["MasterUserPassword"] = "a-password-of-the-test"
        made = code(lambda: rds.create_db_instance(**about, **given))
        if made != "allowed":
            aws("rds").create_db_instance(**about, **given)
        return made, code(lambda: rds.modify_db_instance(**about))

    assert make("without") == ("AccessDenied", "AccessDenied")
    assert make("with", "og:default:*") == ("allowed", "allowed")
