"""Who gets which role: tokens of the local GitHub's issuer at the account's own trust policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.conftest import Claims, Sign
from tests.terraform.jobs import by_hand_and_by_clock, elsewhere, evil, merged, proposed, queued
from tests.terraform.stacks import STATE_BUCKET, Credentials, Stack, client

pytestmark = pytest.mark.slow

ROLES = (
    "plan",
    "report",
    "read",
    "image",
    "apply-shared",
    "apply-dev",
    "apply-staging",
    "apply-prod",
)
MERGED = merged()
JOBS: dict[str, Claims] = {
    **MERGED,
    **by_hand_and_by_clock(),
    **proposed(),
    **queued(),
    **evil(),
    **elsewhere(MERGED["main: deploy to dev"]),
}
#: All that any of these jobs may have; who is not here gets no role.
GETS = {
    "main: what is pending": "read",
    "main: the image": "image",
    "main: deploy to dev": "apply-dev",
    "main: deploy to prod": "apply-prod",
    "main: plan of a destruction": "read",
    "main: destruction of dev": "apply-dev",
    "main: drift": "read",
    "pull request: plan": "plan",
    "pull request: report": "report",
    "merge queue: plan": "plan",
    # whoever calls it: it runs nothing but main's tools on the pull request's data
    "pull request: a report": "report",
}

Assume = Callable[[str, str], Credentials]


def refused(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def gets(assume: Assume, role: str, token: str) -> bool:
    """Whether STS gives the role; an answer that is neither yes nor no is an error."""
    try:
        assume(role, token)
    except ClientError as error:
        if not refused(error):
            raise
        return False
    return True


@pytest.mark.parametrize("job", JOBS)
def test_each_job_gets_its_role_and_no_other(assume: Assume, sign: Sign, job: str) -> None:
    token, may_have = sign(JOBS[job]), [GETS[job]] if job in GETS else []
    assert [role for role in ROLES if gets(assume, role, token)] == may_have


@pytest.mark.parametrize("role", ROLES)
def test_a_token_for_somebody_else_or_of_somebody_else_gets_nothing(
    assume: Assume, sign: Sign, role: str
) -> None:
    claims = JOBS[next((job for job in GETS if GETS[job] == role), "main: deploy to dev")]
    wrong = {
        "another audience": sign(claims, "https://github.com/knowledgeweaver"),
        "another issuer": sign({**claims, "iss": "https://evil.example"}),
        "over": sign({**claims, "exp": 1_700_000_000}),
        "changed afterwards": sign(claims)[:-8] + "AAAAAAAA",
    }
    for token in wrong.values():
        with pytest.raises(ClientError, match=r"InvalidIdentityToken|ExpiredToken"):
            assume(role, token)


# -- what the role of pull requests can do with its credentials ------------------------------

STORE = f"-{ACCOUNT}-{REGION}"
RECORDS, LEDGER = f"knowledgeweaver-records{STORE}", f"knowledgeweaver-ledger{STORE}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/knowledgeweaver-apply-dev"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
MAC = {"KeyId": "alias/knowledgeweaver-records", "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}


def put(bucket: str, key: str) -> dict[str, Any]:
    return {"Bucket": bucket, "Key": key, "Body": b"{}"}


ALLOWED: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "put_object", {**put(RECORDS, "knowledgeweaver/dev/r.json"), "IfNoneMatch": "*"}),
    ("s3", "list_objects_v2", {"Bucket": LEDGER}),
    ("kms", "generate_mac", MAC),
    ("ec2", "describe_vpcs", {}),
    ("iam", "get_role", {"RoleName": "knowledgeweaver-plan"}),
]
DENIED: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "put_object", put(RECORDS, "knowledgeweaver/dev/unconditional.json")),
    ("s3", "put_object", put(STATE_BUCKET, "env/dev/knowledgeweaver/terraform.tfstate")),
    ("s3", "put_object", put(STATE_BUCKET, "env/dev/knowledgeweaver/terraform.tfstate.tflock")),
    ("s3", "put_object", put(LEDGER, "knowledgeweaver/dev/00000001.json")),
    ("s3", "get_object", {"Bucket": RECORDS, "Key": "knowledgeweaver/dev/r.json"}),
    ("s3", "get_object", {"Bucket": LEDGER, "Key": "knowledgeweaver/dev/00000001.json"}),
    ("s3", "put_object", put(STATE_BUCKET, "reviews/dev/knowledgeweaver/r.json")),
    ("secretsmanager", "get_secret_value", {"SecretId": "knowledgeweaver/dev/neo4j"}),
    ("s3", "delete_object", {"Bucket": RECORDS, "Key": "knowledgeweaver/dev/r.json"}),
    ("s3", "put_bucket_versioning", {
        "Bucket": RECORDS, "VersioningConfiguration": {"Status": "Suspended"}}),
    ("s3", "delete_bucket", {"Bucket": LEDGER}),
    ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "job"}),
    ("iam", "create_role", {"RoleName": "x", "AssumeRolePolicyDocument": TRUST}),
    ("iam", "update_assume_role_policy", {
        "RoleName": "knowledgeweaver-apply-dev", "PolicyDocument": TRUST}),
    ("iam", "put_role_policy", {
        "RoleName": "knowledgeweaver-plan", "PolicyName": "x", "PolicyDocument": TRUST}),
    ("iam", "create_access_key", {"UserName": "x"}),
    ("ec2", "create_vpc", {"CidrBlock": "10.9.0.0/16"}),
    ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1, "ImageId": "ami-1"}),
    ("ecs", "create_cluster", {"clusterName": "x"}),
    ("ecs", "register_task_definition", {"family": "x", "containerDefinitions": []}),
    ("ecr", "delete_repository", {"repositoryName": "knowledgeweaver", "force": True}),
    ("secretsmanager", "create_secret", {"Name": "knowledgeweaver/x", "SecretString": "x"}),
    ("logs", "create_log_group", {"logGroupName": "/knowledgeweaver/x"}),
    ("kms", "create_key", {}),
]  # fmt: skip


def label(value: Any) -> str:
    """Where a call goes, for the name of its test."""
    return value if isinstance(value, str) else str(next(iter(value.values()), ""))[-50:]


@pytest.fixture(scope="module")
def planner(account: Stack, assume: Assume, sign: Sign) -> Credentials:
    """What a pull request's plan holds."""
    return assume("plan", sign(JOBS["pull request: plan"]))


@pytest.mark.parametrize(("service", "call", "given"), ALLOWED, ids=label)
def test_a_plan_may(
    box: Sandbox, planner: Credentials, service: str, call: str, given: dict[str, Any]
) -> None:
    getattr(client(service, box.aws_url, planner), call)(**given)


@pytest.mark.parametrize(("service", "call", "given"), DENIED, ids=label)
def test_a_plan_may_not(
    box: Sandbox, planner: Credentials, service: str, call: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(client(service, box.aws_url, planner), call)(**given)
    assert refused(error.value), error.value
