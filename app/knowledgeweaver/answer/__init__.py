"""From a question to the passages that answer it, each with its place, or to a refusal.

No model is at work here: the answer is a sentence of the documents, word for word. What the
documents do not hold is refused: of the question's words, weighed by how rare they are, the best
passages together must hold enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from knowledgeweaver.graph.port import GraphStore, Passage
from knowledgeweaver.retrieve import Found, Ranking, retrieve
from knowledgeweaver.text.words import sentences, terms

#: The most passages that are cited, and how near to the best one's score each has to be.
CITATIONS, NEAR = 5, 0.35
#: Words beside the question's that a sentence must have to say something.
SAYS = 3
#: The passages that together must hold enough of the question, and how much is enough: the
#: middle of the gap between what must be refused and what is answered, by the half of the corpus
#: that is there to calibrate (``evaluation.answers calibrate``).
SUPPORT, ENOUGH = 4, 0.5


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, and the sentence in it that bears most on the question.

    ``start`` and ``end`` are the sentence's characters in the document's text.
    """

    passage: Passage
    sentence: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, empty where it was refused, and its sources, best first.

    ``support`` is the share of the question that the documents hold, from 0.0 to 1.0.
    """

    text: str
    citations: tuple[Citation, ...]
    entities: tuple[str, ...]
    support: float


def ask(store: GraphStore, question: str) -> Answer:
    """Answer a question from the store; raises StoreUnavailable."""
    ranking = retrieve(store, question)
    held = support(ranking)
    if held < ENOUGH:
        return Answer("", (), (), held)
    best = ranking.passages[0].score
    cited = [
        cite(found, ranking) for found in ranking.passages[:CITATIONS] if found.score >= NEAR * best
    ]
    text = max(cited, key=lambda citation: (_fit(citation.sentence, ranking), citation.score))
    names = dict.fromkeys(name for citation in cited[:3] for name in citation.passage.names)
    return Answer(text.sentence, tuple(cited), tuple(names), held)


def support(ranking: Ranking) -> float:
    """How much of the question the best passages hold together, by the weight of its words.

    Weights are squared: what a question asks for is mostly its rarest word.
    """
    whole = sum(weight**2 for weight in ranking.weights.values())
    held = {word for found in ranking.passages[:SUPPORT] for word in found.shared}
    return sum(ranking.weights[word] ** 2 for word in held) / whole if whole else 0.0


def cite(found: Found, ranking: Ranking) -> Citation:
    """The passage with its sentence that shares most with the question; the longest of equals."""
    text = found.passage.text
    spans = sentences(text) or [(0, len(text))]
    start, end = max(spans, key=lambda s: (_fit(text[slice(*s)], ranking), s[1] - s[0]))
    offset = found.passage.start
    return Citation(found.passage, text[start:end], offset + start, offset + end, found.score)


def _fit(sentence: str, ranking: Ranking) -> float:
    """What a sentence holds of the question; long ones hold something of everything.

    One that says nothing else, as a heading, answers nothing.
    """
    words = terms(sentence)
    shared = sum(weight for word, weight in ranking.weights.items() if word in words)
    more = len(set(words) - ranking.weights.keys())
    return shared / math.sqrt(3 + len(words)) * min(1.0, 0.1 + more / SAYS)
