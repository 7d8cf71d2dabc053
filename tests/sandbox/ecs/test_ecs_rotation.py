"""Secrets Manager rotates a secret by a function, step by step."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from ecs_estate import Estate, wait
from ecs_functions import function

from sandbox.ecs.backends import Backends
from sandbox.layout import ACCOUNT, REGION


@pytest.fixture
def rotated(place: Estate, tmp_path: Path) -> tuple[str, str, Path]:
    """A secret, a function that may rotate it, and the file with the steps that were called."""
    name, steps = place.name("rotate"), tmp_path / "steps"
    arn = function(place, name, Environment={"Variables": {"STEPS": str(steps)}})
    secret = place.secrets.create_secret(Name=name, SecretString="one")["ARN"]
    place.client("lambda").add_permission(
        FunctionName=name,
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=ACCOUNT,
        SourceArn=secret,
    )
    return secret, arn, steps


def labels(place: Estate, secret: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = place.secrets.describe_secret(SecretId=secret)[
        "VersionIdsToStages"
    ]
    return found


def called(steps: Path) -> list[str]:
    return steps.read_text().split() if steps.exists() else []


ALL = ["createSecret", "setSecret", "testSecret", "finishSecret"]


def test_a_rotation_calls_the_four_steps_and_does_not_wait(
    place: Estate, rotated: tuple[str, str, Path]
) -> None:
    secret, arn, steps = rotated
    answer = place.secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    assert labels(place, secret)[answer["VersionId"]] == ["AWSPENDING"]
    wait(lambda: called(steps) == ALL, 30, lambda: str(called(steps)))
    assert place.secrets.get_secret_value(SecretId=secret)["SecretString"] == "one"
    described = place.secrets.describe_secret(SecretId=secret)
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert described["RotationEnabled"]


def test_what_awscurrent_is_moved_to_is_what_is_read(place: Estate) -> None:
    secret = place.secrets.create_secret(Name=place.name("label"), SecretString="one")
    new = place.secrets.put_secret_value(
        SecretId=secret["ARN"], SecretString="two", VersionStages=["AWSPENDING"]
    )["VersionId"]
    place.secrets.update_secret_version_stage(
        SecretId=secret["ARN"],
        VersionStage="AWSCURRENT",
        MoveToVersionId=new,
        RemoveFromVersionId=secret["VersionId"],
    )
    assert place.secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"] == "two"
    assert labels(place, secret["ARN"])[secret["VersionId"]] == ["AWSPREVIOUS"]


def test_a_failing_step_ends_a_rotation_which_is_tried_again_from_the_start(
    place: Estate, rotated: tuple[str, str, Path]
) -> None:
    secret, arn, steps = rotated
    steps.with_name("steps.testSecret").touch()
    place.secrets.rotate_secret(SecretId=secret, RotationLambdaARN=arn)
    wait(lambda: called(steps) == ALL[:3] * 3, 60, lambda: str(called(steps)))
    assert place.secrets.get_secret_value(SecretId=secret)["SecretString"] == "one"
    time.sleep(0.5)
    steps.with_name("steps.testSecret").unlink()
    with pytest.raises(ClientError, match="previous rotation isn't complete"):
        place.secrets.rotate_secret(SecretId=secret)
    wait(lambda: called(steps)[9:] == ALL, 30, lambda: str(called(steps)))


def test_a_schedule_alone_tries_the_function_and_leaves_no_trace(
    place: Estate, rotated: tuple[str, str, Path]
) -> None:
    secret, arn, steps = rotated
    before = labels(place, secret)
    place.secrets.rotate_secret(
        SecretId=secret,
        RotationLambdaARN=arn,
        RotationRules={"AutomaticallyAfterDays": 1},
        RotateImmediately=False,
    )
    wait(lambda: called(steps) == ["testSecret"], 20)
    wait(lambda: labels(place, secret) == before, 10, lambda: str(labels(place, secret)))

    # a day later
    Backends(ACCOUNT, REGION).secrets.secrets.get(secret).next_rotation_date = int(time.time())
    wait(lambda: called(steps)[1:] == ALL, 30, lambda: str(called(steps)))


def test_a_function_that_does_not_let_secrets_manager_in_rotates_nothing(
    place: Estate, rotated: tuple[str, str, Path]
) -> None:
    _, arn, steps = rotated
    other = place.secrets.create_secret(Name=place.name("other"), SecretString="one")["ARN"]
    with pytest.raises(ClientError, match="cannot invoke the specified Lambda function"):
        place.secrets.rotate_secret(SecretId=other, RotationLambdaARN=arn)
    with pytest.raises(ClientError, match="No Lambda rotation function ARN"):
        place.secrets.rotate_secret(SecretId=other)
    assert called(steps) == []
