"""The module phoenix in a root of its own, what it finds around it, and what is sent to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from pipeline.adapters.tools import locate
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.rotating import IMAGE
from tests.terraform.stacks import ADMIN, ENVS, MODULES, client, terraform_env

SECRET = {
    "secret": "a-secret-of-more-than-32-characters-1",
    "admin_secret": "another-secret-of-more-than-32-chars-2",
    "admin_password": "first-Passw0rd",
    "database_password": "databasePassw0rd",
}
BEARER = {"Authorization": f"Bearer {SECRET['admin_secret']}"}
ROOT = """
variable "storage" {{ type = string }}
variable "generation" {{
  type    = number
  default = 1
}}
provider "aws" {{}}
module "phoenix" {{
  source = "{module}"

  name    = "kw-${{var.storage}}"
  cluster = "{cluster}"
  size    = {{ cpu = 256 }}
  network = {{
    vpc_id          = "{vpc}"
    subnet_ids      = {subnets}
    client_group_id = "{groups[1]}"
  }}
  load_balancer = {{
    group_id     = "{groups[0]}"
    listener_arn = "{listener}"
    https        = false
  }}
  storage = {{ kind = var.storage, protect = false }}
  secret = {{
    arn        = "{secret}"
    pattern    = "{secret}"
    generation = var.generation
    function   = "{cluster}-secrets"
  }}
  logs                 = {{ group = "/${{var.storage}}/phoenix" }}
  permissions_boundary = "arn:aws:iam::{account}:policy/b"
}}
output "endpoint" {{ value = module.phoenix.endpoint }}
"""


@dataclass(frozen=True, slots=True)
class Around:
    """What a module of the estate finds there, made without Terraform's waits."""

    box: Sandbox
    cluster: str
    url: str
    text: str  # a root module that calls phoenix

    def aws(self, service: str) -> Any:
        return client(service, self.box.aws_url)


def around(box: Sandbox, name: str) -> Around:
    """Network, cluster, load balancer, secret and the secret's function of one test."""
    ec2, elb = client("ec2", box.aws_url), client("elbv2", box.aws_url)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{'ab'[n]}"
        )["Subnet"]["SubnetId"]
        for n in range(2)
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    groups = [
        ec2.create_security_group(GroupName=f"{name}-{who}", Description=who, VpcId=vpc)["GroupId"]
        for who in ("balancer", "application")
    ]
    client("ecs", box.aws_url).create_cluster(clusterName=name)
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[answer],
    )["Listeners"][0]["ListenerArn"]
    secret = client("secretsmanager", box.aws_url).create_secret(
        Name=f"{name}/phoenix", SecretString=json.dumps(SECRET)
    )["ARN"]
    make_function(box, f"{name}-secrets")
    text = ROOT.format(
        module=MODULES / "phoenix",
        cluster=name,
        vpc=vpc,
        subnets=json.dumps(subnets),
        groups=groups,
        listener=listener,
        secret=secret,
        account=ACCOUNT,
    )
    return Around(box, name, f"http://{balancer['DNSName']}", text)


def make_function(box: Sandbox, name: str) -> None:
    """The function of the module secrets, under a role that may all it needs."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    allowed = {
        "Effect": "Allow",
        "Action": [
            "rds:DescribeDBInstances",
            "rds:ModifyDBInstance",
            "secretsmanager:GetSecretValue",
        ],
        "Resource": "*",
    }
    documents = [
        json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for statement in (trust, allowed)
    ]
    iam = client("iam", box.aws_url)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=documents[1])
    client("lambda", box.aws_url).create_function(
        FunctionName=name,
        PackageType="Image",
        Code={"ImageUri": IMAGE},
        ImageConfig={
            "EntryPoint": ["/app/.venv/bin/python", "-m", "awslambdaric"],
            "Command": ["knowledgeweaver.values.handle"],
        },
        Role=role,
        Timeout=60,
    )


@dataclass(frozen=True, slots=True)
class Module:
    """The module in a root of its own, its state in a file."""

    around: Around
    folder: Path
    storage: str

    def run(self, *arguments: str, **variables: str) -> str:
        done = subprocess.run(
            [str(locate("terraform")), *arguments, "-no-color"],
            cwd=self.folder,
            env={
                **terraform_env(self.folder / ".terraform"),
                **ADMIN,
                "AWS_ENDPOINT_URL": self.around.box.aws_url,
                "TF_VAR_storage": self.storage,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def apply(self) -> None:
        self.folder.mkdir()
        (self.folder / "main.tf").write_text(self.around.text)
        shutil.copy(ENVS / "account" / ".terraform.lock.hcl", self.folder)
        shutil.copy(MODULES / "phoenix" / "versions.tf", self.folder)
        self.run("init", "-lockfile=readonly")
        if self.storage == "rds":
            # as after an apply that broke off when there was no more than the database
            self.run("apply", "-auto-approve", "-target=module.phoenix.aws_db_instance.this")
        self.run("apply", "-auto-approve")

    def tasks(self) -> list[dict[str, Any]]:
        ecs = self.around.aws("ecs")
        name = {"cluster": self.around.cluster}
        arns = ecs.list_tasks(**name, serviceName="knowledgeweaver-phoenix")["taskArns"]
        return list(ecs.describe_tasks(**name, tasks=arns)["tasks"]) if arns else []

    def serving(self) -> str:
        """Wait until the load balancer finds it healthy; its address below the prefix."""
        url = f"{self.around.url}/phoenix"
        wait(lambda: httpx.get(f"{url}/readyz", timeout=60).status_code == 200, self.tasks)
        return url

    def listening(self) -> list[tuple[str, int]]:
        """Addresses and ports that its process listens on."""
        (task,) = [task["taskArn"].rpartition("/")[2] for task in self.tasks()]
        home = str(self.around.box.root / "tasks" / task)
        (process,) = [
            process
            for process in psutil.process_iter(["cmdline"])
            if "class Prefixed" in " ".join(process.info["cmdline"] or ())
            and process.environ()["HOME"] == home
        ]
        return [
            (connection.laddr.ip, connection.laddr.port)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]

    def direct(self) -> str:
        """Its own port, which the load balancer and the application's name lead to."""
        (port,) = [port for address, port in self.listening() if address == "127.0.0.1"]
        return f"http://127.0.0.1:{port}"

    def roll(self) -> str:
        """Let a new task take the old one's place; the new one's ARN."""
        (old,) = [task["taskArn"] for task in self.tasks()]
        self.around.aws("ecs").update_service(
            cluster=self.around.cluster, service="knowledgeweaver-phoenix", forceNewDeployment=True
        )

        def replaced() -> bool:
            now = [task["taskArn"] for task in self.tasks()]
            return len(now) == 1 and old not in now

        wait(replaced, self.tasks)
        self.serving()
        return str(self.tasks()[0]["taskArn"])


def wait(there: Callable[[], bool], say: Callable[[], object]) -> None:
    end = time.monotonic() + 180
    while not there():
        assert time.monotonic() < end, say()
        time.sleep(0.3)


#: What any program does that sends traces, with the exporter that Phoenix's own environment has.
SEND = """
import sys
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
url, key, name = sys.argv[1:]
exporter = OTLPSpanExporter(url, headers={"Authorization": f"Bearer {key}"})
provider = TracerProvider(resource=Resource({"openinference.project.name": "knowledgeweaver"}))
provider.add_span_processor(SimpleSpanProcessor(exporter))
provider.get_tracer("test").start_span(name).end()
provider.shutdown()
"""


def send(url: str, name: str) -> None:
    """Send one span with this name."""
    python = str(locate("phoenix-python"))
    arguments = [url, SECRET["admin_secret"], name]
    subprocess.run([python, "-c", SEND, *arguments], check=True, timeout=60, capture_output=True)


def sent(url: str) -> list[str]:
    """Names of the spans that Phoenix has."""
    answer = httpx.get(f"{url}/v1/projects/knowledgeweaver/spans", headers=BEARER, timeout=60)
    return [one["name"] for one in answer.json()["data"]] if answer.status_code == 200 else []
