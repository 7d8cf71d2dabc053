# ruff: noqa: RUF001 - sentences of many languages
"""Sentences and search words of languages with and without spaces."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.text.language import language_of
from knowledgeweaver.text.words import fold, sentences, terms

CHARACTERS = st.sampled_from("aA. !?\"')]([”\n\t-•1。」東Жé") | st.integers(0, 0xD7FF).map(chr)


@pytest.mark.parametrize("run", [".", "?!", "… ", '."', "。", "\n "])
def test_a_run_of_stops_takes_no_longer_than_other_text(run: str) -> None:
    started = time.process_time()
    sentences("Ada." + run * (1_000_000 // len(run)) + "x")
    assert time.process_time() - started < 8


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Dr. Smith met Mr. Jones in the U.S. Army.", "He left."],
        ["It is made by Acme Inc. of Bonn.", "The firm grew."],
        ["J. R. R. Tolkien wrote it.", "No. 5 is lost."],
        ["They moved to the U.S.", "The war was over."],
        ['He said "Stop."', "Then he left (early.)", "“Why?”", "Nobody knew."],
        ["Version 3.14 costs 2.50 crowns.", "It works."],
        ["Am 3. Oktober 1990 kam Dr. Müller.", "Er blieb z.B. hier."],
        ["Élodie est là !", "À demain."],
        ["Он родился в 1990 г. в Москве.", "А. С. Пушкин писал и т.д. много.", "Да."],
    ],
)
def test_a_full_stop_of_an_abbreviation_ends_no_sentence(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["東京は日本の首都です。", "大阪は大きい。", "「はい。」と言った。"],
        ["上海图书馆成立于1952年。", "它很大！", "是吗？"],
    ],
)
def test_chinese_and_japanese_need_no_space_after_a_sentence(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected


def test_bullets_numbers_and_blank_lines_are_boundaries_and_other_newlines_are_not() -> None:
    text = "Heading\n\nFruit:\n- an apple\n• a pear\n2) a plum\n\nA line\nthat goes on."
    assert cut(text) == [
        *("Heading", "Fruit:", "- an apple", "• a pear", "2) a plum", "A line\nthat goes on."),
    ]


@given(st.text(CHARACTERS, max_size=300))
def test_every_visible_character_is_in_one_sentence(text: str) -> None:
    position, seen = 0, ""
    for start, end in sentences(text):
        assert position <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        position = end
        seen += text[start:end]
    assert "".join(seen.split()) == "".join(text.split())


def test_terms_are_folded_and_without_the_common_words_of_the_language() -> None:
    assert terms("Who is the Author of the author's Book?") == ["author", "author", "s", "book"]
    assert terms("Was ist die Straße nach Österreich?") == ["die", "strasse", "osterreich"]
    assert terms("Где находится Ёлка?") == ["находится", "елка"]


def test_chinese_and_japanese_terms_are_pairs_of_characters() -> None:
    assert terms("東京タワー 3号") == ["東京", "京タ", "タワ", "ワー", "3", "号"]


@given(st.text(CHARACTERS, max_size=200))
def test_terms_are_the_same_whatever_the_case(text: str) -> None:
    assert [fold(term) for term in terms(text)] == terms(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What is the name of the ship that was built in the yard?"),
        ("de", "Wer entwarf die Brücke, die nach der Gründerin benannt ist?"),
        ("fr", "Qui est la conservatrice du musée de la ville ?"),
        ("ru", "Кто сегодня начальник станции, которую она основала?"),
        ("uk", "Хто був капітаном цього корабля і де він живе?"),
        ("ja", "青潮水族館の館長は誰ですか。"),
        ("zh", "上海图书馆成立于一九五二年。"),
        ("ko", "서울은 대한민국의 수도이다."),
        ("", "Foobarium 12"),
        ("", ""),
    ],
)
def test_the_language_is_told_by_script_and_common_words(language: str, text: str) -> None:
    assert language_of(text) == language
