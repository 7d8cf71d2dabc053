"""The evaluation corpus says what its README says of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evaluation.corpus import documents, gold, one_space, questions
from evaluation.extraction import measure
from evaluation.make import made
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.reading import Text, read
from knowledgeweaver.text.chunks import pieces

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def texts() -> dict[str, Text]:
    return {name: read(data, name) for name, data in documents()}


def test_the_questions_are_halved_and_a_quarter_has_no_answer() -> None:
    halves = Counter((question.split, question.answer is None) for question in questions())
    assert halves == {
        ("calibrate", False): 22,
        ("calibrate", True): 8,
        ("judge", False): 22,
        ("judge", True): 8,
    }
    assert len({question.question for question in questions()}) == 60
    assert {question.language for question in questions("judge")} == {"en", "de", "fr", "ru", "ja"}


def test_every_gold_passage_stands_in_one_piece_of_its_document(texts: dict[str, Text]) -> None:
    for question in questions():
        assert bool(question.passages) == (question.answer is not None), question.id
        for passage in question.passages:
            standing = [p for p in pieces(texts[passage.document]) if passage.stands_in(p.text)]
            assert len(standing) == 1, (question.id, passage)


def test_every_gold_name_and_fact_stands_in_its_document(texts: dict[str, Text]) -> None:
    for entry in gold():
        text = one_space(texts[entry.document].text).casefold()
        for name in [*entry.names, *(fact[0] for fact in entry.facts)]:
            assert name.casefold() in text, (entry.document, name)


def test_the_pdf_and_docx_files_are_what_the_script_makes() -> None:
    files = dict(documents())
    for name, data in made().items():
        if Path(name).suffix == ".pdf":
            assert files[name] == data, name
        else:  # Word's own parts change with python-docx
            assert read(files[name], name) == read(data, name), name


def test_every_document_is_read_in_its_language(texts: dict[str, Text]) -> None:
    languages = Counter(text.language for text in texts.values())
    assert set(languages) - {""} == {"en", "de", "fr", "ru", "ja"}
    assert languages[""] <= 2  # the tables


def test_the_offline_extractor_finds_most_of_the_gold() -> None:
    names, facts = measure(Offline())
    assert names.f1 >= 0.75
    assert facts.f1 >= 0.55
