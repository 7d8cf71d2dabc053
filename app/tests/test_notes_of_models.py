"""What a model said of a text is kept for as long as the text is there, whatever happens to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledgeweaver.extract.budget import Budget
from knowledgeweaver.extract.cache import SqliteMemory, chunk
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.modelled import ModelExtractor
from knowledgeweaver.extract.port import Usage
from knowledgeweaver.extract.prices import Price
from knowledgeweaver.extract.provider import Call, Reply, Tokens
from knowledgeweaver.graph.port import GraphStore, Pending
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest, Stopped
from knowledgeweaver.model import State, source_id

#: A paragraph is about a chunk.
_FILL = "Words follow here. " * 60


class Notes(SqliteMemory):
    """A memory that can be looked through: the chunks that answers are kept of."""

    def chunks(self) -> set[str]:
        rows = self._db.execute("SELECT key FROM model_answer").fetchall()
        return {row[0].partition(":")[0] for row in rows}


@dataclass
class Reading:
    """A model that finds nothing, and may be told to stop its reader at a call."""

    name: str = "m"
    provider: str = "openai"
    calls: int = 0
    stop_at: int = -1
    ingest: list[Ingest] = field(default_factory=list)

    def fill(self, call: Call) -> Reply:
        self.calls += 1
        if self.calls == self.stop_at:
            self.ingest[-1].stop()
        return Reply({"names": [], "facts": []}, "", 1000, 200)

    def stream(self, call: Call) -> Iterator[str | Tokens]:
        raise NotImplementedError


def ingesting(store: GraphStore, notes: Notes, stop_at: int = -1) -> Ingest:
    model = Reading(stop_at=stop_at)
    budget = Budget(notes, document=0.05, day=100.0)
    made = Ingest(store, ModelExtractor(Caller(model, Price(1.0, 5.0)), notes, budget, 400))
    model.ingest.append(made)
    return made


def text(*paragraphs: int) -> bytes:
    return "\n\n".join(f"Paragraph {n} is here. {_FILL}" for n in paragraphs).encode()


def broken_off(store: GraphStore, notes: Notes, name: str, data: bytes, calls: int = 1) -> None:
    with pytest.raises(Stopped):
        ingesting(store, notes, stop_at=calls).add(name, data)


def test_a_document_that_never_ended_leaves_nothing_behind_it(store: GraphStore) -> None:
    notes = Notes()
    broken_off(store, notes, "a.txt", text(1, 2, 3))
    assert notes.chunks()
    assert ingesting(store, notes).remove("a.txt")
    assert notes.chunks() == set()


def test_a_version_that_took_the_place_of_one_that_never_ended_keeps_only_its_own(
    store: GraphStore,
) -> None:
    notes = Notes()
    broken_off(store, notes, "a.txt", text(1, 2, 3), calls=2)
    ingesting(store, notes).add("a.txt", text(1, 4))
    there = {chunk(one.text) for one in store.chunks(source_id("a.txt"), 1, 99)}
    assert notes.chunks() == there


def test_a_reader_that_was_overtaken_forgets_what_it_read(store: GraphStore) -> None:
    notes = Notes()
    slow = ingesting(store, notes)
    begun = slow.begin("a.txt", text(1, 2, 3))[1]
    ingesting(store, notes).remove("a.txt")
    assert not slow.work(Pending(begun, text(1, 2, 3))).created
    assert notes.chunks() == set()


def test_what_a_broken_off_run_spent_counts_for_the_same_version(store: GraphStore) -> None:
    notes = Notes()
    begun = ingesting(store, notes).begin("a.txt", text(*range(20)))[1]
    spent = Usage(input_tokens=9, usd=0.049)
    assert store.note(replace(begun, usage=spent))
    again = ingesting(store, notes).add("a.txt", text(*range(20)))
    assert again.source.state is State.OVER_BUDGET
    assert again.source.usage.usd <= 0.05


_DOCUMENTS = st.tuples(st.sampled_from("ab"), st.sets(st.integers(1, 4), min_size=1))
_STEPS = st.one_of(
    st.tuples(st.just("add"), _DOCUMENTS),
    st.tuples(st.just("break"), _DOCUMENTS),
    st.tuples(st.just("remove"), st.sampled_from("ab")),
    st.tuples(st.just("resume"), st.none()),
)


@settings(max_examples=60)
@given(st.lists(_STEPS, max_size=8))
def test_no_answer_outlives_its_text(steps: list[tuple[str, object]]) -> None:
    store, notes = SqliteStore(), Notes()
    for what, about in steps:
        if what == "resume":
            ingesting(store, notes).resume(time.time() + 1)
        elif what == "remove":
            ingesting(store, notes).remove(str(about))
        else:
            name, paragraphs = about  # type: ignore[misc]
            try:
                stop_at = 1 if what == "break" else -1
                ingesting(store, notes, stop_at).add(name, text(*sorted(paragraphs)))
            except Stopped:
                pass
        texts = {
            chunk(one) for name in "ab" for one in ingesting(store, notes)._texts(source_id(name))
        }
        assert notes.chunks() <= texts
    for name in "ab":
        ingesting(store, notes).remove(name)
    assert notes.chunks() == set()
    notes.close()
    store.close()
