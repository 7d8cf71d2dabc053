"""From a question to an answer made of the documents' own sentences, each with its source.

No model is involved: the sentences that share most with the question, out of the chunks that full
text and the graph's neighbourhood bring up. What is not in the documents is not answered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from knowledgeweaver import text
from knowledgeweaver.graph.port import GraphStore, Hit

CANDIDATES = 20
CITATIONS = 3


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of the answer stands."""

    document_id: str
    document: str
    chunk: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, empty where the documents hold none, and its sources, best first."""

    text: str
    citations: tuple[Citation, ...]
    entities: tuple[str, ...]


def ask(store: GraphStore, question: str) -> Answer:
    """Answer a question from the store; raises StoreUnavailable."""
    wanted = text.terms(question)
    named = text.entities(question)
    found = store.search(wanted, CANDIDATES)
    neighbours = store.mentioning(_names(named, found), CANDIDATES)
    citations = rank(wanted, [*found, *neighbours])[:CITATIONS]
    return Answer(
        text=" ".join(citation.sentence for citation in citations[:1]),
        citations=tuple(citations),
        entities=tuple(dict.fromkeys(e for hit in found[:CITATIONS] for e in hit.entities)),
    )


def _names(named: list[str], found: list[Hit]) -> list[str]:
    """The question's names and those of the best chunk: one step through the graph."""
    return list(dict.fromkeys([*named, *(found[0].entities if found else ())]))


def rank(wanted: list[str], hits: Iterable[Hit]) -> list[Citation]:
    """Sentences by how much of the question they hold; rare words count more than common ones.

    A sentence that shares nothing with the question is no citation.
    """
    unique = {(hit.document_id, hit.chunk): hit for hit in hits}
    rows = [
        (hit, s, set(text.terms(s))) for hit in unique.values() for s in text.sentences(hit.text)
    ]
    seen = Counter(term for _, _, words in rows for term in words)
    scored = []
    for hit, sentence, words in rows:
        shared = [term for term in wanted if term in words]
        score = sum(math.log(1 + len(rows) / seen[term]) for term in shared)
        if shared:
            cited = Citation(hit.document_id, hit.document_name, hit.chunk, sentence)
            scored.append((score / math.sqrt(3 + len(words)), cited))
    scored.sort(key=lambda item: (-item[0], item[1].document_id, item[1].chunk, item[1].sentence))
    return [citation for _, citation in scored]
