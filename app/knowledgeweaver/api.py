"""The HTTP interface. Health and version are open; everything else wants the key."""

from __future__ import annotations

import hmac
import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from knowledgeweaver import __version__
from knowledgeweaver.answer import ask
from knowledgeweaver.graph.port import GraphStore, StoreUnavailable
from knowledgeweaver.ingest import ingest
from knowledgeweaver.limits import RateLimit
from knowledgeweaver.settings import Settings

#: How long work beside the requests may take to finish at the end, within ECS's stop timeout.
FINISH_SECONDS = 5.0

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewDocument(_Body):
    """A document to read."""

    name: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=1)


class Stored(_Body):
    """What became of it. ``created`` is false when the same document was there already."""

    id: str
    chunks: int
    entities: int
    created: bool


class Question(_Body):
    """A question in plain words."""

    question: str = Field(min_length=1, max_length=2000)


class Source(_Body):
    """A sentence and where it stands."""

    document_id: str
    document: str
    chunk: int
    sentence: str


class Answered(_Body):
    """The answer with its sources; ``answer`` is null when the documents hold none."""

    answer: str | None
    citations: list[Source]
    entities: list[str]
    store: str


class Background(Protocol):
    """Work beside the requests, which ends before the store is closed."""

    def start(self) -> None:
        """Begin; return at once."""

    def stop(self, seconds: float) -> None:
        """Finish what is in hand within so many seconds."""


def create_app(settings: Settings, store: GraphStore, *background: Background) -> FastAPI:
    """The application over one store; the store is closed with it, after the work beside it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for work in background:
            work.start()
        yield
        for work in background:
            work.stop(FINISH_SECONDS)
        store.close()

    app = FastAPI(title="KnowledgeWeaver", version=__version__, lifespan=lifespan)
    limit = RateLimit(settings.requests_per_minute)

    @app.middleware("http")
    async def body_limit(request: Request, call_next: Callable[..., object]) -> object:
        # Refused by its declared length, before it is read; a body without one may not be chunked.
        length = request.headers.get("content-length")
        if "transfer-encoding" in request.headers and length is None:
            return JSONResponse({"detail": "Send a Content-Length."}, 411)
        if length is not None and int(length) > settings.max_document_bytes:
            detail = f"A request may hold {settings.max_document_bytes} bytes at most."
            return JSONResponse({"detail": detail}, 413)
        return await call_next(request)  # type: ignore[misc]  # Starlette types it so loosely

    def key(x_api_key: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(x_api_key.encode(), settings.api_key.encode()):
            raise HTTPException(401, "Send your key in the header x-api-key.")
        if seconds := limit.wait(x_api_key):
            retry = {"Retry-After": str(math.ceil(seconds))}
            raise HTTPException(429, "Too many requests; wait a little.", retry)

    @app.exception_handler(StoreUnavailable)
    async def unavailable(request: Request, error: StoreUnavailable) -> JSONResponse:
        log.warning("%s answers 503: %s", request.url.path, error)
        return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        store.ready()
        return {"status": "ready", "store": store.kind}

    @app.get("/version")
    async def version() -> dict[str, str]:
        return {"tree": settings.tree, "version": __version__}

    @app.post("/documents", dependencies=[Depends(key)], status_code=201)
    def add(new: NewDocument) -> Stored:
        return Stored(**asdict(ingest(store, new.name, new.text)))

    @app.post("/ask", dependencies=[Depends(key)])
    def question(asked: Question) -> Answered:
        answer = ask(store, asked.question)
        return Answered(
            answer=answer.text or None,
            citations=[
                Source(
                    document_id=c.document_id,
                    document=c.document,
                    chunk=c.chunk,
                    sentence=c.sentence,
                )
                for c in answer.citations
            ],
            entities=list(answer.entities),
            store=store.kind,
        )

    return app
