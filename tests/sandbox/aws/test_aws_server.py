"""The server around moto: faults, unknown calls, saved state, and the processes it lives in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError

from sandbox.aws.gaps import Context
from sandbox.aws.saving import Gate, Saver
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, ADMIN_KEY, ADMIN_SECRET, REGION, Layout
from sandbox.ports import free_port
from tests.sandbox.aws.answers import Aws
from tests.sandbox.aws.conftest import _clients

BUCKET = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}


@pytest.fixture
def faults(box: Sandbox) -> Iterator[Callable[..., None]]:
    address = f"{box.aws_url}/_sandbox/faults"

    def add(call: str, kind: str, **more: Any) -> None:
        assert httpx.post(address, json={"call": call, "kind": kind, **more}).status_code == 201

    yield add
    httpx.delete(address)


def codes(work: Callable[[], Any], times: int) -> list[str]:
    found = []
    for _ in range(times):
        try:
            work()
            found.append("ok")
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
    return found


def test_the_next_calls_are_throttled_and_then_no_more(
    aws: Aws, faults: Callable[..., None]
) -> None:
    faults("ecs:List*", "throttle", count=2)
    assert codes(aws("ecs").list_clusters, 3) == ["ThrottlingException"] * 2 + ["ok"]


def test_a_fault_hits_only_the_calls_it_names(aws: Aws, faults: Callable[..., None]) -> None:
    faults("ecs:ListClusters", "error")
    assert codes(aws("ecr").describe_repositories, 1) == ["ok"]
    assert codes(aws("ecs").list_clusters, 2) == ["ServiceUnavailable", "ok"]


def test_every_second_call_fails_half_the_time(aws: Aws, faults: Callable[..., None]) -> None:
    faults("ecs:ListClusters", "half", count=9)
    found = codes(aws("ecs").list_clusters, 4)
    assert found in (["ServiceUnavailable", "ok"] * 2, ["ok", "ServiceUnavailable"] * 2)


def invocation(client: Any, name: str) -> Any:
    """The client, whose calls all say that they are this invocation."""

    def mark(request: Any, **_: Any) -> None:
        del request.headers["amz-sdk-invocation-id"]
        request.headers["amz-sdk-invocation-id"] = name

    client.meta.events.register("before-send.*", mark)
    return client


def test_a_call_that_comes_again_gets_the_answer_it_had(aws: Aws) -> None:
    iam = invocation(aws("iam"), "one")
    allowed = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    policy = {"PolicyName": "made-once", "PolicyDocument": document}
    first = iam.create_policy(**policy)["Policy"]
    assert iam.create_policy(**policy)["Policy"] == first
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        invocation(aws("iam"), "another").create_policy(**policy)


def test_a_call_that_comes_again_after_an_error_is_tried_again(aws: Aws) -> None:
    sns = invocation(aws("sns"), "two")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:made-meanwhile"
    with pytest.raises(ClientError, match="NotFound"):
        sns.publish(TopicArn=arn, Message="x")
    aws("sns").create_topic(Name="made-meanwhile")
    assert sns.publish(TopicArn=arn, Message="x")["MessageId"]


def test_a_slow_call_is_slow_and_right(aws: Aws, faults: Callable[..., None]) -> None:
    faults("ecs:ListClusters", "slow", seconds=0.3)
    started = time.monotonic()
    assert codes(aws("ecs").list_clusters, 1) == ["ok"]
    assert time.monotonic() - started >= 0.3


def test_a_fault_with_a_typing_error_is_refused(box: Sandbox) -> None:
    answer = httpx.post(f"{box.aws_url}/_sandbox/faults", json={"call": "ecs:*", "kind": "odd"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("service", "operation", "given", "expected"),
    [
        ("xray", "get_groups", {}, "UnknownOperationException"),
        ("ec2", "describe_trunk_interface_associations", {}, "InvalidAction"),
        ("elasticache", "describe_events", {}, "InvalidAction"),
        ("ecs", "list_service_deployments", {"service": "x"}, "UnknownOperationException"),
    ],
)
def test_what_nobody_implements_is_refused_at_once_and_counted(
    aws: Aws, box: Sandbox, service: str, operation: str, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws(service), operation)(**given)
    answer = refused.value.response
    assert answer["Error"]["Code"] == expected
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    counted = httpx.get(f"{box.aws_url}/_sandbox/unknown").json()
    assert any(name.startswith(f"{service}:") for name in counted)


def test_large_objects_and_presigned_addresses_pass_the_door(aws: Aws) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="large-things", **BUCKET)
    body = os.urandom(3_000_000)
    s3.put_object(Bucket="large-things", Key="a b/ü.bin", Body=body)
    given = {"Bucket": "large-things", "Key": "a b/ü.bin"}
    assert s3.get_object(**given)["Body"].read() == body
    assert httpx.get(s3.generate_presigned_url("get_object", Params=given)).content == body
    assert httpx.get(f"{s3.meta.endpoint_url}/large-things/a").status_code == 403


def test_who_waits_with_a_body_is_asked_for_it(box: Sandbox) -> None:
    host, _, port = box.aws_url.removeprefix("http://").partition(":")
    head = (
        "PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(head.encode())
        assert client.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"body")
        assert b" 403 " in client.recv(1 << 16).partition(b"\r\n")[0]


def test_state_survives_a_restart_at_the_same_address(tmp_path: Path) -> None:
    first = Sandbox.start(tmp_path, only=["aws"])
    client = _clients(first.aws_url)
    client("s3").create_bucket(Bucket="kept-for-long", **BUCKET)
    client("s3").put_object(Bucket="kept-for-long", Key="x", Body=b"still here")
    key = client("kms").create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")
    mac = {"KeyId": key["KeyMetadata"]["KeyId"], "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    before = client("kms").generate_mac(**mac)["Mac"]
    client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    client("acm").request_certificate(DomainName="kept.example.com")
    client("cloudwatch").put_composite_alarm(AlarmName="kept", AlarmRule="ALARM(a)")
    for name in ("a", "b"):
        client("sqs").create_queue(QueueName=name, tags={"x": "y"})
    page = client("resourcegroupstaggingapi").get_resources(ResourcesPerPage=1)
    assert page["PaginationToken"]  # a listing that nobody has read to its end
    first.stop()
    with Sandbox.start(tmp_path, only=["aws"]) as second:
        assert second.aws_url == first.aws_url
        found = client("s3").get_object(Bucket="kept-for-long", Key="x")["Body"].read()
        assert found == b"still here"
        assert client("kms").generate_mac(**mac)["Mac"] == before
        kinds = ["CompositeAlarm"]
        alarms = client("cloudwatch").describe_alarms(AlarmTypes=kinds)["CompositeAlarms"]
        assert [alarm["AlarmName"] for alarm in alarms] == ["kept"]
        certificates = client("acm").list_certificates()["CertificateSummaryList"]
        assert [one["DomainName"] for one in certificates] == ["kept.example.com"]
        httpx.post(f"{second.aws_url}/_sandbox/reset")
        assert client("s3").list_buckets()["Buckets"] == []


def test_a_state_that_cannot_be_read_is_kept_aside(tmp_path: Path) -> None:
    saver = Saver(Context(tmp_path, ACCOUNT, REGION), Gate())
    assert saver.restore() is False
    saver.path.write_bytes(b"no state at all")
    assert saver.restore() is False
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"no state at all"]
    assert not saver.path.exists()


def test_nothing_is_saved_while_a_call_is_under_way(tmp_path: Path) -> None:
    saver = Saver(Context(tmp_path, ACCOUNT, REGION), Gate())
    with saver.gate.call(changes=True):
        assert saver.save() is False
    assert saver.save() is True
    assert saver.path.exists()


def test_whoever_waits_for_messages_does_not_keep_the_state_from_being_saved(
    tmp_path: Path,
) -> None:
    with Sandbox.start(tmp_path, only=["aws"]) as box:
        client = _clients(box.aws_url)
        url = client("sqs").create_queue(QueueName="quiet")["QueueUrl"]
        waits = Thread(
            target=client("sqs").receive_message, kwargs={"QueueUrl": url, "WaitTimeSeconds": 20}
        )
        waits.start()
        time.sleep(0.5)
        client("s3").create_bucket(Bucket="made-meanwhile", **BUCKET)
        made = time.time()
        while not any(p.stat().st_mtime > made for p in tmp_path.rglob("moto-*.pickle.gz")):
            assert waits.is_alive(), "saved only when nobody waited any more"
            time.sleep(0.1)
        client("sqs").send_message(QueueUrl=url, MessageBody="go")
        waits.join(60)


def test_killing_the_supervisor_leaves_no_process(tmp_path: Path) -> None:
    box = Sandbox.start(tmp_path, only=["aws"])
    os.kill(box.pids["supervisor"], signal.SIGKILL)
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in box.pids.values() if psutil.pid_exists(pid)], timeout=60
    )
    assert not alive
    assert Sandbox.find(tmp_path) is None


def shell(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *arguments, "--dir", str(root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_command_line_tells_up_from_down(tmp_path: Path) -> None:
    assert shell("status", root=tmp_path).returncode == 1
    assert "not running" in shell("env", root=tmp_path).stderr
    assert shell("up", "--only", "aws", root=tmp_path).returncode == 0
    again = shell("up", "--only", "aws", root=tmp_path)
    assert (again.returncode, "already up" in again.stdout) == (0, True)
    lines = shell("env", root=tmp_path).stdout
    assert f"export AWS_ACCESS_KEY_ID={ADMIN_KEY}" in lines
    assert ADMIN_SECRET in lines
    assert shell("status", "--json", root=tmp_path).returncode == 0
    assert shell("down", root=tmp_path).returncode == 0
    assert shell("down", root=tmp_path).returncode == 0
    assert not Layout(tmp_path).endpoints.exists()


def test_a_taken_port_is_answered_with_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in (port, 0)
    assert free_port(port) == port
