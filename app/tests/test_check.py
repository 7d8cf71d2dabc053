# ruff: noqa: RUF001 - look-alike signs are what this file is about
"""Notes of a model against the chunk: only what stands there gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.extract.check import Finder, check
from knowledgeweaver.extract.schema import Found, FoundFact, FoundName

WORDS = st.text(alphabet="aAbB ß-'ée\u0301東京\n\u00a0–’“x1ﬁ", max_size=40)


@pytest.mark.parametrize(
    ("text", "words", "stands"),
    [
        ("Anna met Ann.", "Ann", "Ann"),  # not inside of Anna
        ("Marie  Curie's\nnotes", "marie curie", "Marie  Curie"),
        ("Person – centered therapy", "Person - Centered", "Person – centered"),
        ("the “Titan” rocket", '"titan"', "“Titan”"),
        ("in der Hauptstraße", "HAUPTSTRASSE", "Hauptstraße"),
        ("ﬁnance", "Finance", "ﬁnance"),
        ("東京タワーは東京にある", "タワー", "タワー"),
        ("A caf\u00e9 there", "cafe\u0301", "caf\u00e9"),
        ("C++ and C#", "C++", "C++"),
    ],
)
def test_words_are_found_as_a_reader_finds_them(text: str, words: str, stands: str) -> None:
    span = Finder(text).find(words)
    assert span is not None
    assert text[slice(*span)] == stands


@pytest.mark.parametrize("words", ["", " ", "Annabel", "met  Bob", "nn"])
def test_words_that_do_not_stand_there_are_not_found(words: str) -> None:
    assert Finder("Anna met Ann.").find(words) is None


@given(WORDS, WORDS)
def test_what_is_found_is_what_was_looked_for(text: str, words: str) -> None:
    span = Finder(text).find(words)
    if span is not None:
        start, end = span
        assert 0 <= start < end <= len(text)
        # found again in itself: the span holds the words and nothing beside them
        assert Finder(text[start:end]).find(words) == (0, end - start)


@given(WORDS, st.lists(WORDS.filter(str.strip), max_size=4), WORDS)
def test_every_mention_and_fact_that_gets_through_stands_in_the_chunk(
    text: str, words: list[str], title: str
) -> None:
    found = Found(
        names=[FoundName(name=word, kind="thing") for word in words],
        facts=[
            FoundFact(subject=one, predicate="is", object=other, quote=quote)
            for one in words
            for other in words
            for quote in words
        ],
    )
    checked = check(found, text, title)
    for one in checked.mentions:
        assert " ".join(text[one.start : one.end].split()) == one.name
    for fact in checked.facts:
        assert 0 <= fact.start < fact.end <= len(text)
        finder = Finder(text)
        assert finder.find(fact.object) is not None
        assert finder.find(fact.subject) is not None or fact.subject == title
    assert len(set(checked.mentions)) == len(checked.mentions)


def test_a_fact_may_speak_of_the_document_by_its_title_which_no_chunk_needs_to_name() -> None:
    fact = FoundFact(
        subject="the analytical engine",
        predicate="was designed by",
        object="Babbage",
        quote="It was designed by Babbage",
    )
    text = "It was designed by Babbage in 1837."
    checked = check(Found(names=[], facts=[fact]), text, "The Analytical Engine")
    assert [one.subject for one in checked.facts] == ["The Analytical Engine"]
    assert checked.mentions == ()
    assert check(Found(names=[], facts=[fact]), text, "Engines").facts == ()


def test_a_kind_of_the_models_own_is_a_thing() -> None:
    found = Found.model_validate({"names": [{"name": "X", "kind": "Spaceship"}], "facts": []})
    assert found.names[0].kind == "thing"
