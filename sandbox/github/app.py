"""Puts the parts together into one ASGI application."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from sandbox.actions.engine import SLOTS, Engine
from sandbox.github.api import endpoint
from sandbox.github.contract import Contract
from sandbox.github.control import Control
from sandbox.github.githttp import GitHttp
from sandbox.github.graphql import endpoint as graphql
from sandbox.github.host import HubHost
from sandbox.github.hub import Hub
from sandbox.github.pages.views import routes
from sandbox.ports import HOST


class Server(uvicorn.Server):
    """A server whose end is not held up by pages that wait for news."""

    def __init__(self, app: Starlette, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=2,
                timeout_keep_alive=30,
            )
        )  # fmt: skip
        self._hub: Hub = app.state.hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.release()
        await super().shutdown(sockets)


def build(folder: Path, url: str, aws_url: str, description: Path, slots: int = SLOTS) -> Starlette:
    """The whole service; state lives in ``folder``, ``description`` is the OpenAPI file."""
    hub = Hub(folder, url)
    host = HubHost(hub, aws_url)
    contract = Contract(description)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine = Engine(host, folder / "actions", slots)
        hub.start(engine)
        # Pages that wait for news each hold a thread; the default of 40 would run out.
        current_default_thread_limiter().total_tokens = 200
        try:
            yield
        finally:
            await run_in_threadpool(engine.stop)
            await run_in_threadpool(hub.stop)

    git = GitHttp(hub)
    app = Starlette(
        lifespan=lifespan,
        routes=[
            *Control(hub, host, contract).routes(),
            *endpoint.routes(hub, contract),
            *graphql.routes(hub),
            Route("/api/v3/{rest:path}", endpoint.unknown),
            *(
                Route(f"/{{owner}}/{{name}}{suffix}/{rest}", git.__call__, methods=["GET", "POST"])
                for suffix in (".git", "")  # GitHub takes both
                for rest in ("info/refs", "git-upload-pack", "git-receive-pack")
            ),
            *routes(hub),
        ],
    )
    app.state.hub, app.state.contract, app.state.host = hub, contract, host
    return app
