"""Which passages bear on a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.ingest import Ingest
from knowledgeweaver.retrieve import retrieve
from knowledgeweaver.retrieve.pagerank import pagerank
from knowledgeweaver.retrieve.question import Question

EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0.1, 5)), min_size=1, max_size=30
)


@given(EDGES, st.dictionaries(st.integers(0, 9), st.floats(0.1, 3), min_size=1))
def test_a_walk_is_always_somewhere(
    edges: list[tuple[int, int, float]], seeds: dict[int, float]
) -> None:
    ranks = pagerank(edges, seeds)
    assert all(rank >= 0 for rank in ranks.values())
    joined = {node for one, other, _ in edges for node in (one, other)}
    whole = 1.0 if seeds.keys() <= joined else 1.001
    assert sum(ranks.values()) <= whole + 1e-9
    if seeds.keys() <= joined:
        assert sum(ranks.values()) == pytest.approx(1.0)


def test_what_is_nearer_to_the_seed_ranks_higher() -> None:
    ranks = pagerank([("a", "b", 1.0), ("b", "c", 1.0), ("c", "d", 1.0)], {"a": 1.0})
    assert ranks["a"] > ranks["b"] > ranks["c"] > ranks["d"] > 0


def test_a_walk_without_seeds_is_nowhere() -> None:
    assert pagerank([("a", "b", 1.0)], {}) == {}


def test_the_longest_names_of_a_question_count_and_kinds_do_not() -> None:
    question = Question.of("In which city did the University of Oslo begin?")
    assert question.names(["university of oslo", "oslo", "university", "city", "in"]) == [
        "university of oslo"
    ]


def test_the_second_passage_is_found_by_the_name_that_the_first_one_gives(
    store: GraphStore,
) -> None:
    ingest = Ingest(store, Offline())
    ingest.add("engine.txt", b"The Analytical Engine was designed by Charles Babbage.")
    ingest.add("babbage.txt", b"Charles Babbage was born in Walworth.")
    for number in range(9):
        ingest.add(f"n{number}.txt", f"Person {number} was born in Town {number}.".encode())
    found = retrieve(store, "Where was the designer of the Analytical Engine born?").passages
    assert {one.passage.source for one in found[:2]} == {"engine.txt", "babbage.txt"}


@pytest.mark.parametrize("question", ["", "the of and", "?", "\0", "a" * 2000, "東"])
def test_a_question_without_words_finds_nothing_and_breaks_nothing(
    store: GraphStore, question: str
) -> None:
    Ingest(store, Offline()).add("rome.txt", b"Rome is the capital of Italy.")
    assert retrieve(store, question).passages == ()
