"""Gaps of moto, closed and valid by their models: identities, secrets, functions."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.gaps.ecr import keys_of
from sandbox.layout import ACCOUNT, ADMIN_KEY, REGION
from tests.sandbox.aws.answers import Aws, valid


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


def test_a_registrys_token_stands_for_who_asked_for_it(aws: Aws, plain: Aws) -> None:
    def password(clients: Aws) -> str:
        data = valid(clients("ecr"), "GetAuthorizationToken")["authorizationData"][0]
        user, _, found = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        assert user == "AWS"
        return found

    assert keys_of(password(aws)) == (ADMIN_KEY, "")
    assert password(plain) == f"{ACCOUNT}-auth-token", "moto's, which says nothing"


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


def test_a_new_version_leaves_the_labels_of_the_one_before_where_they_are(
    aws: Aws, plain: Aws
) -> None:
    def labels(clients: Aws) -> list[set[str]]:
        client = clients("secretsmanager")
        client.create_secret(Name="labelled")
        for label in ("first", "second", "second"):
            client.put_secret_value(
                SecretId="labelled", SecretString=label, VersionStages=["AWSCURRENT", label]
            )
        found = client.describe_secret(SecretId="labelled")["VersionIdsToStages"]
        return sorted(map(set, found.values()), key=sorted)

    assert labels(aws) == [{"AWSCURRENT", "second"}, {"AWSPREVIOUS"}, {"first"}]
    assert {"first"} not in labels(plain)


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
