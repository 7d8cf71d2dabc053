"""The real Neo4j follows the estate's instance; its data follows the volume."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from neo4j import GraphDatabase

from sandbox.ecs.backends import Backends
from sandbox.layout import ACCOUNT
from sandbox.neo4j.instances import Neo4jInstances
from tests.waiting import until

#: Not that of the sandbox: an estate of other tests in this process would begin its own server.
REGION = "eu-central-1"
PASSWORD = "graph-password-of-the-test"
TAGS = [{"Key": "Component", "Value": "neo4j"}]


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with mock_aws():
        secrets = boto3.client("secretsmanager", REGION)
        secrets.create_secret(
            Name="graph", SecretString=f'{{"username": "neo4j", "password": "{PASSWORD}"}}'
        )
        yield boto3.client("ec2", REGION)


def launch(ec2: Any, volume: str) -> tuple[str, str]:
    """An instance as the estate makes it, with the volume attached: its id and private address."""
    instance = ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        UserData="#!/bin/sh\nNEO4J_SECRET_ID=graph\n",
        TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}],
    )["Instances"][0]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance["InstanceId"], Device="/dev/sdf")
    return instance["InstanceId"], instance["PrivateIpAddress"]


def ask(address: str, query: str) -> list[Any]:
    """Run a query as soon as the server answers."""
    with GraphDatabase.driver(f"bolt://{address}", auth=("neo4j", PASSWORD)) as driver:

        def answers() -> bool:
            try:
                driver.verify_connectivity()
            except Exception:
                return False
            return True

        until(answers)
        records, _, _ = driver.execute_query(query)
        return [record.data() for record in records]


@pytest.mark.slow
def test_data_outlives_the_instance_and_a_crash_is_to_be_seen(ec2: Any, tmp_path: Path) -> None:
    volume = ec2.create_volume(
        AvailabilityZone=f"{REGION}a",
        Size=10,
        TagSpecifications=[{"ResourceType": "volume", "Tags": TAGS}],
    )["VolumeId"]
    instances = Neo4jInstances(tmp_path, Backends(ACCOUNT, REGION))
    instances.start()
    try:
        first, ip = launch(ec2, volume)
        address = instances.addresses()[f"{ip}:7687"]
        ask(address, "CREATE (:Fact {text: 'kept'})")

        ec2.terminate_instances(InstanceIds=[first])
        assert instances.addresses() == {}
        until(lambda: instances.processes() == {})
        assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available"
        second, ip = launch(ec2, volume)
        address = instances.addresses()[f"{ip}:7687"]
        assert ask(address, "MATCH (f:Fact) RETURN f.text AS text") == [{"text": "kept"}]

        assert status(ec2, second) == "ok"
        os.killpg(instances.processes()[second], signal.SIGKILL)
        until(lambda: status(ec2, second) == "impaired")

        ec2.stop_instances(InstanceIds=[second])
        until(lambda: instances.processes() == {})
        ec2.start_instances(InstanceIds=[second])
        address = next(iter(instances.addresses().values()))
        assert ask(address, "MATCH (f:Fact) RETURN count(f) AS n") == [{"n": 1}]
        assert status(ec2, second) == "ok"
        left = list(instances.processes().values())
    finally:
        instances.stop()
    assert left
    assert not any(Path(f"/proc/{number}").exists() for number in left)
    written = [path.read_bytes() for path in tmp_path.rglob("logs/*") if path.is_file()]
    assert written
    assert not any(PASSWORD.encode() in data for data in written)


@pytest.mark.slow
def test_a_snapshot_holds_the_data_of_its_moment(ec2: Any, tmp_path: Path) -> None:
    tagged = [{"ResourceType": "volume", "Tags": TAGS}]
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=10, TagSpecifications=tagged)
    instances = Neo4jInstances(tmp_path, Backends(ACCOUNT, REGION))
    instances.start()
    try:
        first, ip = launch(ec2, volume["VolumeId"])
        address = instances.addresses()[f"{ip}:7687"]
        ask(address, "CREATE (:Fact {text: 'before'})")
        snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"])["SnapshotId"]
        ask(address, "CREATE (:Fact {text: 'after'})")  # the server goes on

        ec2.terminate_instances(InstanceIds=[first])
        restored = ec2.create_volume(
            AvailabilityZone=f"{REGION}a", SnapshotId=snapshot, TagSpecifications=tagged
        )
        _, ip = launch(ec2, restored["VolumeId"])
        address = instances.addresses()[f"{ip}:7687"]
        assert ask(address, "MATCH (f:Fact) RETURN f.text AS text") == [{"text": "before"}]
    finally:
        instances.stop()


def test_who_asks_for_an_address_at_the_same_time_is_told_the_same(
    ec2: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=10)["VolumeId"]
    launch(ec2, volume)
    instances = Neo4jInstances(tmp_path, Backends(ACCOUNT, REGION))
    ports, told = iter((20001, 20002)), []

    def while_another_asks() -> int:
        port = next(ports)
        if port == 20001:
            told.append(instances.addresses())
        return port

    monkeypatch.setattr("sandbox.neo4j.instances.free_port", while_another_asks)
    told.append(instances.addresses())
    assert told[0] == told[1] == instances.addresses()


def status(ec2: Any, instance: str) -> str:
    answer = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
    return str(answer[0]["InstanceStatus"]["Status"])
