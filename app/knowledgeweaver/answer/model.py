"""Answers that a model writes from numbered passages, sentence by sentence, each with its sources.

A sentence that cites nothing, or a passage that there is not, never reaches the reader. No sentence
at all means that the passages do not answer the question, as the model sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledgeweaver.extract.budget import Allowance, Budget
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.prompt import answer_call
from knowledgeweaver.text.words import sentences

#: One or more numbers in brackets, as [2], [1][4], [1, 4] or 【2】, with what ends the sentence.
_SOURCES = re.compile(
    r"(?P<all>(?:\s*[\[【]\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*[\]】])+)(?P<end>\s*[.!?。！？]?)"  # noqa: RUF001
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer. ``cites`` are numbers of passages, counted from 1."""

    text: str
    cites: tuple[int, ...]


class Answerer(Protocol):
    """Writes an answer from passages."""

    @property
    def name(self) -> str:
        """Which one it is, as "bedrock anthropic.claude-…"."""

    def answer(
        self, question: str, passages: Sequence[str], allowance: Allowance | None = None
    ) -> Iterator[Sentence]:
        """The answer's sentences as they come, none where it refuses; raises ModelFailed."""


class ModelAnswerer:
    """The answerer of one model; what it costs comes out of the day's budget."""

    def __init__(self, caller: Caller, budget: Budget, *, max_tokens: int = 1024) -> None:
        self._caller = caller
        self._budget = budget
        self._max_tokens = max_tokens
        self.name = f"{caller.model.provider} {caller.model.name}"

    def allowance(self) -> Allowance:
        """For one answer; its ``usage`` is what the answer took."""
        return self._budget.answer()

    def answer(
        self, question: str, passages: Sequence[str], allowance: Allowance | None = None
    ) -> Iterator[Sentence]:
        """The answer's sentences as they come; ``allowance.usage`` is then what it took."""
        if not passages:
            return
        call = answer_call(question, passages, max_tokens=self._max_tokens)
        parts = self._caller.stream(call, allowance or self._budget.answer())
        yield from cited(parts, len(passages))


def cited(parts: Iterable[str], passages: int) -> Iterator[Sentence]:
    """The sentences with valid sources, out of a text that comes in parts."""
    line = ""
    for part in parts:
        *whole, line = (line + part).split("\n")
        for one in whole:
            yield from _of_line(one, passages)
    yield from _of_line(line, passages)


def _of_line(line: str, passages: int) -> Iterator[Sentence]:
    at = 0
    line = _BULLET.sub("", line)
    for sources in _SOURCES.finditer(line):
        said = line[at : sources.start()].strip()
        at = sources.end()
        # Of several sentences before a source, only the last has it.
        text = "".join(said[slice(*span)] for span in sentences(said)[-1:])
        text += sources["end"].strip()
        cites = tuple(dict.fromkeys(int(one) for one in re.findall(r"\d+", sources["all"])))
        if any(map(str.isalnum, text)) and all(1 <= one <= passages for one in cites):
            yield Sentence(text, cites)
