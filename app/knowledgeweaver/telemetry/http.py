"""A trace and a log line for every request, around the whole application (ASGI)."""

from __future__ import annotations

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledgeweaver.telemetry import logs, traces

#: Neither a trace nor a line: what the load balancer and ECS ask every few seconds, and the page's
#: own files, a dozen for each visitor.
UNTOLD = ("/health/", "/web/")


class RequestTelemetry:
    """Middleware. Handlers add to the trace by traces.current(), to the line by line_fields().

    ``trust`` takes up the trace of the caller's headers. Whoever may call could then decide what is
    sampled and write into others' traces, so it is for a service that only friends reach.
    """

    def __init__(self, app: ASGIApp, trust: bool = False) -> None:
        self._app = app
        self._trust = trust

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(UNTOLD):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # where the application ends without an answer
        fields: dict[str, object] = scope.setdefault("state", {}).setdefault("line", {})

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        parent = traces.arrived(headers) if self._trust else None
        with traces.span_request(scope["method"], parent=parent) as span:
            try:
                await self._app(scope, receive, told)
            finally:
                route = getattr(scope.get("route"), "path", "unknown")
                span.span.update_name(f"{scope['method']} {route}")
                span.note(**{"http.response.status_code": status, "http.route": route})
                if status >= 500:
                    span.failed(f"HTTP {status}")
                logs.request(scope["method"], route, status, started, **fields)


def line_fields(request: Any) -> dict[str, object]:
    """What a handler wants its request's log line to hold; ``request`` is Starlette's."""
    fields: dict[str, object] = request.scope.setdefault("state", {}).setdefault("line", {})
    return fields
