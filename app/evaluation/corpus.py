"""Loads the evaluation corpus: documents, questions with the passages that answer them, gold facts.

from evaluation.corpus import documents, questions, gold
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotation that stands in a document, as it is read, apart from white space."""

    document: str
    quote: str
    answers: bool  # whether the answer itself stands here, not only a step towards it

    def stands_in(self, text: str) -> bool:
        """Whether a text, as the one of a citation, holds the whole quotation."""
        return one_space(self.quote) in one_space(text)


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    split: str  # "calibrate" or "judge"
    language: str
    hops: int  # how many facts the answer is put together from
    question: str
    answer: str | None  # None where the documents do not say it
    passages: tuple[Passage, ...]  # in the order of the steps; () where there is no answer


@dataclass(frozen=True, slots=True)
class Gold:
    """What an extractor should find in a document, by a person's reading; dates are left out."""

    document: str
    names: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]  # subject, predicate, object


def one_space(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def documents() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every document, by name."""
    for path in sorted((HERE / "documents").iterdir()):
        yield path.name, path.read_bytes()


def questions(split: str = "") -> list[Question]:
    """The questions of one half, or all."""
    found = []
    for row in _rows("questions.jsonl"):
        passages = tuple(Passage(**passage) for passage in row.pop("passages"))
        found.append(Question(**row, passages=passages))
    return [question for question in found if split in ("", question.split)]


def gold() -> list[Gold]:
    """The gold names and facts, one entry a document."""
    return [
        Gold(row["document"], tuple(row["names"]), tuple(tuple(fact) for fact in row["facts"]))
        for row in _rows("gold.jsonl")
    ]


def _rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
