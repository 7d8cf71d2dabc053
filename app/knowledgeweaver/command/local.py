"""The commands that work on the graph themselves, without a server."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import closing

from knowledgeweaver.api.ask import Asking
from knowledgeweaver.api.shapes import Answered, Counted, Document
from knowledgeweaver.command import FAILED
from knowledgeweaver.command.export import export
from knowledgeweaver.command.files import Given, given
from knowledgeweaver.command.progress import Progress
from knowledgeweaver.extract.port import Usage
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.model import State
from knowledgeweaver.models import Models, open_models
from knowledgeweaver.reading import Unreadable
from knowledgeweaver.serve import open_store
from knowledgeweaver.settings import Settings
from knowledgeweaver.telemetry import traces


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """Run the command; its exit code. Raises StoreUnavailable, Mistake."""
    tracing = traces.start(settings)
    try:
        with (
            closing(open_store(settings)) as store,
            closing(open_models(settings, store)) as models,
        ):
            return _run(asked, settings, store, models)
    finally:
        tracing.stop()


def _run(asked: argparse.Namespace, settings: Settings, store: GraphStore, models: Models) -> int:
    ingest = Ingest(store, models.extractor, models.workers, settings.kw_max_document_bytes)
    match asked.command:
        case "ingest":
            documents = given(asked.paths, settings)
            return _estimate(ingest, documents) if asked.estimate else _ingest(ingest, documents)
        case "ask":
            with traces.span_request("knowledgeweaver ask", asked.question):
                asking = Asking(store, models.extractor.name, models.answerer)
                answer = asking.whole(asked.question, {})
            print(answer.model_dump_json(indent=2) if asked.json else _answer(answer))
            return 0 if answer.answer else FAILED
        case "documents":
            _list(store, asked.json)
            return 0
        case "delete":
            gone = [name for name in asked.names if not ingest.remove(name)]
            for name in gone:
                print(f"knowledgeweaver: there is no document {name}", file=sys.stderr)
            return FAILED if gone else 0
        case "export":
            export(store, asked.format, asked.output)
            return 0
        case _:
            counted = Counted.of(
                store.stats(), models.budget.spent_today(), settings.kw_budget_day_usd
            )
            _print_facts(counted.model_dump(), asked.json)
            return 0


def _ingest(ingest: Ingest, documents: list[Given]) -> int:
    if ingest.store.kind == "sqlite":  # a shared one has servers that do it
        begun = ingest.resume(time.time())
        if begun:
            print(f"{begun} documents that were begun before have ended", file=sys.stderr)
    failed: list[str] = []
    new, total = 0, Usage()
    with Progress(len(documents)) as progress:
        for one in documents:
            progress.next(one.name)
            done = ingest.add(one.name, one.read())
            new += done.created
            total += done.source.usage if done.created else Usage()
            if done.source.state is not State.DONE:
                failed.append(f"{one.name}: {done.source.reason or done.source.state}")
    for line in failed:
        print(f"knowledgeweaver: not read: {line}", file=sys.stderr)
    print(f"{len(documents)} documents, {new} new, {len(failed)} not read, US${total.usd:.4f}")
    return FAILED if failed else 0


def _estimate(ingest: Ingest, documents: list[Given]) -> int:
    total = Usage()
    for one in documents:
        try:
            total += ingest.estimate(one.name, one.read())
        except Unreadable as why:
            print(f"knowledgeweaver: cannot be read: {one.name}: {why.reason}", file=sys.stderr)
    tokens = total.input_tokens + total.output_tokens
    print(f"{len(documents)} documents, about {tokens} tokens and US${total.usd:.4f}")
    return 0


def _answer(answer: Answered) -> str:
    """The answer as somebody reads it in a terminal."""
    if not answer.answer and answer.reason == "not-in-documents":
        return "The documents do not hold it."
    lines = [
        answer.answer or f"No answer by the model: {answer.reason}. These passages bear on it:"
    ]
    for number, cited in enumerate(answer.citations, 1):
        page = f", page {cited.page}" if cited.page else ""
        section = f", {cited.section}" if cited.section else ""
        place = f"characters {cited.sentence_start} to {cited.sentence_end}"
        lines.append(f"[{number}] {cited.document}{section}{page}, {place}: {cited.sentence}")
    lines.append(f"(by {answer.model or f'a sentence of the documents, {answer.extractor} rules'})")
    return "\n".join(lines)


def _list(store: GraphStore, as_json: bool) -> None:
    after = ""
    while page := store.sources(500, after):
        after = page[-1].name
        for source in page:
            if as_json:
                print(Document.of(source).model_dump_json())
                continue
            state = f"{source.state} ({source.reason})" if source.reason else source.state
            print(f"{state}\t{source.chunks}\t{source.name}")


def _print_facts(facts: dict[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}\t{value}")
