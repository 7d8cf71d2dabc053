"""What a rotation of Neo4j's password needs: an estate as small as can be, and who asks it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, Neo4jError, ServiceUnavailable

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.registry import DOCKER, REGISTRY, log_in
from tests.terraform.stacks import ROOT, TREE, client
from tests.terraform.test_validations import example
from tests.waiting import until

IMAGE = f"{REGISTRY}/rotated:{TREE}"
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
        (
            "modules/secrets",
            example("modules/secrets")
            | {
                "prefix": '"rotated"',
                "name": '"rotated"',
                "image": f'"{IMAGE}"',
                "recovery_days": "0",
                "permissions_boundary": f'"{BOUNDARY}"',
            },
        ),
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


def push_image(box: Sandbox, repository: str = "rotated") -> None:
    """Build the application as it is in the checkout; makes the repository where it is missing."""
    ecr = client("ecr", box.aws_url)
    with suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=repository)
    image = f"{REGISTRY}/{repository}:{TREE}"
    env = box.env | {"UV": os.environ.get("UV", str(ROOT / ".tools/uv/bin/uv"))}
    log_in(ecr, env)
    for arguments in (["build", "-t", image, str(ROOT / "app")], ["push", image]):
        subprocess.run([str(DOCKER), *arguments], env=env, check=True, capture_output=True)


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


def restart(estate: Estate, meanwhile: Callable[[], None]) -> None:
    """Stop the graph store's instance, do something, start it."""
    ec2, instance = estate.client("ec2"), estate.outputs["instance"]
    ec2.stop_instances(InstanceIds=[instance])
    until(lambda: estate.ask() == 503)
    meanwhile()
    ec2.start_instances(InstanceIds=[instance])
