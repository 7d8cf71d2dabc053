"""Keeps a PostgreSQL server running for each RDS instance of that engine that is available.

RDS User Guide, "rds.force_ssl": with its value 1, which is the default of PostgreSQL 15 and later,
an instance takes no connection without TLS. The instance's endpoint is a port of the loopback, as a
load balancer's is; its data lies in a folder that goes with the instance.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.rds.models import DBInstance, RDSBackend

from pipeline.errors import Failure
from sandbox.aws.gaps.rds import TAKEN
from sandbox.ecs.backends import Backends
from sandbox.ecs.tls import server_context
from sandbox.ports import free_port
from sandbox.rds.front import Front
from sandbox.rds.server import PostgresServer

LOOK = 0.3  # seconds between two looks at the instances
RETRY = 30.0  # seconds until a server that did not start is tried again

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Running:
    """What runs for one instance, and the password that it was told."""

    server: PostgresServer
    front: Front
    password: str


class PostgresInstances:
    """Follows the estate's databases; one thread starts and stops the servers."""

    def __init__(self, folder: Path, backends: Backends) -> None:
        self._folder, self._backends = folder, backends
        self._running: dict[str, Running] = {}
        self._retry: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rds", daemon=True)
        self._moto: dict[str, Any] = {}

    def start(self) -> None:
        self._moto = {"address": DBInstance.address, "create": RDSBackend.create_db_instance}
        address, create = self._moto["address"], self._moto["create"]
        moto: tuple[Any, Any] = (DBInstance, RDSBackend)
        moto[0].address = property(
            lambda instance: "127.0.0.1" if _ours(instance) else address.fget(instance)
        )
        moto[1].create_db_instance = _with_a_port(create)
        self._thread.start()

    def stop(self) -> None:
        """Stop every server; their data stays."""
        self._ended.set()
        self._thread.join(60)
        moto: tuple[Any, Any] = (DBInstance, RDSBackend)
        moto[0].address, moto[1].create_db_instance = self._moto["address"], self._moto["create"]

    def processes(self) -> dict[str, int]:
        """Process id of the server of each instance that has one."""
        found = {name: running.server.process_id for name, running in self._running.items()}
        return {name: number for name, number in found.items() if number is not None}

    def _run(self) -> None:
        while not self._ended.wait(LOOK):
            try:
                self._step()
            except Exception:
                log.exception("rds: looking at the instances failed")
        for name in list(self._running):
            self._end(name)

    def _step(self) -> None:
        databases = dict(self._backends.rds.databases)
        wanted = {
            name: instance
            for name, instance in databases.items()
            if _ours(instance) and instance.status == "available"
        }
        for name, running in list(self._running.items()):
            if name not in wanted or not running.server.alive():
                self._end(name)
            elif running.password != _password(wanted[name]):
                self._tell(running, wanted[name])
        for name, instance in wanted.items():
            if name not in self._running and time.monotonic() >= self._retry.get(name, 0):
                self._begin(name, instance)
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name not in databases:
                    shutil.rmtree(folder)

    def _begin(self, name: str, instance: Any) -> None:
        server = PostgresServer(self._folder / name)
        try:
            server.start()
            context = server_context(self._folder.parent / "tasks")
            front = Front(int(instance.port), server.port, context, lambda: _tls_only(instance))
            self._running[name] = running = Running(server, front, "")
            self._tell(running, instance)
        except (Failure, OSError, subprocess.SubprocessError) as problem:
            log.error("rds: %s: %s", name, problem)
            if name in self._running:
                self._running.pop(name).front.stop()
            server.stop()
            self._retry[name] = time.monotonic() + RETRY

    def _tell(self, running: Running, instance: Any) -> None:
        password = _password(instance)
        running.server.master(
            str(instance.master_username), password, str(instance.db_name or "postgres")
        )
        running.password = password
        setattr(instance, TAKEN, password)

    def _end(self, name: str) -> None:
        running = self._running.pop(name)
        running.front.stop()
        running.server.stop()


def _ours(instance: Any) -> bool:
    return bool(instance.engine == "postgres" and not instance.db_cluster_identifier)


def _password(instance: Any) -> str:
    """The master password; moto lets nobody read it, as RDS does not, but for its own."""
    return str(instance._master_user_password or "")


def _with_a_port(original: Callable[..., Any]) -> Callable[..., Any]:
    """Where nobody asked for one, each instance has a port of its own on this machine."""

    def create_db_instance(self: RDSBackend, arguments: dict[str, Any]) -> Any:
        instance = original(self, arguments)
        if _ours(instance) and arguments.get("port") is None:
            instance.port = free_port()
        return instance

    return create_db_instance


def _tls_only(instance: Any) -> bool:
    values = [
        group.parameters.get("rds.force_ssl", {}).get("ParameterValue")
        for group in instance.db_parameter_groups()
    ]
    return "0" not in values
