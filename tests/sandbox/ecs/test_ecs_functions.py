"""Lambda functions run as processes of their image, and secrets are rotated by them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ecs_estate import Estate, wait

from sandbox.ecs.backends import Backends
from sandbox.layout import ACCOUNT, REGION

REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/function"
IMAGE = f"{REPOSITORY}:one"
#: A runtime of the standard library alone: one event, one answer, then the next.
RUNTIME = """
import json, os, sys, time, traceback, urllib.request
API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
def post(path, value):
    data = json.dumps(value).encode()
    urllib.request.urlopen(urllib.request.Request(f"{API}/{path}", data=data)).read()
def handle(event):
    match event.get("do"):
        case "fail":
            raise ValueError("as asked")
        case "sleep":
            time.sleep(30)
        case "exit":
            sys.exit(3)
        case "environment":
            return dict(os.environ)
    if "Step" in event:
        with open(os.environ["STEPS"], "a") as steps:
            steps.write(event["Step"] + "\\n")
        if os.path.exists(os.environ["STEPS"] + "." + event["Step"]):
            raise RuntimeError("no")
    return {"got": event}
if sys.argv[1] == "broken":
    post("init/error", {"errorType": "Import", "errorMessage": "cannot load"})
    sys.exit(1)
while True:
    with urllib.request.urlopen(f"{API}/invocation/next") as answer:
        event, request = json.load(answer), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    print("handling", sys.argv[1], flush=True)
    try:
        post(f"invocation/{request}/response", handle(event))
    except Exception as error:
        traceback.print_exc()
        what = {"errorType": type(error).__name__, "errorMessage": str(error)}
        post(f"invocation/{request}/error", what)
"""
DOCKERFILE = """
FROM python:3.11-slim
WORKDIR /srv
COPY . .
CMD ["python", "-m", "serve"]
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def place(estate: Estate) -> Iterator[Estate]:
    """The estate with one function image and one role, and a clock that runs fast."""
    context = estate.state / "function"
    context.mkdir()
    (context / "serve.py").write_text(RUNTIME)
    (context / "Dockerfile").write_text(DOCKERFILE)
    estate.client("ecr").create_repository(repositoryName="function")
    estate.docker("build", "-t", IMAGE, context)
    estate.docker("push", IMAGE)
    estate.logs.create_log_group(logGroupName="/functions")
    role(estate, "runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_TIME_SCALE", "600")
        yield estate


def role(estate: Estate, name: str, *allowed: str) -> str:
    iam = estate.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    if allowed:
        statement = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    return str(arn)


def function(estate: Estate, name: str, command: str = "well", **more: Any) -> str:
    return str(
        estate.client("lambda").create_function(
            **{
                "FunctionName": name,
                "PackageType": "Image",
                "Code": {"ImageUri": IMAGE},
                "ImageConfig": {
                    "EntryPoint": ["/srv/.venv/bin/python", "-m", "serve"],
                    "Command": [command],
                },
                "LoggingConfig": {"LogGroup": "/functions", "LogFormat": "Text"},
                "Role": f"arn:aws:iam::{ACCOUNT}:role/runs",
                "Timeout": 20,
                **more,
            }
        )["FunctionArn"]
    )


def invoke(estate: Estate, name: str, event: Any, **more: Any) -> tuple[Any, str]:
    """What the function answered, and the kind of its error."""
    answer = estate.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps(event).encode(), **more
    )
    return json.loads(answer["Payload"].read()), str(answer.get("FunctionError", ""))


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


# --- rotation --------------------------------------------------------------------------------


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
