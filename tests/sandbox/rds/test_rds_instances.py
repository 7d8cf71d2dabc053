"""A database of the estate that does not come up, and one that takes its time with a password."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context
from sandbox.aws.gaps.rds import describe
from sandbox.ecs.backends import Backends
from sandbox.layout import ACCOUNT
from sandbox.ports import free_port
from sandbox.rds import instances as module
from sandbox.rds.instances import PostgresInstances
from tests.waiting import until

#: Not that of the sandbox: an estate of other tests in this process would begin its own server.
REGION = "eu-central-1"


class Slow:
    """A server one of whose programs takes too long: while it starts, or when it is told."""

    made: list[Slow]
    slow_start: bool

    def __init__(self, _home: Path) -> None:
        self.port, self.process_id, self.stopped = free_port(), 1, False
        self.made.append(self)

    def start(self) -> None:
        if self.slow_start:
            raise subprocess.TimeoutExpired("psql", 60)

    def master(self, *_given: str) -> None:
        raise subprocess.TimeoutExpired("psql", 60)

    def alive(self) -> bool:
        return not self.stopped

    def stop(self) -> None:
        self.stopped = True


class Thoughtful(Slow):
    """A server that takes its first password at once and the next one when it may."""

    told = 0
    may = threading.Event()

    def start(self) -> None:
        """It runs."""

    def master(self, *_given: str) -> None:
        type(self).told += 1
        if self.told > 1:
            assert self.may.wait(60)


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with mock_aws():
        yield boto3.client("rds", REGION)


@pytest.mark.parametrize("slow_start", [True, False])
def test_a_server_that_is_too_slow_is_stopped_and_begun_again(
    rds: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_start: bool
) -> None:
    monkeypatch.setattr(Slow, "made", [], raising=False)
    monkeypatch.setattr(Slow, "slow_start", slow_start, raising=False)
    monkeypatch.setattr(module, "PostgresServer", Slow)
    monkeypatch.setattr(module, "RETRY", 0.0)
    rds.create_db_instance(
        DBInstanceIdentifier="slow",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="one",
        MasterUserPassword="a-long-password",
        Port=(port := free_port()),
    )
    databases = PostgresInstances(tmp_path / "rds", Backends(ACCOUNT, REGION))
    databases.start()
    try:
        until(lambda: len(Slow.made) > 1, 30)
    finally:
        databases.stop()
    assert all(server.stopped for server in Slow.made)
    assert databases.processes() == {}
    with socket.create_server(("127.0.0.1", port)):
        pass  # nothing listens there any more


def test_a_changed_password_is_pending_until_the_server_has_it(
    rds: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Thoughtful, "made", [], raising=False)
    monkeypatch.setattr(module, "PostgresServer", Thoughtful)

    def pending() -> dict[str, str]:
        answer = {"DBInstances": [{"DBInstanceIdentifier": "one"}]}
        call = cast("Call", SimpleNamespace(region=REGION))
        describe(call, answer, Context(tmp_path, ACCOUNT, REGION))
        return cast("dict[str, str]", answer["DBInstances"][0].get("PendingModifiedValues", {}))

    databases = PostgresInstances(tmp_path / "rds", Backends(ACCOUNT, REGION))
    databases.start()  # from here on, who asks for no port gets a free one
    try:
        rds.create_db_instance(
            DBInstanceIdentifier="one",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="one",
            MasterUserPassword="a-long-password",
        )
        until(lambda: databases.processes())
        rds.modify_db_instance(DBInstanceIdentifier="one", MasterUserPassword="another-password")
        assert pending() == {"MasterUserPassword": "****"}
        Thoughtful.may.set()
        until(lambda: pending() == {})
    finally:
        Thoughtful.may.set()
        databases.stop()
