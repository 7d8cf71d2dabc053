"""Secrets Manager rotates a secret by a function, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from ecs_estate import Estate, wait
from ecs_functions import function

from sandbox.aws.rotation import Rotation
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
    place: Estate, rotated: tuple[str, str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    secret, arn, steps = rotated
    steps.with_name("steps.testSecret").touch()
    place.secrets.rotate_secret(SecretId=secret, RotationLambdaARN=arn)
    wait(lambda: "was not rotated" in caplog.text, 60, lambda: str(called(steps)))
    assert called(steps) == ALL[:3] * 3
    assert place.secrets.get_secret_value(SecretId=secret)["SecretString"] == "one"
    steps.with_name("steps.testSecret").unlink()
    with pytest.raises(ClientError, match="previous rotation isn't complete"):
        place.secrets.rotate_secret(SecretId=secret)
    wait(lambda: called(steps)[9:] == ALL, 30, lambda: str(called(steps)))


def after_step(number: int, work: Callable[[], object], patch: pytest.MonkeyPatch) -> None:
    """Do something after so many steps, while the process is still under way."""
    original, steps = Rotation._step, count(1)

    def step(rotation: Rotation, name: str, version: str) -> bool:
        went_well = original(rotation, name, version)
        if next(steps) == number:
            work()
        return went_well

    patch.setattr(Rotation, "_step", step)


def test_a_rotation_asked_for_while_the_one_before_it_ends_follows_it(
    place: Estate, rotated: tuple[str, str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, arn, steps = rotated
    asked: list[str] = []

    def finish_and_ask() -> None:
        [new] = [v for v, stages in labels(place, secret).items() if "AWSPENDING" in stages]
        [old] = [v for v, stages in labels(place, secret).items() if "AWSCURRENT" in stages]
        moved = {"MoveToVersionId": new, "RemoveFromVersionId": old}
        place.secrets.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", **moved
        )
        asked.append(place.secrets.rotate_secret(SecretId=secret)["VersionId"])

    after_step(4, finish_and_ask, monkeypatch)
    place.secrets.rotate_secret(SecretId=secret, RotationLambdaARN=arn)
    wait(lambda: called(steps) == ALL * 2, 30, lambda: str(called(steps)))
    assert labels(place, secret)[asked[0]] == ["AWSPENDING"]


def test_a_rotation_asked_for_while_its_last_attempt_fails_is_tried_again(
    place: Estate, rotated: tuple[str, str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, arn, steps = rotated
    fails = steps.with_name("steps.testSecret")

    def ask() -> None:
        fails.unlink()
        with pytest.raises(ClientError, match="previous rotation isn't complete"):
            place.secrets.rotate_secret(SecretId=secret)

    fails.touch()
    after_step(9, ask, monkeypatch)
    place.secrets.rotate_secret(SecretId=secret, RotationLambdaARN=arn)
    wait(lambda: called(steps) == [*ALL[:3] * 3, *ALL], 60, lambda: str(called(steps)))


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
