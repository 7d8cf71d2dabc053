"""A small estate for the data plane's tests: cluster, network and load balancer of a tiny app."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
from ecs_app import image, tiny_app

from sandbox.aws.gaps import Context
from sandbox.aws.server import AwsServer
from sandbox.ecs.plane import DataPlane
from sandbox.layout import ACCOUNT, ADMIN_KEY, ADMIN_SECRET, REGION
from sandbox.ports import free_port
from tests.registry import DOCKER, log_in

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


class Estate:
    """Clients and the names of what stands around a service."""

    def __init__(self, state: Path, url: str, plane: DataPlane) -> None:
        self.state, self.url, self.plane = state, url, plane
        self.environment = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": ADMIN_KEY,
            "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
            "AWS_REGION": REGION,
            "SANDBOX_DIR": str(state),
            "SANDBOX_PYTHON": sys.executable,
            "PATH": "/usr/bin:/bin",
        }
        self.ecs, self.ec2 = self.client("ecs"), self.client("ec2")
        self.elb, self.logs = self.client("elbv2"), self.client("logs")
        self.secrets = self.client("secretsmanager")
        self.names = 0
        vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.vpc = vpc
        self.subnets = [
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"]
            for n in range(2)
        ]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        self.group = self.ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)[
            "GroupId"
        ]
        self.ecs.create_cluster(clusterName="c")
        self.client("ecr").create_repository(repositoryName="tiny", imageTagMutability="IMMUTABLE")
        self.logs.create_log_group(logGroupName="/ecs/tiny")
        log_in(self.client("ecr"), self.environment)
        context = tiny_app(state / "context")
        for version in ("one", "two"):
            self.docker("build", "--build-arg", f"VERSION={version}", "-t", image(version), context)
            self.docker("push", image(version))

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ADMIN_KEY,
            aws_secret_access_key=ADMIN_SECRET,
        )

    def docker(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(DOCKER), *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}-{self.names}"

    def balancer(self) -> tuple[str, str, str]:
        """A load balancer with one listener: URL, target group ARN, load balancer ARN."""
        name = self.name("lb")
        balancer = self.elb.create_load_balancer(Name=name, Subnets=self.subnets)["LoadBalancers"][
            0
        ]
        target = self.elb.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8000,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=10,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elb.modify_target_group_attributes(
            TargetGroupArn=target,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
        )
        self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
        )
        return f"http://{balancer['DNSName']}", target, balancer["LoadBalancerArn"]

    def restart(self) -> None:
        """Let the data plane go down with everything it runs, and come up again."""
        self.plane.stop()
        self.plane = DataPlane(self.state, ACCOUNT, REGION, endpoint=self.url)
        self.plane.start()

    def definition(self, version: str = "one", task_role: str = "", **container: Any) -> str:
        """Register a task definition; its ARN."""
        body = {
            "name": "api",
            "image": image(version),
            "portMappings": [{"containerPort": 8000}],
            "stopTimeout": 5,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/tiny",
                    "awslogs-region": REGION,
                    "awslogs-stream-prefix": "api",
                },
            },
            **container,
        }
        return str(
            self.ecs.register_task_definition(
                family="tiny",
                networkMode="awsvpc",
                requiresCompatibilities=["FARGATE"],
                cpu="256",
                memory="512",
                containerDefinitions=[body],
                **({"taskRoleArn": task_role} if task_role else {}),
            )["taskDefinition"]["taskDefinitionArn"]
        )

    def service(self, definition: str, target: str = "", **more: Any) -> str:
        """Create a service; its name."""
        name = self.name("svc")
        if target:
            more["loadBalancers"] = [
                {"targetGroupArn": target, "containerName": "api", "containerPort": 8000}
            ]
        more.setdefault("desiredCount", 1)
        if "capacityProviderStrategy" not in more:
            more["launchType"] = "FARGATE"
        self.ecs.create_service(
            cluster="c",
            serviceName=name,
            taskDefinition=definition,
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.group]}
            },
            **more,
        )
        return name

    def update(self, name: str, **changes: Any) -> None:
        self.ecs.update_service(cluster="c", service=name, **changes)

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster="c", services=[name])["services"][0])

    def primary(self, name: str) -> dict[str, Any]:
        deployments = self.describe(name)["deployments"]
        return dict(next(d for d in deployments if d["status"] == "PRIMARY"))

    def completed(self, name: str, definition: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until the deployment of this task definition is complete and alone."""

        def there() -> bool:
            found = self.describe(name)["deployments"]
            return (
                len(found) == 1
                and found[0]["taskDefinition"] == definition
                and found[0]["rolloutState"] == "COMPLETED"
            )

        wait(there, seconds, lambda: str(self.describe(name)))
        return self.describe(name)

    def tasks(self, name: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="c", serviceName=name, desiredStatus=status)["taskArns"]
        return list(self.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]) if arns else []

    def on_spot(self, name: str) -> int:
        """How many of its tasks run on Fargate Spot."""
        return [t.get("capacityProviderName") for t in self.tasks(name)].count("FARGATE_SPOT")

    def events(self, name: str) -> list[str]:
        """Oldest first."""
        return [event["message"] for event in reversed(self.describe(name)["events"])]

    def remove(self, name: str) -> None:
        self.ecs.delete_service(cluster="c", service=name, force=True)
        wait(lambda: self.describe(name)["status"] == "INACTIVE", 20)


def wait(
    condition: Callable[[], bool], seconds: float, say: Callable[[], str] = lambda: ""
) -> None:
    """Wait for a condition; fail with what is to be seen otherwise.

    ``seconds`` are those of an idle machine; a busy one has four times as many, and a minute.
    """
    end = time.monotonic() + max(4 * seconds, 60)
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {say()}")
        time.sleep(0.1)


@contextmanager
def calling(url: str, clients: int = 2) -> Iterator[list[int]]:
    """Call a URL all the while from several clients; every status (0: no answer) is noted."""
    statuses: list[int] = []
    ended = threading.Event()

    def call() -> None:
        with httpx.Client(timeout=10) as client:
            while not ended.is_set():
                try:
                    statuses.append(client.get(url).status_code)
                except httpx.HTTPError:
                    statuses.append(0)
                time.sleep(0.005)

    threads = [threading.Thread(target=call) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        ended.set()
        for thread in threads:
            thread.join(15)


@contextmanager
def running_estate(state: Path) -> Iterator[Estate]:
    """An emulated AWS with the data plane, in this process."""
    (state / "aws").mkdir(parents=True)
    server = AwsServer(Context(state / "aws", ACCOUNT, REGION, ""), free_port())
    server.restore()
    plane = DataPlane(state, ACCOUNT, REGION, endpoint=server.url)
    plane.start()
    server.start()
    estate = Estate(state, server.url, plane)
    try:
        yield estate
    finally:
        estate.plane.stop()
        server.stop()
