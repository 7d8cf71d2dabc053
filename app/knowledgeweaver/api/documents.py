"""Routes for documents: bring, list, follow, read, take away; and for names that were merged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from knowledgeweaver.api.problems import RESPONSES
from knowledgeweaver.api.sent import Sent, sent
from knowledgeweaver.api.shapes import (
    Document,
    Documents,
    KnownName,
    Merged,
    Merges,
    NewDocument,
    Place,
    Places,
    Stored,
)
from knowledgeweaver.graph.port import Begun, GraphStore, StoreUnavailable
from knowledgeweaver.ingest import Ingest, Ingested
from knowledgeweaver.model import ENDED, Source, State, source_id
from knowledgeweaver.work import Later

#: Seconds between two looks at a document that somebody follows, and how long one may follow.
LOOK, FOLLOW = 0.25, 600.0
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"type": "object", "properties": {"file": _BYTES["schema"]}, "required": ["file"]}
_SENT = {
    "parameters": [
        {
            "name": "name",
            "in": "query",
            "description": "What bytes are called that are no JSON and no form; without it they are"
            " called after their hash",
            "schema": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"\S"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": NewDocument.model_json_schema()},
            "multipart/form-data": {"schema": _FILES},
            "application/octet-stream": _BYTES,
        },
    },
}
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str, Query(max_length=4096)]


def routes(store: GraphStore, ingest: Ingest, later: Later) -> APIRouter:
    """The routes over one store."""
    router = APIRouter(responses=RESPONSES)

    def known(id: str) -> Source:
        if (found := store.source(id)) is None:
            raise HTTPException(404, "There is no such document.")
        return found

    def bring(documents: list[Sent], wait: bool) -> list[Ingested]:
        done = []
        for one in documents:
            if wait:
                done.append(ingest.add(one.name, one.data, one.media_type))
                continue
            begun, source = ingest.begin(one.name, one.data, one.media_type)
            if begun is Begun.GO_ON:
                later.give(source)
            done.append(Ingested(source, begun is Begun.GO_ON))
        return done

    @router.post("/documents", status_code=201, openapi_extra=_SENT)
    async def add(request: Request) -> Stored:
        """Read one document now: JSON, a file in a form, or bytes with ?name= and their type."""
        documents = await sent(request)
        if len(documents) != 1:
            raise HTTPException(422, "Send one file here, or more of them to /documents/batch.")
        [done] = await run_in_threadpool(bring, documents, True)
        return Stored.after(done)

    @router.post("/documents/batch", status_code=202, openapi_extra=_SENT)
    async def batch(request: Request) -> list[Stored]:
        """Read documents later; GET /documents/{id} and its events say how far they are."""
        return [
            Stored.after(done)
            for done in await run_in_threadpool(bring, await sent(request), False)
        ]

    @router.put("/documents", openapi_extra=_SENT)
    async def put(request: Request) -> Stored:
        """The same as POST: a document with a known name is its new version."""
        return await add(request)

    @router.get("/documents")
    def listed(limit: Limit = 100, after: After = "", state: State | Literal[""] = "") -> Documents:
        """Documents in the order of their names."""
        found = store.sources(limit, after, state)
        return Documents(
            documents=[Document.of(source) for source in found],
            after=found[-1].name if len(found) == limit else None,
        )

    @router.delete("/documents", status_code=204)
    def remove_by_name(name: Annotated[KnownName, Query()]) -> Response:
        """Take away a document by its name, with all that only it said."""
        return remove(source_id(name))

    @router.get("/documents/{id}")
    def one(id: str) -> Document:
        """One document and how far it has come."""
        return Document.of(known(id))

    @router.delete("/documents/{id}", status_code=204)
    def remove(id: str) -> Response:
        """Take away a document with all that only it said."""
        if not ingest.remove_id(id):
            raise HTTPException(404, "There is no such document.")
        return Response(status_code=204)

    @router.get("/documents/{id}/passages")
    def passages(
        id: str, first: Annotated[int, Query(ge=1, le=10**9)] = 1, limit: Limit = 100
    ) -> Places:
        """The text of a document, passage by passage: where a citation opens."""
        known(id)
        return Places(passages=[Place.of(p) for p in store.chunks(id, first, limit)])

    @router.get("/documents/{id}/passages/{number}")
    def passage(id: str, number: Annotated[int, Path(ge=1, le=10**9)]) -> Place:
        """One passage: the place that a citation names by document_id and chunk."""
        for found in store.chunks(id, number, 1):
            if found.number == number:
                return Place.of(found)
        raise HTTPException(404, "There is no such passage.")

    @router.get(
        "/documents/{id}/events",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def events(id: str) -> StreamingResponse:
        """How far a document is, as server-sent events, until it has ended."""
        source = await run_in_threadpool(known, id)
        return StreamingResponse(_events(store, source), media_type="text/event-stream")

    @router.get("/merges")
    def merges(limit: Limit = 100, alias: After = "", into: After = "") -> Merges:
        """Names that were taken for one thing, those that follow ``alias`` and ``into``."""
        return Merges(merges=[Merged.of(merge) for merge in store.merges(limit, (alias, into))])

    @router.delete("/merges", status_code=204)
    def unmerge(alias: After, into: After) -> Response:
        """Part two names for good."""
        if not store.unmerge(alias, into):
            raise HTTPException(404, "These names were not merged.")
        return Response(status_code=204)

    return router


async def _events(store: GraphStore, source: Source) -> AsyncIterator[str]:
    """The document whenever something has changed; ``gone`` when somebody took it away."""
    loop = asyncio.get_running_loop()
    end, last = loop.time() + FOLLOW, ""
    found: Source | None = source
    while loop.time() < end:
        if found is None:
            yield "event: gone\ndata: {}\n\n"
            return
        now = Document.of(found).model_dump_json()
        if now != last:
            last = now
            yield f"event: document\ndata: {now}\n\n"
        if found.state in ENDED:
            return
        await asyncio.sleep(LOOK)
        try:
            found = await run_in_threadpool(store.source, source.id)
        except StoreUnavailable:
            return  # the page asks again by itself
