"""POST /ask: an answer at once, or its sentences as server-sent events while they are written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from knowledgeweaver.answer import Answer, ask
from knowledgeweaver.answer.model import ModelAnswerer, Sentence
from knowledgeweaver.api.problems import RESPONSES, Problem
from knowledgeweaver.api.shapes import Answered, Question, Said, Sources
from knowledgeweaver.extract.port import Usage
from knowledgeweaver.extract.provider import ModelFailed
from knowledgeweaver.graph.port import GraphStore, StoreUnavailable
from knowledgeweaver.telemetry import metrics, traces
from knowledgeweaver.telemetry.http import line_fields

EVENTS = "text/event-stream"
#: Told to proxies, too: an answer that they collect first is not streamed.
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_EVENTS = """event: sources
data: {"citations": [...], "entities": ["Charles Babbage"], "facts": [], "support": 1.0}

event: sentence
data: {"text": "The Analytical Engine was designed by Charles Babbage.", "sources": [1]}

event: answer
data: {"answer": "The Analytical Engine was designed by Charles Babbage.", ...}
"""


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers questions; ``answerer`` is None where answers are sentences of the documents."""

    store: GraphStore
    extractor: str
    answerer: ModelAnswerer | None

    def steps(self, question: str, line: dict[str, object]) -> Iterator[Sources | Said | Answered]:
        """The sources, each sentence, at the end the whole; raises StoreUnavailable.

        ``line`` gets what the request's log line is to hold.
        """
        began = time.perf_counter()
        traces.current().input(question)
        found = ask(self.store, question)
        retrieved = time.perf_counter() - began
        facts = self.store.facts([one.passage.ref for one in found.citations])
        sources = Sources.of(found, facts)
        yield sources
        said: list[Said] = []
        usage, reason = Usage(), "" if found.text else "not-in-documents"
        if found.text and self.answerer is not None:
            allowance = self.answerer.allowance()
            passages = [one.passage.text for one in found.citations]
            try:
                for sentence in self.answerer.answer(question, passages, allowance):
                    said.append(Said.of(sentence))
                    yield said[-1]
                reason = "" if said else "not-in-documents"
            except ModelFailed as error:
                reason = error.reason  # the passages are there all the same
            usage = allowance.usage
        elif found.text:
            said.append(Said.of(_of_documents(found)))
            yield said[-1]
        whole = Answered(
            **sources.model_dump(),
            answer=" ".join(one.text for one in said) or None,
            sentences=said,
            reason=reason,
            store=self.store.kind,
            extractor=self.extractor,
            model=self.answerer.name if self.answerer else "",
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=usage.usd,
            trace_id=traces.trace_ids()[0],
        )
        traces.current().output(whole.answer or reason)
        traces.current().note(support=found.support, reason=reason, usd=usage.usd)
        line |= metrics.embedded(
            {
                "Questions": 1,
                "Refusals": int(reason == "not-in-documents"),
                "RetrievalTime": retrieved * 1000,
                "AnswerTime": (time.perf_counter() - began) * 1000,
            }
        )
        line |= {"reason": reason, "usd": usage.usd}
        yield whole

    def whole(self, question: str, line: dict[str, object]) -> Answered:
        """The answer when it is complete."""
        *_, last = self.steps(question, line)
        assert isinstance(last, Answered)  # noqa: S101 - steps() ends so
        return last


def _of_documents(found: Answer) -> Sentence:
    """The answer that is a sentence of the documents, with the number of its citation."""
    numbers = [n for n, one in enumerate(found.citations, 1) if one.sentence == found.text]
    return Sentence(found.text, tuple(numbers[:1]))


def routes(asking: Asking) -> APIRouter:
    """The route."""
    router = APIRouter(responses=RESPONSES, tags=["questions"])

    @router.post(
        "/ask",
        response_model=Answered,
        responses={
            200: {"content": {EVENTS: {"schema": {"type": "string"}, "example": _EVENTS}}},
        },
    )
    async def question(request: Request, asked: Question) -> Response:
        """Answer a question from the documents, or say that they do not hold it.

        With `Accept: text/event-stream` the sources come first, then each sentence as it is
        written, at the end the whole answer. An error in the middle is an event `problem`.
        """
        line = line_fields(request)
        if EVENTS in request.headers.get("accept", ""):
            steps = traces.keep(_events(asking, asked.question, line))
            return StreamingResponse(steps, media_type=EVENTS, headers=_STREAM_HEADERS)
        answer = await run_in_threadpool(asking.whole, asked.question, line)
        return Response(answer.model_dump_json(), media_type="application/json")

    return router


def _events(asking: Asking, question: str, line: dict[str, object]) -> Iterator[str]:
    try:
        for step in asking.steps(question, line):
            name = {Sources: "sources", Said: "sentence", Answered: "answer"}[type(step)]
            yield _event(name, step)
    except StoreUnavailable as error:
        line["reason"] = "store-unavailable"
        yield _event("problem", Problem(title="Not available now", status=503, detail=str(error)))


def _event(name: str, data: BaseModel) -> str:
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n"
