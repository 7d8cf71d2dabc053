"""Cloud Map: names of services inside the network, as ports of this machine.

AWS ("Use service discovery to connect Amazon ECS services with DNS names"): ECS registers each
running task of a service with the service's registry and takes it out when the task stops. Here a
name with a port is a port of the loopback, which is relayed to one of the registered tasks, so it
stays the same while tasks come and go.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import re
import threading
from collections.abc import Iterable, Mapping

from sandbox.ecs.backends import Backends
from sandbox.ecs.records import PlaneTask
from sandbox.ecs.targets import Targets
from sandbox.ports import free_port

CHUNK = 65536


class Names:
    """Keeps the registries true to the running tasks, and relays what is sent to names."""

    def __init__(self, backends: Backends, targets: Targets) -> None:
        self._backends, self._targets = backends, targets
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="names", daemon=True)
        self._ports: dict[tuple[str, int], int] = {}
        self._turn = itertools.count()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def step(self, running: Iterable[tuple[str, str, PlaneTask]]) -> None:
        """Register what runs, given as registry's ARN, service's name and task; drop the rest."""
        wanted: dict[str, dict[str, tuple[str, PlaneTask]]] = {}
        for registry, service, task in running:
            wanted.setdefault(registry, {})[str(task.id)] = (service, task)
        cloud_map = self._backends.cloud_map
        for known in list(cloud_map.services.values()):
            tasks = wanted.get(known.arn, {})
            there = {
                instance.instance_id
                for instance in known.instances
                if "ECS_SERVICE_NAME" in instance.attributes  # people register others
            }
            for identity in there - set(tasks):
                cloud_map.deregister_instance(known.id, identity)
            for identity in set(tasks) - there:
                service, task = tasks[identity]
                attributes = {
                    "AWS_INSTANCE_IPV4": task.private_ip,
                    "ECS_SERVICE_NAME": service,
                    "REGION": self._backends.region,
                }
                cloud_map.register_instance(known.id, identity, None, attributes)

    def translate(self, values: Mapping[str, str]) -> dict[str, str]:
        """Replace ``name:port`` of known names by where that answers on this machine."""
        result = dict(values)
        for name in self._known():
            pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}:(\d+)")
            here = functools.partial(self._here, name)
            result = {key: pattern.sub(here, value) for key, value in result.items()}
        return result

    def _here(self, name: str, match: re.Match[str]) -> str:
        return f"127.0.0.1:{self._local(name, int(match[1]))}"

    def _known(self) -> dict[str, str]:
        """Full names, and the ids of the Cloud Map services behind them."""
        cloud_map = self._backends.cloud_map
        return {
            f"{service.name}.{cloud_map.namespaces[service.namespace_id].name}": service.id
            for service in list(cloud_map.services.values())
            if service.namespace_id in cloud_map.namespaces
        }

    def _local(self, name: str, port: int) -> int:
        if (name, port) not in self._ports:
            self._ports[name, port] = local = free_port()

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await self._relay(name, port, reader, writer)

            serving = asyncio.start_server(connected, "127.0.0.1", local)
            asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        return self._ports[name, port]

    def _place(self, name: str, port: int) -> int | None:
        """The local port of one registered task, another one each time, or None."""
        service = self._backends.cloud_map.services.get(self._known().get(name, ""))
        instances = list(service.instances) if service else []
        addresses = [instance.attributes["AWS_INSTANCE_IPV4"] for instance in instances]
        places = [self._targets.local(address, port) for address in addresses]
        able = [place for place in places if place is not None]
        return able[next(self._turn) % len(able)] if able else None

    async def _relay(
        self, name: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        place = self._place(name, port)
        with contextlib.suppress(OSError), contextlib.closing(writer):
            if place is None:
                return
            beyond, towards = await asyncio.open_connection("127.0.0.1", place)
            with contextlib.closing(towards):
                await asyncio.gather(_copy(reader, towards), _copy(beyond, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()
