"""Lambda functions of one image: what runs in it, how one is made and called."""

from __future__ import annotations

import json
from typing import Any

from ecs_estate import Estate

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


def push_image(estate: Estate) -> None:
    context = estate.state / "function"
    context.mkdir()
    (context / "serve.py").write_text(RUNTIME)
    (context / "Dockerfile").write_text(DOCKERFILE)
    estate.client("ecr").create_repository(repositoryName="function")
    estate.docker("build", "-t", IMAGE, context)
    estate.docker("push", IMAGE)


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
