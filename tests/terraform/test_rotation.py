"""Neo4j's password is rotated: real Terraform, Neo4j, application and function on the local AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, Neo4jError, ServiceUnavailable

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import ROOT, TREE, client
from tests.terraform.test_roles import Role
from tests.terraform.test_validations import example, root, terraform

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

IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/rotated:{TREE}"
KEY = "a-key-that-is-long-enough"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/rotated"
CEILING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
#: The network that the estate's own module would make, without what nothing here needs.
AROUND = """
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

data "aws_ami" "base" {
  owners             = ["amazon"]
  most_recent        = true
  include_deprecated = true

  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

resource "aws_subnet" "this" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "ap-southeast-2a"
}

resource "aws_security_group" "clients" {
  name   = "rotated-clients"
  vpc_id = aws_vpc.this.id
}

output "uri" {
  value = module.m1.bolt_uri
}

output "instance" {
  value = module.m1.instance_id
}

output "volume" {
  value = module.m1.volume_id
}

output "secret" {
  value = module.m0.neo4j.arn
}

output "subnet" {
  value = aws_subnet.this.id
}

output "group" {
  value = aws_security_group.clients.id
}
"""


def calls() -> list[tuple[str, dict[str, str]]]:
    """The three modules as the estate calls them, but for the network."""
    network = 'vpc_id = aws_vpc.this.id, subnet_id = aws_subnet.this.id, zone = "ap-southeast-2a"'
    return [
        ("modules/secrets", {"prefix": '"rotated"', "recovery_days": "0"}),
        (
            "modules/neo4j",
            example("modules/neo4j")
            | {
                "name": '"rotated"',
                "ami": "data.aws_ami.base.id",
                "instance": "{ protection = false }",
                "network": f'{{ {network}, subnet_cidr = "10.0.2.0/24" }}',
                "client_security_group_id": "aws_security_group.clients.id",
                "secret": "module.m0.neo4j",
                "permissions_boundary": f'"{BOUNDARY}"',
            },
        ),
        (
            "modules/rotation",
            example("modules/rotation")
            | {
                "name": '"rotated"',
                "image": f'"{IMAGE}"',
                "secret": "module.m0.neo4j",
                "graph_store": "{ uri = module.m1.bolt_uri, "
                "security_group_id = module.m1.security_group_id }",
                "network": "{ vpc_id = aws_vpc.this.id, subnet_ids = [aws_subnet.this.id] }",
                "permissions_boundary": f'"{BOUNDARY}"',
            },
        ),
    ]


@dataclass(slots=True)
class Estate:
    """What stands, and who asks it."""

    box: Sandbox
    folder: Path
    outputs: dict[str, str]
    app: str = ""
    seen: list[str] = field(default_factory=list)  # every password there ever was

    def client(self, service: str) -> Any:
        return client(service, self.box.aws_url)

    @property
    def bolt(self) -> str:
        """Where Neo4j's Bolt answers on this machine."""
        settings = self.box.root / "neo4j" / self.outputs["volume"] / "conf" / "neo4j.conf"
        found = re.search(r"bolt\.listen_address=(\S+)", settings.read_text())
        assert found
        return f"bolt://{found[1]}"

    def password(self, stage: str = "AWSCURRENT") -> str:
        value = self.client("secretsmanager").get_secret_value(
            SecretId=self.outputs["secret"], VersionStage=stage
        )
        password = str(json.loads(value["SecretString"])["password"])
        self.seen.append(password)
        return password

    def stages(self) -> dict[str, list[str]]:
        described = self.client("secretsmanager").describe_secret(SecretId=self.outputs["secret"])
        return {v: sorted(labels) for v, labels in described["VersionIdsToStages"].items()}

    def current(self) -> str:
        return next(v for v, labels in self.stages().items() if "AWSCURRENT" in labels)

    def logs_in(self, password: str) -> bool:
        """Whether Neo4j takes a password; waits for a server that starts or an account shut."""
        end = time.monotonic() + 240
        while True:
            try:
                with GraphDatabase.driver(self.bolt, auth=("neo4j", password)) as driver:
                    driver.verify_connectivity()
                return True
            except AuthError:
                return False
            except (ServiceUnavailable, OSError, Neo4jError):
                assert time.monotonic() < end, "Neo4j does not answer"
                time.sleep(0.5)

    def step(self, step: str, version: str) -> str:
        """Call one step of the function as Secrets Manager does; its error, or nothing."""
        event = {
            "Step": step,
            "SecretId": self.outputs["secret"],
            "ClientRequestToken": version,
        }
        answer = self.client("lambda").invoke(
            FunctionName="rotated-rotation", Payload=json.dumps(event).encode()
        )
        return answer["Payload"].read().decode() if "FunctionError" in answer else ""

    def ask(self) -> int:
        question = {"question": "Who designed the Analytical Engine?"}
        headers = {"x-api-key": KEY}
        answer = httpx.post(f"{self.app}/ask", json=question, headers=headers, timeout=60)
        if answer.status_code == 200:
            assert "Babbage" in answer.json()["answer"]
        return answer.status_code


def until(condition: Callable[[], Any], seconds: float = 240) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
    return found


def push_image(box: Sandbox) -> None:
    """Build the application as it is in the checkout."""
    client("ecr", box.aws_url).create_repository(repositoryName="rotated")
    docker = str(ROOT / "sandbox" / "bin" / "docker")
    env = box.env | {"UV": os.environ.get("UV", str(ROOT / ".tools/uv/bin/uv"))}
    for arguments in (["build", "-t", IMAGE, str(ROOT / "app")], ["push", IMAGE]):
        subprocess.run([docker, *arguments], env=env, check=True, capture_output=True)


def make_roles(box: Sandbox) -> None:
    """The ceiling of the estate's roles, and the application's role."""
    iam = client("iam", box.aws_url)
    reads = {
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rotated/neo4j-??????",
    }
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    }
    documents = [json.dumps({**CEILING, "Statement": [part]}) for part in (reads, trust)]
    iam.create_policy(PolicyName="rotated", PolicyDocument=json.dumps(CEILING))
    iam.create_role(RoleName="rotated-task", AssumeRolePolicyDocument=documents[1])
    iam.put_role_policy(RoleName="rotated-task", PolicyName="p", PolicyDocument=documents[0])


def run_application(estate: Estate) -> str:
    """Run one task as the estate's service does; where it answers."""
    ecs, secret = estate.client("ecs"), estate.outputs["secret"]
    environment = {"NEO4J_URI": estate.outputs["uri"], "NEO4J_SECRET_ID": "rotated/neo4j"}
    environment |= {"KW_API_KEY": KEY, "KW_REQUESTS_PER_MINUTE": "100000"}
    ecs.create_cluster(clusterName="rotated")
    ecs.register_task_definition(
        family="rotated",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/rotated-task",
        containerDefinitions=[
            {
                "name": "api",
                "image": IMAGE,
                "portMappings": [{"containerPort": 8000}],
                "environment": [{"name": n, "value": v} for n, v in environment.items()],
                "secrets": [{"name": "NEO4J_PASSWORD", "valueFrom": f"{secret}:password::"}],
            }
        ],
    )
    ecs.run_task(
        cluster="rotated",
        taskDefinition="rotated",
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [estate.outputs["subnet"]],
                "securityGroups": [estate.outputs["group"]],
            }
        },
    )

    def address() -> str:
        text = "".join(f.read_text() for f in (estate.box.root / "tasks").glob("*/api.log"))
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", text)
        return found[1] if found else ""

    return str(until(address))


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
    assert made.client("lambda").list_functions()["Functions"] == []


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
    estate.client("secretsmanager").rotate_secret(SecretId=estate.outputs["secret"])
    until(lambda: estate.current() != version)
    time.sleep(1)
    over.set()
    for thread in threads:
        thread.join()

    assert estate.stages()[version] == ["AWSPREVIOUS"]
    new = estate.password()
    assert (estate.logs_in(old), estate.logs_in(new)) == (False, True)
    assert set(codes) == {200}
    assert len(codes) > 20


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


def restart(estate: Estate, meanwhile: Callable[[], None]) -> None:
    """Stop the graph store's instance, do something, start it."""
    ec2, instance = estate.client("ec2"), estate.outputs["instance"]
    ec2.stop_instances(InstanceIds=[instance])
    until(lambda: estate.ask() == 503)
    meanwhile()
    ec2.start_instances(InstanceIds=[instance])
