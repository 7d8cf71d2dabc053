# ruff: noqa: RUF001 - names of many languages
"""Names and relations that are found without a model."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.relations import ALIAS
from knowledgeweaver.text.language import language_of

RECORDED = Path(__file__).parents[2] / "benchmarks" / "data" / "musique50"


def names(text: str, title: str = "") -> list[str]:
    extraction = Offline().extract(text, title=title, language=language_of(text))
    return [mention.name for mention in extraction.mentions]


def facts(text: str, title: str = "") -> set[tuple[str, str, str]]:
    extraction = Offline().extract(text, title=title, language=language_of(text))
    return {(fact.subject, fact.predicate, fact.object) for fact in extraction.facts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "However the Society for the Exploration of Space met The Beatles in Los Angeles.",
            ["Society for the Exploration of Space", "Beatles", "Los Angeles"],
        ),
        ("the University of Copenhagen is old", ["University of Copenhagen"]),
        ("Dr. Smith's cat met J. R. R. Tolkien.", ["Smith", "J. R. R. Tolkien"]),
        ("Apollo 11 flew on July 16, 1969.", ["Apollo 11", "July 16, 1969"]),
        ('She wrote "The sea at night" in 1972.', ["The sea at night", "1972"]),
        ("nothing here", []),
        ("Élodie Marchand est à Évian.", ["Élodie Marchand", "Évian"]),
        ("Анна Белова живёт в Белогорске.", ["Анна Белова", "Белогорске"]),
        (
            "Sie wohnt in einem alten Haus in Wien und leitet das Institut für Gewässer.",
            ["Wien", "Institut für Gewässer"],
        ),
        ("Die Donau ist ein Fluss in Europa.", ["Donau", "Europa"]),
        (
            "東京タワーは東京都港区にある。設計者は内藤多仲である。",
            ["東京タワー", "東京都港区", "内藤多仲"],
        ),
        (
            "上海图书馆成立于1952年，王伟在北京大学工作。",
            ["上海图书馆", "1952年", "王伟", "北京大学"],
        ),
    ],
)
def test_names_are_found_in_many_scripts(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_markup_words_and_headings_are_no_names() -> None:
    assert names("A <Div> and <Li> and <Span>.") == []
    assert "Ships" not in names("Ships\n\nThe yard built the Tarn.")
    assert names("Halmra\n\nThe town of Halmra is old.") == ["Halmra", "Halmra"]


def test_an_acronym_in_brackets_is_another_name() -> None:
    text = "International Business Machines (IBM) was founded by Charles Flint in 1911."
    assert facts(text) >= {
        ("International Business Machines", ALIAS, "IBM"),
        ("International Business Machines", "was founded by", "Charles Flint"),
        ("International Business Machines", "was founded in", "1911"),
    }
    assert not {fact for fact in facts("The Tarn Ferry (PDF) sails.") if fact[1] == ALIAS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Tarn is a ferry of Skarn Lines.", ("Tarn", "is", "ferry of Skarn Lines")),
        ("Prince was born in Minneapolis.", ("Prince", "was born in", "Minneapolis")),
        ("Falkenau ist eine Stadt an der Oder.", ("Falkenau", "ist", "Stadt an der Oder")),
        ("La Loire est un fleuve de France.", ("Loire", "est", "fleuve de France")),
        ("Вера Соколова — полярница.", ("Вера Соколова", "is", "полярница")),
        ("青潮水族館は水族館です。", ("青潮水族館", "は", "水族館")),
        ("上海图书馆是公共图书馆。", ("上海图书馆", "是", "公共图书馆")),
        ("Prince, also known as Jamie Starr, sang.", ("Prince", ALIAS, "Jamie Starr")),
    ],
)
def test_what_a_sentence_states_is_a_fact(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in facts(text)


def test_a_pronoun_stands_for_what_was_spoken_of() -> None:
    found = facts("She wrote Runaway. Its publisher was Penguin.", title="Alice Munro (writer)")
    assert ("Alice Munro", "wrote", "Runaway") in found
    found = facts("The NIO studies the Skarn Sea. Tomas Reyl is its director.")
    assert ("Tomas Reyl", "is its director", "NIO") in found


WORDS = st.sampled_from(
    'Anna Berlin the of is a was (IBM) " — 1999 May . , ; \n\n und der Вера — 東京 は です。 是 '
    "é' U.S. International Business Machines who His It".split(" ")
)


@settings(deadline=None, max_examples=300)
@given(st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=200), st.text(max_size=20))
def test_whatever_is_found_stands_where_it_says(text: str, title: str) -> None:
    for language in ("en", "de", "fr", "ru", "ja", "zh", ""):
        extraction = Offline().extract(text, title=title, language=language)
        position = 0
        for mention in extraction.mentions:
            assert position <= mention.start < mention.end
            assert " ".join(text[mention.start : mention.end].split()) == mention.name
            assert 0 < len(mention.name) <= 80
            position = mention.end
        for fact in extraction.facts:
            assert 0 <= fact.start < fact.end <= len(text)
            assert fact.subject
            assert fact.predicate
            assert fact.object


@pytest.mark.parametrize(
    "hostile",
    ["A", "A ", "A of the ", "A.B.", '"A', "東", "はA", "(A) ", "1999 ", "It is a ", "é, "],
)
def test_it_takes_time_in_proportion_to_the_text(hostile: str) -> None:
    started = time.process_time()
    Offline().extract(hostile * (200_000 // len(hostile)), title="", language="")
    assert time.process_time() - started < 8


def test_its_names_agree_with_the_recorded_ones_better_than_the_first_rules_did() -> None:
    def key(name: str) -> str:
        return " ".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())

    def rows(name: str) -> list[dict[str, object]]:
        lines = (RECORDED / name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    recorded = {row["id"]: row["entities"] for row in rows("extraction.jsonl")}
    right = found = wanted = 0
    for row in rows("passages.jsonl"):
        mine = {key(name) for name in [str(row["title"]), *names(str(row["text"]))]} - {""}
        theirs = {key(str(name)) for name in recorded[row["id"]]} - {""}  # type: ignore[attr-defined]
        right += len(mine & theirs)
        found += len(mine)
        wanted += len(theirs)
    assert right / found > 0.66
    assert right / wanted > 0.78
