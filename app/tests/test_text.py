"""Chunks, terms and entities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver import text

# without st.characters(), which takes seconds to classify all of Unicode before the first example
CHARACTERS = st.sampled_from("aA. !?\"')]([\u201d\n\t\u2003\x1f") | st.integers(0, 0xD7FF).map(chr)


@given(st.text(CHARACTERS), st.integers(min_value=20, max_value=200))
def test_chunking_drops_nothing_but_white_space(original: str, size: int) -> None:
    joined = "".join(text.chunks(original, size))
    assert "".join(joined.split()) == "".join(original.split())


@given(st.text(alphabet="ab. A\n", max_size=400), st.integers(min_value=20, max_value=80))
def test_no_chunk_is_empty_or_longer_than_asked(original: str, size: int) -> None:
    for chunk in text.chunks(original, size):
        assert 0 < len(chunk) <= size + 1


def test_what_closes_a_sentence_stays_with_it() -> None:
    told = 'He said "Stop." Then he left (early.) \u201cWhy?\u201d Nobody knew.'
    assert text.sentences(told) == [
        'He said "Stop."',
        "Then he left (early.)",
        "\u201cWhy?\u201d",
        "Nobody knew.",
    ]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        (
            "The Analytical Engine was designed by Charles Babbage.",
            ["Analytical Engine", "Charles Babbage"],
        ),
        ("Who was the author of Brand?", ["Brand"]),
        ("the University of Copenhagen is old", ["University of Copenhagen"]),
        ("nothing here", []),
    ],
)
def test_names_are_runs_of_capitalised_words(sentence: str, names: list[str]) -> None:
    assert text.entities(sentence) == names


def test_terms_are_lower_case_unique_and_without_small_words() -> None:
    assert text.terms("Who is the Author of the author's Book?") == ["author", "s", "book"]
