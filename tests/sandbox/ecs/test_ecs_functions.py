"""Lambda functions run as processes of their image."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ecs_estate import Estate, wait
from ecs_functions import REPOSITORY, TRUST, function, invoke, role

from sandbox.layout import ACCOUNT, REGION


def test_a_function_of_an_image_answers_its_event(place: Estate) -> None:
    function(place, "echo")
    assert invoke(place, "echo", {"n": 1}) == ({"got": {"n": 1}}, "")
    answer = place.client("lambda").invoke(FunctionName="echo", LogType="Tail", Payload=b"{}")
    assert "handling well" in base64.b64decode(answer["LogResult"]).decode()


def test_what_a_function_prints_is_in_its_log_group(place: Estate) -> None:
    function(place, "logs")
    invoke(place, "logs", {"do": "fail"})
    events = place.logs.filter_log_events(logGroupName="/functions")["events"]
    text = "\n".join(event["message"] for event in events)
    for words in ("START RequestId", "handling well", "ValueError: as asked", "REPORT RequestId"):
        assert words in text
    assert all("/[$LATEST]" in event["logStreamName"] for event in events)


def test_a_function_has_what_lambda_gives_it_and_its_roles_rights(place: Estate) -> None:
    arn = role(place, "reads", "s3:ListAllMyBuckets")
    function(place, "seen", Role=arn, Environment={"Variables": {"COLOUR": "green"}})
    env, _ = invoke(place, "seen", {"do": "environment"})
    assert (env["COLOUR"], env["AWS_LAMBDA_FUNCTION_NAME"]) == ("green", "seen")
    assert (env["AWS_REGION"], env["AWS_LAMBDA_LOG_GROUP_NAME"]) == (REGION, "/functions")
    session = boto3.Session(
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"], REGION
    )
    caller = session.client("sts", endpoint_url=env["AWS_ENDPOINT_URL"]).get_caller_identity()
    assert caller["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/reads/seen"
    session.client("s3", endpoint_url=place.url).list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("secretsmanager", endpoint_url=place.url).list_secrets()


@pytest.mark.parametrize(
    ("event", "command", "words"),
    [
        ({"do": "fail"}, "well", "as asked"),
        ({"do": "exit"}, "well", "Runtime exited with exit status 3"),
        ({"do": "sleep"}, "well", "Task timed out after 1.00 seconds"),
        ({}, "broken", "cannot load"),
    ],
    ids=["raises", "exits", "takes too long", "cannot start"],
)
def test_a_function_that_fails_says_so(
    place: Estate, event: Any, command: str, words: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id.replace(" ", "-")
    function(place, name, command, Timeout=1 if "sleep" in event.values() else 20)
    answer, kind = invoke(place, name, event)
    assert kind == "Unhandled"
    assert words in answer["errorMessage"]


def test_an_event_is_taken_and_handled_later(place: Estate, tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    function(place, "later", Environment={"Variables": {"STEPS": str(steps)}})
    answer = place.client("lambda").invoke(
        FunctionName="later", InvocationType="Event", Payload=b'{"Step": "x"}'
    )
    assert answer["StatusCode"] == 202
    wait(steps.exists, 20)


def test_a_function_survives_a_restart_of_the_sandbox(place: Estate, tmp_path: Path) -> None:
    from sandbox.aws.gaps import Context
    from sandbox.aws.saving import dump, load

    function(place, "lasting")
    invoke(place, "lasting", {})
    context = Context(tmp_path, ACCOUNT, REGION)
    load(dump(context), context)
    place.restart()
    assert invoke(place, "lasting", {"n": 2}) == ({"got": {"n": 2}}, "")


def test_creating_a_function_asks_what_aws_asks(place: Estate) -> None:
    def refused(**more: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            function(place, "never", **more)
        return str(refusal.value)

    people = {**TRUST["Statement"][0], "Principal": {"AWS": ACCOUNT}}  # type: ignore[dict-item]
    place.client("iam").create_role(
        RoleName="people",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [people]}),
    )
    network = {"SubnetIds": place.subnets, "SecurityGroupIds": [place.group]}
    assert "cannot be assumed" in refused(Role=f"arn:aws:iam::{ACCOUNT}:role/people")
    assert "cannot be assumed" in refused(Role=f"arn:aws:iam::{ACCOUNT}:role/nobody")
    assert "call CreateNetworkInterface on EC2" in refused(VpcConfig=network)
    assert "Source image" in refused(Code={"ImageUri": f"{REPOSITORY}:unknown"})
    arn = role(
        place,
        "connects",
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DeleteNetworkInterface",
    )
    function(place, "connected", Role=arn, VpcConfig=network)
    read = place.client("lambda").get_function_configuration(FunctionName="connected")
    assert read["VpcConfig"]["VpcId"] == place.vpc
    assert read["LoggingConfig"]["LogGroup"] == "/functions"
