"""Puts the parts together into one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from sandbox.actions.engine import Engine
from sandbox.github.api import endpoint
from sandbox.github.contract import Contract
from sandbox.github.control import Control
from sandbox.github.githttp import GitHttp
from sandbox.github.host import HubHost
from sandbox.github.hub import Hub
from sandbox.github.pages.views import routes


def build(folder: Path, url: str, aws_url: str, description: Path, slots: int = 2) -> Starlette:
    """The whole service; state lives in ``folder``, ``description`` is the OpenAPI file."""
    hub = Hub(folder, url)
    host = HubHost(hub, aws_url)
    contract = Contract(description)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine = Engine(host, folder / "actions", slots)
        hub.start(engine)
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
