"""What sessions of a role may and may not do in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, code
from tests.sandbox.aws.plan_role import BUCKET, TABLE

SHUT = "no-plain-http"


@pytest.fixture(scope="module")
def account(aws: Aws) -> dict[str, str]:
    s3, kms = aws("s3"), aws("kms")
    for name in (BUCKET, SHUT):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=name, Key="dev/1.json", Body=b"{}")
    key = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/records", TargetKeyId=key)
    aws("ecr").create_repository(repositoryName="knowledge")
    aws("ecs").create_cluster(clusterName="dev")
    iam = aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    trust["Action"] = "sts:AssumeRole"
    for name in ("task", "admin"):
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )
    return {"key": key}


@pytest.fixture(scope="module")
def planner(account: dict[str, str], assume: Aws, aws: Aws) -> Callable[[str], Any]:
    """Clients of a role like the pipeline's plan role."""
    credentials = assume(
        "planner",
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/dev/*",
            "Condition": {"Null": {"s3:if-none-match": "false"}},
        },
        {"Effect": "Allow", "Action": "kms:GenerateMac", "Resource": account["key"]},
        {"Effect": "Allow", "Action": ["ecs:Describe*", "ec2:Describe*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "ecs:RegisterTaskDefinition", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"arn:aws:iam::{ACCOUNT}:role/task",
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/secret/*"},
    )
    return lambda service: aws(service, **credentials)


@pytest.mark.parametrize(("what", "service", "work", "expected"), TABLE, ids=lambda v: str(v)[:20])
def test_a_role_can_do_what_its_policies_say(
    planner: Callable[[str], Any],
    what: str,
    service: str,
    work: Callable[[Any], Any],
    expected: str,
) -> None:
    assert code(lambda: work(planner(service))) == expected, what


def test_a_permission_boundary_limits_what_a_role_may_do(
    aws: Aws, assume: Aws, account: dict[str, str]
) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    only_s3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    credentials = assume("bounded", everything, boundary=only_s3)
    assert code(aws("s3", **credentials).list_buckets) == "allowed"
    assert code(aws("ecs", **credentials).list_clusters) == "AccessDeniedException"


def test_a_role_can_be_held_to_making_bounded_roles_only(
    aws: Aws, assume: Aws, account: dict[str, str]
) -> None:
    iam = aws("iam")
    nothing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": nothing})
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=text)["Policy"]["Arn"]
    deny = {
        "Effect": "Deny",
        "Action": ["iam:CreateRole", "iam:PutRolePolicy"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": limit}},
    }
    credentials = assume("maker", {"Effect": "Allow", "Action": "*", "Resource": "*"}, deny)
    maker = aws("iam", **credentials)

    def make(name: str, **more: str) -> str:
        return code(lambda: maker.create_role(RoleName=name, AssumeRolePolicyDocument=text, **more))

    def write(name: str) -> str:
        given = {"RoleName": name, "PolicyName": "p", "PolicyDocument": text}
        return code(lambda: maker.put_role_policy(**given))

    assert (make("loose"), make("bound", PermissionsBoundary=limit)) == ("AccessDenied", "allowed")
    assert (write("task"), write("bound")) == ("AccessDenied", "allowed")


def test_tags_of_a_resource_can_shut_a_role_out(
    aws: Aws, assume: Aws, account: dict[str, str]
) -> None:
    ec2 = aws("ec2")
    ours, others = (
        ec2.create_vpc(
            CidrBlock="10.7.0.0/16",
            TagSpecifications=[
                {"ResourceType": "vpc", "Tags": [{"Key": "Environment", "Value": name}]}
            ],
        )["Vpc"]["VpcId"]
        for name in ("dev", "prod")
    )
    deny = {
        "Effect": "Deny",
        "Action": "ec2:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:ResourceTag/Environment": "dev"}},
    }
    deny["Condition"] |= {"Null": {"aws:ResourceTag/Environment": "false"}}
    credentials = assume("dev-only", {"Effect": "Allow", "Action": "*", "Resource": "*"}, deny)
    client = aws("ec2", **credentials)
    assert code(lambda: client.delete_vpc(VpcId=others)) == "UnauthorizedOperation"
    assert code(lambda: client.delete_vpc(VpcId=ours)) == "allowed"
    # a dashboard has no tags, and no region in its ARN
    watching = aws("cloudwatch", **credentials)
    text = {"type": "text", "properties": {"markdown": "x"}}
    text |= {"x": 0, "y": 0, "width": 6, "height": 2}
    body = json.dumps({"widgets": [text]})
    done = code(lambda: watching.put_dashboard(DashboardName="any", DashboardBody=body))
    assert done == "allowed"


def test_aws_managed_policies_count(aws: Aws, assume: Aws, account: dict[str, str]) -> None:
    credentials = assume("reader")
    assert code(aws("iam", **credentials).list_roles) == "AccessDenied"
    aws("iam").attach_role_policy(
        RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    assert code(aws("iam", **credentials).list_roles) == "allowed"
    assert code(lambda: aws("sns", **credentials).create_topic(Name="x")) == "AuthorizationError"


def test_a_bucket_policy_can_deny_even_the_administrator(aws: Aws, account: dict[str, str]) -> None:
    s3 = aws("s3")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{SHUT}/*",
    }
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{SHUT}", f"arn:aws:s3:::{SHUT}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(
        Bucket=SHUT, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny, tls]})
    )
    assert code(lambda: s3.delete_object(Bucket=SHUT, Key="dev/1.json")) == "AccessDenied"
    assert code(lambda: s3.get_object(Bucket=SHUT, Key="dev/1.json")) == "allowed"


def test_a_queue_admits_a_role_by_its_own_policy_as_far_as_the_boundary_goes(
    aws: Aws, assume: Aws
) -> None:
    sqs, iam = aws("sqs"), aws("iam")
    reader = assume("queue-reader", {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"})
    for action in ("ReceiveMessage", "SendMessage"):
        admit = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/queue-reader"},
            "Action": f"sqs:{action}",
            "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{action}",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [admit]})
        sqs.create_queue(QueueName=action, Attributes={"Policy": policy})
    there, mine = sqs.get_queue_url(QueueName="ReceiveMessage")["QueueUrl"], aws("sqs", **reader)
    assert code(lambda: mine.receive_message(QueueUrl=there)) == "allowed"
    assert code(lambda: mine.purge_queue(QueueUrl=there)) == "AccessDeniedException"
    other = sqs.get_queue_url(QueueName="SendMessage")["QueueUrl"]
    assert code(lambda: mine.receive_message(QueueUrl=other)) == "AccessDeniedException"
    limit = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [limit]})
    made = iam.create_policy(PolicyName="queue-limit", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="queue-reader", PermissionsBoundary=made)
    assert code(lambda: mine.receive_message(QueueUrl=there)) == "AccessDeniedException"
    assert code(lambda: mine.send_message(QueueUrl=other, MessageBody="x")) == "allowed"


def test_unknown_keys_are_refused_in_the_words_of_each_service(aws: Aws) -> None:
    who = {"key": "AKIANOBODYKNOWSTHIS0", "secret": "x"}
    assert code(aws("iam", **who).list_roles) == "InvalidClientTokenId"
    assert code(aws("s3", **who).list_buckets) == "InvalidAccessKeyId"
    assert code(aws("ec2", **who).describe_vpcs) == "AuthFailure"
    assert code(aws("ecs", **who).list_clusters) == "UnrecognizedClientException"


def test_a_session_with_another_sessions_token_is_refused(aws: Aws, assume: Aws) -> None:
    one, two = assume("one"), assume("two")
    mixed = {**one, "token": two["token"]}
    assert code(aws("sts", **mixed).get_caller_identity) == "InvalidClientTokenId"


def test_a_role_that_trusts_a_service_only_cannot_be_assumed_by_people(
    aws: Aws, account: dict[str, str]
) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/task"
    sts = aws("sts")
    assert code(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="me")) == "AccessDenied"


def test_expired_sessions_are_told_so(aws: Aws, assume: Aws, box: Sandbox) -> None:
    credentials = assume("short", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    assert code(aws("sts", **credentials).get_caller_identity) == "allowed"
    assert httpx.post(f"{box.aws_url}/_sandbox/expire-sessions").json()["expired"] > 0
    assert code(aws("sts", **credentials).get_caller_identity) == "ExpiredToken"
    assert code(aws("ecs", **credentials).list_clusters) == "ExpiredTokenException"
