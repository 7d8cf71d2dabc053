"""Tokens of GitHub's issuer against the trust policy of an apply role."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.layout import ACCOUNT
from tests.sandbox.aws.conftest import ISSUER, Issuer, document

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
DEPLOY = "acme/delivery/.github/workflows/unit-deploy.yml@refs/heads/main"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
        "StringEquals": {
            f"{HOST}:aud": "sts.amazonaws.com",
            f"{HOST}:repository_id": "2001",
            f"{HOST}:job_workflow_ref": [DEPLOY, DEPLOY.replace("deploy", "destroy")],
        },
        "ForAnyValue:StringLike": {
            f"{HOST}:sub": ["repo:acme@1001/delivery@2001:environment:dev*"],
        },
    },
}


@pytest.fixture(scope="module")
def role(aws: Callable[..., Any]) -> str:
    iam = aws("iam")
    iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    made = iam.create_role(RoleName="apply-dev", AssumeRolePolicyDocument=document(TRUST))
    return str(made["Role"]["Arn"])


def ask(aws: Callable[..., Any], role: str, token: str) -> Any:
    return aws("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="run-1", WebIdentityToken=token
    )


def test_the_right_token_gets_credentials_of_the_role(
    aws: Callable[..., Any], role: str, issuer: Issuer
) -> None:
    answer = ask(aws, role, issuer.token())
    given = answer["Credentials"]
    who = aws(
        "sts", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    ).get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/apply-dev/run-1"
    assert answer["Audience"] == "sts.amazonaws.com"
    assert answer["SubjectFromWebIdentityToken"].endswith("environment:dev")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "repo:acme@1001/delivery@2001:pull_request"}, "AccessDenied"),
        ({"sub": "repo:acme@1001/delivery@2001:environment:prod"}, "AccessDenied"),
        ({"sub": "repo:evil@6/delivery@2001:environment:dev"}, "AccessDenied"),
        ({"repository_id": "6666"}, "AccessDenied"),
        ({"job_workflow_ref": DEPLOY.replace("unit-deploy", "pull-request")}, "AccessDenied"),
        ({"job_workflow_ref": DEPLOY.replace("heads/main", "heads/mine")}, "AccessDenied"),
        ({"aud": "https://github.com/acme"}, "InvalidIdentityToken"),
        ({"iss": "https://evil.example"}, "InvalidIdentityToken"),
        ({"iss": "http://token.actions.githubusercontent.com"}, "InvalidIdentityToken"),
        ({"exp": -60}, "ExpiredTokenException"),
        ({"nbf": 600}, "InvalidIdentityToken"),
        ({"forged": True}, "InvalidIdentityToken"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_token_that_is_wrong_in_one_point_is_refused(
    aws: Callable[..., Any], role: str, issuer: Issuer, claims: dict[str, Any], code: str
) -> None:
    now = int(time.time())
    timed = {key: now + claims[key] for key in ("exp", "nbf") if key in claims}
    with pytest.raises(ClientError) as refused:
        ask(aws, role, issuer.token(**claims | timed))
    assert refused.value.response["Error"]["Code"] == code


def test_a_role_that_does_not_exist_is_refused_with_the_same_words(
    aws: Callable[..., Any], role: str, issuer: Issuer
) -> None:
    with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIde"):
        ask(aws, role.replace("apply-dev", "apply-none"), issuer.token())


def test_plain_moto_still_believes_any_token(plain: Callable[..., Any]) -> None:
    answer = ask(plain, f"arn:aws:iam::{ACCOUNT}:role/none", "forged-token")
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
