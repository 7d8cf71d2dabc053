"""The HTTP interface. Health, version and the page are open; everything else wants a key."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import Depends, FastAPI
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from starlette.routing import BaseRoute

from knowledgeweaver import __version__
from knowledgeweaver.api import ask, documents, graph
from knowledgeweaver.api.guard import Guard
from knowledgeweaver.api.problems import RESPONSES, answer_problems, described
from knowledgeweaver.api.shapes import Counted
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.keys import Keys
from knowledgeweaver.models import Models, open_models
from knowledgeweaver.settings import Settings
from knowledgeweaver.telemetry.http import RequestTelemetry
from knowledgeweaver.work import Later

__all__ = ["Background", "create_app"]

#: Seconds in which all work beside the requests ends, within ECS's stop timeout.
FINISH_SECONDS = 8.0
_ABOUT = """Documents in, a knowledge graph, answers with sources.

Send your key in the header `x-api-key`. Errors are `application/problem+json` (RFC 9457).
"""


class Background(Protocol):
    """Work beside the requests, which ends before the store is closed."""

    def start(self) -> None:
        """Begin; return at once."""

    def stop(self, seconds: float) -> None:
        """Finish what is in hand within so many seconds."""


class Live(BaseModel):
    """The process answers."""

    status: str


class Ready(Live):
    """``store`` is the kind of graph store that answers, too."""

    store: str


class Version(BaseModel):
    """``tree`` is the Git tree that the image was built from."""

    tree: str
    version: str


def create_app(
    settings: Settings,
    store: GraphStore,
    *background: Background,
    models: Models | None = None,
    pages: Sequence[BaseRoute] = (),
) -> FastAPI:
    """The application over one store; the store is closed with it, after the work beside it.

    ``background`` is stopped in its order, ``models`` are those of the settings where they are not
    given, ``pages`` are the routes that everybody may see.
    """
    used = models or open_models(settings, store)
    ingest = Ingest(store, used.extractor, used.workers, settings.kw_max_document_bytes)
    later = Later(ingest)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for work in (later, *background):
            work.start()
        yield
        end = time.monotonic() + FINISH_SECONDS
        for work in (later, *background):
            work.stop(max(0.5, end - time.monotonic()))
        used.close()
        store.close()

    app = FastAPI(
        title="KnowledgeWeaver",
        description=_ABOUT,
        version=__version__,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # a redirect loses what was posted
    )
    app.add_middleware(
        Guard,
        keys=Keys(settings.kw_api_key.get_secret_value(), settings.kw_api_keys),
        per_minute=settings.kw_requests_per_minute,
        wrong_per_minute=settings.kw_wrong_keys_per_minute,
        max_bytes=settings.kw_max_document_bytes,
        public=pages,
    )
    app.add_middleware(RequestTelemetry)
    answer_problems(app)
    # The guard has looked at it by then; this is for the description of the interface.
    key = Depends(APIKeyHeader(name="x-api-key", auto_error=False))

    @app.get("/health/live", tags=["service"])
    async def live() -> Live:
        return Live(status="live")

    @app.get("/health/ready", tags=["service"], responses=described(503))
    def ready() -> Ready:
        store.ready()
        return Ready(status="ready", store=store.kind)

    @app.get("/version", tags=["service"])
    async def version() -> Version:
        return Version(tree=settings.kw_tree, version=__version__)

    @app.get("/stats", tags=["service"], dependencies=[key], responses=RESPONSES)
    def stats() -> Counted:
        """How much of everything there is, and what models cost today."""
        return Counted.of(store.stats(), used.budget.spent_today(), settings.kw_budget_day_usd)

    asking = ask.Asking(store, used.extractor.name, used.answerer)
    app.include_router(ask.routes(asking), dependencies=[key])
    app.include_router(documents.routes(store, ingest, later), dependencies=[key])
    app.include_router(graph.routes(store), dependencies=[key])
    app.router.routes.extend(pages)
    return app
