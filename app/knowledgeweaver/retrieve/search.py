"""From a question to its passages, best first, in five round trips to the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledgeweaver.graph.port import Beginning, GraphStore, Neighbourhood, Passage
from knowledgeweaver.retrieve.pagerank import pagerank
from knowledgeweaver.retrieve.question import Question
from knowledgeweaver.retrieve.scores import best, scaled, total, weight
from knowledgeweaver.retrieve.step import step
from knowledgeweaver.telemetry.spans import Found as Shown
from knowledgeweaver.telemetry.traces import span_query, span_retrieval

#: The best passages that PageRank starts from, and what each weighs against a name.
SEEDS, SEED = 20, 0.3
#: What the ends of a fact weigh against a name in the question.
FACT = 0.5
#: What full text weighs beside PageRank.
TEXT = 0.5
#: What the first and the second step weigh against what was there before.
STEPS = (0.6, 0.4)

Node = int | str


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its score: 1.0 and more for the best, comparable within one question only.

    ``shared`` are the question's words that stand in it.
    """

    passage: Passage
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first.

    ``weights`` says how rare each word of the question is among all chunks, from 0.0 for one that
    stands in all to the number's logarithm for one that stands in none; ``names`` are the entities
    that the question names.
    """

    passages: tuple[Found, ...]
    weights: Mapping[str, float]
    names: tuple[str, ...]


def retrieve(store: GraphStore, asked: str, limit: int = 10) -> Ranking:
    """The passages that bear on a question; raises StoreUnavailable."""
    with span_retrieval(asked, limit=limit) as span:
        ranking = _ranking(store, Question.of(asked), limit)
        span.documents(_shown(found) for found in ranking.passages)
    return ranking


def _ranking(store: GraphStore, question: Question, limit: int) -> Ranking:
    with span_query("beginning", store=store.kind, words=len(question.words)):
        there = store.beginning(question.words, question.keys())
    names = question.names(there.names)
    text = total(there.words)
    scores = _around(store, there, text, names)
    for part in STEPS:
        scores = step(store, question, there, scores, part)
    with span_query("passages", store=store.kind):
        found = store.passages(best(scores, limit))
    words = list(zip(question.words, there.words, strict=True))
    return Ranking(
        passages=tuple(
            Found(passage, scores[passage.ref], tuple(w for w, in_ in words if passage.ref in in_))
            for passage in found
        ),
        weights={word: weight(there.chunks, len(chunks)) for word, chunks in words},
        names=tuple(names),
    )


def _shown(found: Found) -> Shown:
    """A passage as its span shows it."""
    p = found.passage
    place = {"document": p.source, "section": p.section, "start": p.start, "end": p.end}
    return Shown(f"{p.source_id}#{p.number}", p.text, found.score, place)


def _around(
    store: GraphStore, there: Beginning, text: Mapping[int, float], names: Sequence[str]
) -> dict[int, float]:
    """PageRank on the neighbourhood of what the question's words and names bring up."""
    first = best(text, SEEDS)
    ends = {end for fact in there.facts for end in (fact.subject, fact.object)}
    if not first and not names:
        return {}
    with span_query("neighbourhood", store=store.kind) as span:
        near = store.neighbourhood(first, sorted({*names, *ends}))
        span.note(chunks=len(near.named), names=len(near.frequency), facts=len(near.facts))
    seeds: dict[Node, float] = {}
    if first:
        seeds |= {chunk: SEED * text[chunk] / text[first[0]] for chunk in first}
    highest = weight(there.chunks, 1)
    strongest = max((fact.score for fact in there.facts), default=0.0)
    for fact in there.facts:
        for end in (fact.subject, fact.object):
            if end in near.frequency and strongest > 0:
                rare = weight(there.chunks, near.frequency[end]) / highest
                seeds[end] = seeds.get(end, 0.0) + FACT * rare * fact.score / strongest
    for name in names:
        rare = weight(there.chunks, there.names[name]) / highest
        seeds[name] = seeds.get(name, 0.0) + rare
    ranks = pagerank(_edges(near, there.chunks), seeds)
    walked = scaled({node: rank for node, rank in ranks.items() if isinstance(node, int)})
    return total([walked, {chunk: TEXT * score for chunk, score in scaled(text).items()}])


def _edges(near: Neighbourhood, chunks: int) -> Iterator[tuple[Node, Node, float]]:
    weights = {name: weight(chunks, count) for name, count in near.frequency.items()}
    for chunk, names in near.named.items():
        for name in names:
            yield chunk, name, weights[name]
    for subject, object in near.facts:
        yield subject, object, 1.0
    yield from near.alike
