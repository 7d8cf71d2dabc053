"""Neo4j's password is rotated: real Terraform, Neo4j, application and function on the local AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.rotating import (
    AROUND,
    CEILING,
    KEY,
    Estate,
    calls,
    make_roles,
    push_image,
    restart,
    run_application,
)
from tests.terraform.test_roles import Role
from tests.terraform.test_validations import root, terraform
from tests.waiting import until

pytestmark = pytest.mark.slow

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rotated"
LOG = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/knowledgeweaver/dev"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotated-rotation"
#: What the function's role may do. Lambda itself makes its interfaces, the function's code may not.
MAY: list[tuple[str, str, dict[str, str]]] = [
    ("secretsmanager:DescribeSecret", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:GetSecretValue", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:PutSecretValue", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:UpdateSecretVersionStage", f"{SECRET}/neo4j-AbCdEf", {}),
    ("logs:CreateLogStream", f"{LOG}/rotation:log-stream:x", {}),
    ("logs:PutLogEvents", f"{LOG}/rotation:log-stream:x", {}),
    ("ec2:CreateNetworkInterface", "*", {}),
]
MAY_NOT: list[tuple[str, str, dict[str, str]]] = [
    ("secretsmanager:GetSecretValue", f"{SECRET}/api-key-AbCdEf", {}),
    ("secretsmanager:GetSecretValue", f"{SECRET}/neo4j-other-AbCdEf", {}),
    ("secretsmanager:DeleteSecret", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:PutResourcePolicy", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:CancelRotateSecret", f"{SECRET}/neo4j-AbCdEf", {}),
    ("secretsmanager:ListSecrets", "*", {}),
    ("logs:PutLogEvents", f"{LOG}/api:log-stream:x", {}),
    ("logs:DeleteLogGroup", f"{LOG}/rotation", {}),
    ("ec2:CreateNetworkInterface", "*", {"lambda:sourcefunctionarn": FUNCTION}),
    ("ec2:DeleteNetworkInterface", "*", {"lambda:sourcefunctionarn": FUNCTION}),
    ("ec2:RunInstances", "*", {}),
    ("s3:GetObject", "arn:aws:s3:::documents/one", {}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/rotated-rotation", {}),
    ("lambda:InvokeFunction", FUNCTION, {}),
]


@pytest.fixture(scope="module")
def estate(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("rotated")
    push_image(box)
    make_roles(box)
    root(folder, calls())
    (folder / "around.tf").write_text(AROUND)
    terraform(folder, "apply", "-auto-approve", url=box.aws_url)
    shown = json.loads(terraform(folder, "output", "-json", url=box.aws_url))
    made = Estate(box, folder, {name: str(item["value"]) for name, item in shown.items()})
    assert made.logs_in(made.password())
    until(lambda: len(made.stages()) == 1)  # Secrets Manager has tried the function
    made.app = run_application(made)
    document = {"name": "e", "text": "The Analytical Engine was designed by Charles Babbage."}
    httpx.post(f"{made.app}/documents", json=document, headers={"x-api-key": KEY}, timeout=60)
    yield made
    tasks = made.client("ecs").list_tasks(cluster="rotated")["taskArns"]
    for task in tasks:
        made.client("ecs").stop_task(cluster="rotated", task=task)
    until(lambda: not made.client("ecs").list_tasks(cluster="rotated")["taskArns"])
    terraform(folder, "destroy", "-auto-approve", url=box.aws_url)
    left = made.client("lambda").list_functions()["Functions"]
    assert not [one for one in left if "rotated" in one["FunctionName"]]


def test_a_rotation_changes_the_password_while_the_application_answers(estate: Estate) -> None:
    old, version = estate.password(), estate.current()
    codes: list[int] = []
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            codes.append(estate.ask())

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        estate.client("secretsmanager").rotate_secret(SecretId=estate.outputs["secret"])
        until(lambda: estate.current() != version)
        asked = len(codes)
        until(lambda: len(codes) > asked + 20)
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert estate.stages()[version] == ["AWSPREVIOUS"]
    new = estate.password()
    assert (estate.logs_in(old), estate.logs_in(new)) == (False, True)
    assert set(codes) == {200}


def test_a_task_that_has_to_log_in_anew_finds_the_new_password(estate: Estate) -> None:
    # Nothing of a restarted database's connections is left, and the task started with another
    # password than the one that counts now.
    restart(estate, lambda: None)
    until(lambda: estate.ask() == 200)


def test_a_rotation_that_fails_leaves_the_current_version_and_a_retry_finishes(
    estate: Estate,
) -> None:
    before = estate.current()
    secrets = estate.client("secretsmanager")
    version = "11111111-2222-3333-4444-555555555555"
    secrets.put_secret_value(
        SecretId=estate.outputs["secret"],
        ClientRequestToken=version,
        SecretString=json.dumps({"username": "neo4j", "password": "x" * 40}),
        VersionStages=["AWSPENDING"],
    )
    assert estate.step("createSecret", version) == ""  # the version has its value already
    assert estate.step("setSecret", version) == ""
    assert estate.step("setSecret", version) == ""  # again: done is done

    def fail() -> None:
        assert "ServiceUnavailable" in estate.step("testSecret", version)
        assert estate.current() == before

    restart(estate, fail)
    # AWSCURRENT is not what the database takes; the application finds AWSPENDING.
    until(lambda: estate.ask() == 200)
    assert estate.current() == before
    with pytest.raises(ClientError, match="That rotation will be reattempted"):
        secrets.rotate_secret(SecretId=estate.outputs["secret"])
    until(lambda: estate.current() == version)
    assert estate.stages()[before] == ["AWSPREVIOUS"]
    assert estate.logs_in(estate.password())


def test_terraform_sees_no_drift_after_rotations(estate: Estate) -> None:
    # exit code 2 would say that there is a difference
    terraform(estate.folder, "plan", "-detailed-exitcode", url=estate.box.aws_url)


def test_no_password_is_in_a_log_or_in_the_state(estate: Estate) -> None:
    logs = estate.client("logs").filter_log_events(logGroupName="/knowledgeweaver/dev/rotation")
    told = "\n".join(event["message"] for event in logs["events"])
    assert "finishSecret" in told
    written = [told, (estate.folder / "terraform.tfstate").read_text()]
    for part in ("logs", "tasks", "functions"):
        files = (p for p in (estate.box.root / part).rglob("*.log") if p.is_file())
        written += [file.read_text(errors="replace") for file in files]
    assert len(set(estate.seen)) >= 3
    for password in set(estate.seen):
        assert not any(password in text for text in written)


def test_the_functions_role_may_rotate_its_secret_and_nothing_else(estate: Estate) -> None:
    iam = estate.client("iam")
    found = iam.get_role_policy(RoleName="rotated-rotation", PolicyName="rotation")
    # the ceiling of this test allows everything, so the role's own policy is judged alone
    role = Role((json.dumps(found["PolicyDocument"]),), json.dumps(CEILING), "")
    assert [call for call in MAY if not role.may(*call)] == []
    assert [call for call in MAY_NOT if role.may(*call)] == []
