"""Load balancers: a loopback port for each listener, which follows the listener's rules."""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from pathlib import Path
from typing import Any

from sandbox.ecs import proxy
from sandbox.ecs.backends import Backends
from sandbox.ecs.proxy import Answer, Forward, plain
from sandbox.ecs.rules import Request, choose, groups_of, location
from sandbox.ecs.targets import Targets
from sandbox.ecs.tls import server_context
from sandbox.ports import free_port

IDLE_TIMEOUT = 60.0  # seconds, as an Application Load Balancer has it


class LoadBalancers:
    """Opens and closes listeners as moto's load balancers come and go."""

    def __init__(self, backends: Backends, targets: Targets, folder: Path) -> None:
        self._backends, self._targets, self._folder = backends, targets, folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="alb", daemon=True)
        self._servers: dict[str, asyncio.Server] = {}
        self._ports: dict[str, int] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for arn in list(self._servers):
            self._close(arn)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def step(self) -> None:
        """Open listeners that are new, close those that are gone."""
        wanted: dict[str, tuple[Any, Any]] = {}
        for balancer in list(self._backends.elb.load_balancers.values()):
            for listener in list(balancer.listeners.values()):
                if listener.protocol in ("HTTP", "HTTPS"):
                    wanted[listener.arn] = (balancer, listener)
        for arn in set(self._servers) - set(wanted):
            self._close(arn)
        for arn, (balancer, listener) in wanted.items():
            if arn not in self._servers:
                self._open(balancer, listener)

    def _open(self, balancer: Any, listener: Any) -> None:
        """The DNS name's port goes to the HTTP listener; others get free ones."""
        named = int(balancer.dns_name.rpartition(":")[2])
        first = listener.protocol == "HTTP" or not any(
            other.protocol == "HTTP" for other in balancer.listeners.values()
        )
        port = named if first and named not in self._ports.values() else free_port()
        context = server_context(self._folder) if listener.protocol == "HTTPS" else None
        future = asyncio.run_coroutine_threadsafe(
            self._serve(balancer, listener, port, context), self._loop
        )
        self._servers[listener.arn] = future.result(10)
        self._ports[listener.arn] = port

    async def _serve(
        self, balancer: Any, listener: Any, port: int, context: ssl.SSLContext | None
    ) -> asyncio.Server:
        def route(request: Request) -> Answer | Forward:
            return self._route(balancer, listener, port, request)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            idle = float(balancer.attrs.get("idle_timeout.timeout_seconds") or IDLE_TIMEOUT)
            await proxy.handle(reader, writer, route, idle)

        return await asyncio.start_server(connected, "127.0.0.1", port, ssl=context, backlog=256)

    def _close(self, arn: str) -> None:
        server = self._servers.pop(arn)
        self._ports.pop(arn, None)
        self._loop.call_soon_threadsafe(server.close)

    def _route(self, balancer: Any, listener: Any, port: int, request: Request) -> Answer | Forward:
        for action in choose(list(listener.rules.values()), request):
            data = action.data
            if action.type == "forward":
                return self._forward(data)
            if action.type == "fixed-response":
                config = data["FixedResponseConfig"]
                kind = str(config.get("ContentType") or "text/plain").encode()
                body = str(config.get("MessageBody") or "").encode()
                return int(config["StatusCode"]), [(b"content-type", kind)], body
            if action.type == "redirect":
                return self._redirect(balancer, listener, port, data["RedirectConfig"], request)
        return plain(503, "Service Temporarily Unavailable")

    def _forward(self, action: dict[str, Any]) -> Answer | Forward:
        weighted = [(arn, weight) for arn, weight in groups_of(action) if weight > 0]
        if not weighted:
            return plain(503, "Service Temporarily Unavailable")
        arns, weights = [arn for arn, _ in weighted], [weight for _, weight in weighted]
        group = random.choices(arns, weights)[0]  # noqa: S311 - balancing, no secret
        taken = self._targets.take(group)
        if taken is None:
            return plain(503, "Service Temporarily Unavailable")
        key, port = taken
        return Forward(port, lambda: self._targets.give_back(key))

    def _redirect(
        self, balancer: Any, listener: Any, port: int, config: dict[str, Any], request: Request
    ) -> Answer:
        """A redirect to another listener's port leads to that listener's loopback port."""
        asked = str(config.get("Port") or "#{port}")
        for other in balancer.listeners.values():
            if str(other.port) == asked and other.arn in self._ports:
                config = config | {"Port": str(self._ports[other.arn])}
        scheme = listener.protocol.lower()
        where = location(config, request, scheme, str(port)).encode("latin-1", "replace")
        code = 301 if config.get("StatusCode") == "HTTP_301" else 302
        return code, [(b"location", where), (b"server", b"awselb/2.0")], b""
