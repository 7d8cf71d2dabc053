"""One step along names: from the best passages to those that go on where they leave off."""

from __future__ import annotations

from collections.abc import Mapping

from knowledgeweaver.graph.port import Beginning, GraphStore, Steps
from knowledgeweaver.retrieve.question import Question
from knowledgeweaver.retrieve.scores import best, scaled, total, weight
from knowledgeweaver.telemetry.traces import span_query

#: The passages from which a step is taken.
FROM = 8
#: How much more a name says where it is the title of the other passage's document.
TITLE = 1.5


def step(
    store: GraphStore,
    question: Question,
    there: Beginning,
    scores: Mapping[int, float],
    part: float,
) -> dict[int, float]:
    """The scores, and on top of them ``part`` for the passage to which most leads.

    A passage is led to by the names that it shares with one of the best, as far as it holds words
    of the question which that one does not hold.
    """
    now = scaled(scores)
    first = best(now, FROM)
    if not first:
        return now
    with span_query("steps", store=store.kind, chunks=len(first)):
        steps = store.steps(first)
    reached: dict[int, float] = {}
    for chunk in first:
        open_words = [holders for holders in there.words if chunk not in holders]
        rest = scaled(total(open_words))
        for other, strength in scaled(_linked(chunk, steps, question, there.chunks)).items():
            if other != chunk and other in rest:
                reached[other] = max(reached.get(other, 0.0), now[chunk] * strength * rest[other])
    return total([now, {chunk: part * score for chunk, score in scaled(reached).items()}])


def _linked(chunk: int, steps: Steps, question: Question, chunks: int) -> dict[int, float]:
    """How strongly this chunk leads to others by names that the question does not hold."""
    shared: dict[int, float] = {}
    titled: dict[int, float] = {}
    for name in steps.named.get(chunk, ()):
        if question.holds(name):
            continue
        rare = weight(chunks, steps.frequency[name])
        for other in steps.holders.get(name, ()):
            shared[other] = shared.get(other, 0.0) + rare
        for other, alike in steps.titles.get(name, {}).items():
            titled[other] = max(titled.get(other, 0.0), rare * alike)
    most = 2 * weight(chunks, 1)
    found = {other: min(strength, most) for other, strength in shared.items()}
    for other, strength in titled.items():
        found[other] = found.get(other, 0.0) + TITLE * strength
    return found
