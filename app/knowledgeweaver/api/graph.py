"""The route for the graph around some names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from knowledgeweaver.api.problems import RESPONSES
from knowledgeweaver.api.shapes import Name
from knowledgeweaver.graph.around import Around, Join, around
from knowledgeweaver.graph.port import GraphStore


class Entity(BaseModel):
    """A name; ``chunks`` says how many passages of the whole graph hold it."""

    key: str
    name: str
    chunks: int


class Holder(BaseModel):
    """A document that holds some of the names, first in the passage ``chunk``."""

    id: str
    name: str
    title: str
    chunk: int


class Edge(BaseModel):
    """``fact`` and ``alike`` join two keys of names; ``in`` leads from a key to a document's id.

    ``label`` is what a document says of the two, where it is known.
    """

    source: str
    target: str
    kind: Join
    label: str


class Graph(BaseModel):
    """A part of the graph; ``more`` counts names that are near, too, and were left out."""

    names: list[Entity]
    documents: list[Holder]
    edges: list[Edge]
    more: int

    @classmethod
    def of(cls, found: Around) -> Graph:
        return cls(
            names=[
                Entity(key=key, name=name, chunks=found.frequency[key])
                for key, name in found.names.items()
            ],
            documents=[
                Holder(id=id, name=first.source, title=first.title, chunk=first.number)
                for id, first in found.documents.items()
            ],
            edges=[
                Edge(source=a, target=b, kind=kind, label=label)
                for (a, b, kind), label in found.edges.items()
            ],
            more=found.more,
        )


def routes(store: GraphStore) -> APIRouter:
    """The route over one store."""
    router = APIRouter(responses=RESPONSES, tags=["graph"])

    @router.get("/graph")
    def graph(
        name: Annotated[list[Name], Query(min_length=1, max_length=100)],
        limit: Annotated[int, Query(ge=1, le=2000)] = 150,
    ) -> Graph:
        """What the documents join to these names: other names, and where they stand."""
        return Graph.of(around(store, name, limit))

    return router
