"""How well passages are found: recall on questions of several hops, beside plain BM25.

``python -m evaluation.retrieval FOLDER`` ingests the passages of a folder by the application's own
ingest, asks by its own retrieval, and prints one JSON object. The store is SQLite, or the Neo4j
that NEO4J_URI and NEO4J_PASSWORD name, which must be empty.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bm25s

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.recorded import RecordedExtractor
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.retrieve import retrieve

#: The numbers of passages after which recall is taken.
AT = (2, 5, 10)
Rows = list[dict[str, Any]]


def rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def opened(kind: str) -> Iterator[GraphStore]:
    """An empty store; raises SystemExit where Neo4j holds something."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            store: GraphStore = SqliteStore(f"{folder}/graph.db")
            yield store
            store.close()
        return
    store = Neo4jStore(os.environ["NEO4J_URI"], "neo4j", os.environ["NEO4J_PASSWORD"])
    if store.stats().sources:
        raise SystemExit("This Neo4j is not empty; nothing was done.")
    yield store
    store.close()


def ingest(store: GraphStore, passages: Rows, folder: Path, extraction: str) -> None:
    """Bring in every passage as a text file that is called by its title, as a user would."""
    extractor = Offline() if extraction == "offline" else RecordedExtractor(folder)
    work = Ingest(store, extractor)
    for passage in passages:
        # Several passages share a title, so each lies in a folder of its own.
        title = passage["title"].replace("/", "\u2215")
        work.add(f"{passage['id']}/{title}.txt", passage["text"].encode(), "text/plain")


def measured(questions: Rows, ask: Callable[[str], Sequence[int]]) -> dict[str, Any]:
    """Mean recall in percent after each of AT, and milliseconds a question."""
    found, taken = [], []
    for question in questions:
        began = time.perf_counter()
        ids = list(ask(question["question"]))
        taken.append(1000 * (time.perf_counter() - began))
        gold = set(question["gold"])
        found.append([len(gold & set(ids[:count])) / len(gold) for count in AT])
    means = [round(100 * statistics.mean(column), 1) for column in zip(*found, strict=True)]
    return {
        "recall": dict(zip(map(str, AT), means, strict=True)),
        "ms_median": round(statistics.median(taken), 1),
        "ms_p95": round(statistics.quantiles(taken, n=20)[-1], 1),
    }


def plain_bm25(passages: Rows) -> Callable[[str], list[int]]:
    """bm25s over title and text, as its README uses it, with English stop words."""
    corpus = [f"{passage['title']} {passage['text']}" for passage in passages]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(corpus, stopwords="en", show_progress=False), show_progress=False)

    def ask(question: str) -> list[int]:
        words = bm25s.tokenize(question, stopwords="en", show_progress=False)
        best, _ = index.retrieve(words, k=max(AT), show_progress=False)
        return [passages[int(number)]["id"] for number in best[0]]

    return ask


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=Path, help="a file like questions.jsonl")
    parser.add_argument("--store", choices=["sqlite", "neo4j"], default="sqlite")
    parser.add_argument("--extraction", choices=["recorded", "offline"], default="recorded")
    chosen = parser.parse_args(arguments)
    passages = rows(chosen.folder / "passages.jsonl")
    questions = rows(chosen.questions or chosen.folder / "questions.jsonl")
    with opened(chosen.store) as store:
        began, processor = time.perf_counter(), time.process_time()
        ingest(store, passages, chosen.folder, chosen.extraction)
        seconds = time.perf_counter() - began
        retrieve(store, questions[0]["question"])  # what is slow once is no query's time
        asked = time.process_time()

        def ask(question: str) -> list[int]:
            found = retrieve(store, question, max(AT)).passages
            return [int(one.passage.source.partition("/")[0]) for one in found]

        ours = measured(questions, ask)
        ours["ms_processor"] = round(1000 * (time.process_time() - asked) / len(questions), 1)
    report = {
        "store": chosen.store,
        "extraction": chosen.extraction,
        "questions": len(questions),
        "passages": len(passages),
        "ingest_per_second": round(len(passages) / seconds, 1),
        "ingest_processor_seconds": round(asked - processor, 1),
        "ours": ours,
        "bm25s": measured(questions, plain_bm25(passages)),
    }
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
