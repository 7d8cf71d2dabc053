"""A graph store whose instance is replaced by real Terraform keeps its data and its address."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from neo4j import GraphDatabase

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import client
from tests.terraform.test_validations import example, root, terraform

pytestmark = pytest.mark.slow

PASSWORD = "password-of-the-graph-store"
PROTECTED = "{ protection = true }"


def until(find: Callable[[], str | None], seconds: float = 90) -> str:
    end = time.monotonic() + seconds
    while (found := find()) is None:
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.3)
    return found


def inputs(box: Sandbox) -> dict[str, str]:
    """What the module needs around it, made by hand: a network, a secret, a ceiling."""
    ec2, secrets = client("ec2", box.aws_url), client("secretsmanager", box.aws_url)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zone = f"{REGION}a"
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=zone)
    group = ec2.create_security_group(VpcId=vpc, GroupName="tasks", Description="tasks")
    login = json.dumps({"username": "neo4j", "password": PASSWORD})
    secret = secrets.create_secret(Name="replaced/neo4j", SecretString=login)["ARN"]
    policy = client("iam", box.aws_url).create_policy(
        PolicyName="replaced",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            }
        ),
    )["Policy"]["Arn"]
    network = {
        "vpc_id": vpc,
        "subnet_id": subnet["Subnet"]["SubnetId"],
        "subnet_cidr": "10.0.2.0/24",
        "zone": zone,
    }
    own = {
        "name": "knowledgeweaver-replaced",
        "ami": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        "network": network,
        "client_security_group_id": group["GroupId"],
        "secret": {"arn": secret, "pattern": f"{secret[:-6]}??????"},
        "permissions_boundary": policy,
    }
    assert ACCOUNT in secret
    return {
        **example("modules/neo4j"),
        **{name: json.dumps(value) for name, value in own.items()},
        "instance": PROTECTED,
    }


def store(box: Sandbox, volume: str) -> str | None:
    """Where the sandbox's Neo4j of a volume answers, or None while it does not."""
    conf = box.root / "neo4j" / volume / "conf" / "neo4j.conf"
    if not conf.exists():
        return None
    [port] = re.findall(r"^server.bolt.listen_address=127.0.0.1:(\d+)$", conf.read_text(), re.M)
    address = f"bolt://127.0.0.1:{port}"
    with GraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        try:
            driver.verify_connectivity()
        except Exception:
            return None
    return address


def ask(address: str, query: str) -> list[Any]:
    with GraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        return [record.values()[0] for record in driver.execute_query(query)[0]]


def test_a_replaced_instance_keeps_volume_data_and_address(box: Sandbox, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        return terraform(tmp_path, *arguments, url=box.aws_url)

    def now() -> dict[str, str]:
        outputs = json.loads(run("output", "-json"))
        return {name: outputs["it"]["value"][name] for name in ("instance_id", "volume_id")}

    root(tmp_path, [("modules/neo4j", inputs(box))])
    main = tmp_path / "main.tf"
    main.write_text(main.read_text() + 'output "it" {\n  value = module.m0\n}\n')
    run("apply", "-auto-approve")
    before = now()
    ec2 = client("ec2", box.aws_url)
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[before["instance_id"]])
    address = until(lambda: store(box, before["volume_id"]))
    ask(address, "CREATE (:Fact {text: 'kept'})")

    text = main.read_text()
    main.write_text(text.replace(PROTECTED, PROTECTED + '\n  release = "5.26.31"'))
    told = run("apply", "-auto-approve")
    steps = re.findall(r"^module\.m0\.(\S+): (Destroying|Creating)\.\.\.", told, re.M)
    assert steps == [
        ("aws_volume_attachment.data", "Destroying"),
        ("aws_instance.this", "Destroying"),
        ("aws_instance.this", "Creating"),
        ("aws_volume_attachment.data", "Creating"),
    ]
    after = now()
    assert after["volume_id"] == before["volume_id"]
    assert after["instance_id"] != before["instance_id"]
    [instance] = ec2.describe_instances(InstanceIds=[after["instance_id"]])["Reservations"][0][
        "Instances"
    ]
    assert instance["PrivateIpAddress"] == "10.0.2.10"
    address = until(lambda: store(box, after["volume_id"]))
    assert ask(address, "MATCH (f:Fact) RETURN f.text") == ["kept"]
    assert "No changes." in run("plan")
