"""Keeps a Neo4j server running for each EC2 instance of the estate that carries one.

An instance tagged ``Component=neo4j`` that runs and has a volume with the same tag attached gets
the server: its data lies in the volume's folder, so it outlives a replaced instance. The password
is in the secret that the instance's user data names in a line ``NEO4J_SECRET_ID=<arn or name>``.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import threading
import time
from pathlib import Path
from typing import Any

from moto.ec2.models.instances import Instance

from pipeline.errors import Failure
from sandbox.ecs.backends import Backends
from sandbox.ecs.environment import SecretUnavailable, resolve
from sandbox.neo4j.server import Neo4jServer
from sandbox.neo4j.snapshots import Snapshots
from sandbox.ports import free_port

LOOK = 0.3  # seconds between two looks at the instances
PORT = 7687
IMPAIRED = {"Details": [{"Name": "reachability", "Status": "failed"}], "Status": "impaired"}

log = logging.getLogger(__name__)


class Neo4jInstances:
    """Follows the estate's instances; one thread starts and stops the servers."""

    def __init__(self, folder: Path, backends: Backends, lib: Path | None = None) -> None:
        self._folder, self._backends, self._lib = folder, backends, lib
        self._servers: dict[str, tuple[str, Neo4jServer]] = {}  # instance -> (volume, server)
        self._crashed: set[str] = set()
        self._retry: dict[str, float] = {}
        self._bolt: dict[str, int] = {}
        self._snapshots = Snapshots(folder, self._running)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neo4j", daemon=True)
        self._status: Any = None

    def start(self) -> None:
        self._status = _moto_instance().instance_status
        _moto_instance().instance_status = property(self._instance_status)
        self._snapshots.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop every server; their data stays."""
        self._ended.set()
        self._thread.join(60)
        self._snapshots.stop()
        if self._status is not None:
            _moto_instance().instance_status = self._status

    def addresses(self) -> dict[str, str]:
        """``private ip:7687`` of each instance, and where it answers on this machine."""
        return {
            f"{instance.private_ip}:{PORT}": f"127.0.0.1:{self._port(instance.id)}"
            for instance in self._wanted()
        }

    def processes(self) -> dict[str, int]:
        """Process id of the server of each instance that has one."""
        found = list(self._servers.items())
        servers = [(identity, server.process_id) for identity, (_, server) in found]
        return {identity: number for identity, number in servers if number is not None}

    def _running(self, volume: str) -> int | None:
        """Process id of the server whose data are on a volume."""
        for kept, server in list(self._servers.values()):
            if kept == volume:
                return server.process_id
        return None

    def _wanted(self) -> list[Any]:
        return [
            instance
            for instance in self._backends.instances()
            if self._backends.tags(instance.id).get("Component") == "neo4j"
            and instance.state == "running"
        ]

    def _port(self, instance: str) -> int:
        known = self._bolt.get(instance)
        # the thread and whoever starts a task may ask at once: the first answer stands for both
        return known or self._bolt.setdefault(instance, free_port())

    def _instance_status(self, instance: Any) -> Any:
        """DescribeInstanceStatus says impaired when the server died under a running instance."""
        if instance.id in self._crashed and instance.state == "running":
            return IMPAIRED
        return self._status.fget(instance)

    def _run(self) -> None:
        while not self._ended.wait(LOOK):
            try:
                self._step()
            except Exception:
                log.exception("neo4j: looking at the instances failed")
        for _, server in self._servers.values():
            server.stop()

    def _step(self) -> None:
        wanted = {}
        for instance in self._wanted():
            if volume := self._volume(instance):
                wanted[instance.id] = (volume, instance)
        for identity, (volume, server) in list(self._servers.items()):
            if wanted.get(identity, ("",))[0] != volume:
                server.stop()
                del self._servers[identity]
                self._crashed.discard(identity)
            elif not server.alive():
                self._crashed.add(identity)
        for identity, (volume, instance) in wanted.items():
            if identity not in self._servers and time.monotonic() >= self._retry.get(identity, 0):
                self._begin(identity, volume, instance)

    def _begin(self, identity: str, volume: str, instance: Any) -> None:
        try:
            password = _password(instance, self._backends)
        except SecretUnavailable:
            self._retry[identity] = time.monotonic() + 1  # the secret's value may come later
            return
        made_from = self._backends.ec2.volumes[volume].snapshot_id
        self._snapshots.fill(volume, made_from)
        server = Neo4jServer(self._folder / volume, self._port(identity), password, self._lib)
        try:
            server.start()
        except Failure as problem:
            log.error("neo4j: %s", problem)
            self._crashed.add(identity)
            self._retry[identity] = time.monotonic() + 30
            return
        self._crashed.discard(identity)
        self._servers[identity] = (volume, server)

    def _volume(self, instance: Any) -> str:
        """The attached data volume, or nothing while there is none."""
        for volume in list(self._backends.ec2.volumes.values()):
            attachment = volume.attachment
            mine = attachment is not None and attachment.instance.id == instance.id
            if mine and self._backends.tags(volume.id).get("Component") == "neo4j":
                return str(volume.id)
        return ""


def _moto_instance() -> Any:
    """moto's class, whose property is replaced while the servers are followed."""
    return Instance


def secret_id(user_data: str) -> str:
    """The secret named in user data, given plain or in base64; empty when there is none."""
    try:
        text = base64.b64decode(user_data, validate=True).decode()
    except (binascii.Error, ValueError):
        text = user_data
    match = re.search(r"NEO4J_SECRET_ID=[\"']?([^\s\"']+)", text)
    return match.group(1) if match else ""


def _password(instance: Any, backends: Backends) -> str:
    """The password of the secret; it is JSON with ``password``, or the bare text."""
    identity = secret_id(_text(instance.user_data))
    if not identity:
        raise SecretUnavailable("", "user data names no NEO4J_SECRET_ID")
    if not identity.startswith("arn:"):
        identity = str(backends.secrets.describe_secret(identity).arn)
    text = resolve(identity, backends)
    try:
        return str(json.loads(text)["password"])
    except (ValueError, KeyError, TypeError):
        return text


def _text(user_data: Any) -> str:
    return user_data.decode() if isinstance(user_data, bytes) else str(user_data or "")
