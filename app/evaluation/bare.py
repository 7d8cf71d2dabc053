"""The least that could answer: one route of FastAPI with the store calls of /ask, nothing else.

``python -m evaluation.bare PORT DATABASE`` serves it, to measure what the application adds.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from knowledgeweaver.answer import ask
from knowledgeweaver.graph.sqlite import SqliteStore


class Question(BaseModel):
    """What is asked."""

    question: str


def bare(database: str) -> FastAPI:
    """The application with the one route."""
    store = SqliteStore(database)
    app = FastAPI()

    @app.post("/ask")
    def question(asked: Question) -> dict[str, object]:
        found = ask(store, asked.question)
        facts = store.facts([one.passage.ref for one in found.citations])
        return {
            "answer": found.text,
            "citations": [one.sentence for one in found.citations],
            "facts": [fact.subject for fact in facts],
        }

    return app


if __name__ == "__main__":
    uvicorn.run(bare(sys.argv[2]), port=int(sys.argv[1]), access_log=False, log_level="warning")
