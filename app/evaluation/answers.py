"""How well questions are answered and refused, with the offline extractor.

``python -m evaluation.answers [calibrate|judge]`` prints one JSON object: of the answerable
questions the share whose answer stands in a passage that is cited (and in the first one), of the
unanswerable ones how many are refused. ``--each`` prints every question with its support.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from evaluation.corpus import Question, documents, questions
from knowledgeweaver.answer import Answer, ask
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its answer: ``rank`` of the first right citation, 0 where there is none."""

    question: Question
    answer: Answer
    rank: int


def filled() -> GraphStore:
    """A store with the corpus in it."""
    store = SqliteStore()
    ingest = Ingest(store, Offline())
    for name, data in documents():
        ingest.add(name, data)
    return store


def judged(store: GraphStore, split: str) -> list[Judged]:
    """Every question of a split, asked."""
    return [
        Judged(question, answer, _rank(question, answer))
        for question in questions()
        if question.split == split
        for answer in [ask(store, question.question)]
    ]


def _rank(question: Question, answer: Answer) -> int:
    for rank, citation in enumerate(answer.citations, 1):
        for passage in question.passages:
            there = passage.document == citation.passage.source
            if passage.answers and there and passage.stands_in(citation.passage.text):
                return rank
    return 0


def summary(found: list[Judged]) -> dict[str, float]:
    """Counts and shares over some questions."""
    answerable = [one for one in found if one.question.answer is not None]
    others = [one for one in found if one.question.answer is None]
    return {
        "answerable": len(answerable),
        "cited": round(sum(one.rank > 0 for one in answerable) / len(answerable), 3),
        "cited_first": round(sum(one.rank == 1 for one in answerable) / len(answerable), 3),
        "refused_wrongly": sum(not one.answer.text for one in answerable),
        "unanswerable": len(others),
        "refused": sum(not one.answer.text for one in others),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=["calibrate", "judge"], nargs="?", default="judge")
    parser.add_argument("--each", action="store_true")
    chosen = parser.parse_args(arguments)
    found = judged(filled(), chosen.split)
    if chosen.each:
        for one in found:
            kind = "answerable" if one.question.answer is not None else "unanswerable"
            support = f"{one.answer.support:.2f}"
            print(support, kind, one.rank, one.question.question, "|", one.answer.text[:80])
    print(json.dumps({"split": chosen.split, **summary(found)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
