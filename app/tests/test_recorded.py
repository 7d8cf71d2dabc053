"""Extractions recorded earlier, played for the chunks of the same passages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.choose import choose
from knowledgeweaver.extract.modelled import ModelExtractor, for_document
from knowledgeweaver.extract.port import ExtractionFailed
from knowledgeweaver.extract.recorded import RecordedExtractor
from knowledgeweaver.extract.settings import ModelSettings

FIRST = "Ada Lovelace wrote the first programme for the Analytical Engine of Charles Babbage."
SECOND = "She was born in London in 1815 and died there in 1852."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    passages = [
        {"id": 0, "title": "Ada Lovelace", "text": f"{FIRST} {SECOND}"},
        {"id": 1, "title": "London", "text": "London is a city on the Thames."},
        {"id": 2, "title": "London again", "text": "London is a city on the Thames."},
        {"id": 3, "title": "Short", "text": "Hello Ada."},
    ]
    made = [
        {
            "id": 0,
            "entities": ["Ada Lovelace", "analytical engine", "1815", "Byron"],
            "triples": [
                ["Ada Lovelace", "wrote for", "Analytical Engine"],
                ["Ada Lovelace", "born in", "1815"],
                ["Byron", "father of", "Augusta"],
                ["Ada Lovelace", "too short"],
            ],
        },
        {"id": 1, "entities": ["London"], "triples": [["London", "on", "Thames"]]},
        {"id": 2, "entities": ["Thames"], "triples": []},
        {"id": 3, "entities": ["Ada"], "triples": []},
    ]
    for name, rows in (("passages", passages), ("extraction", made)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_whole_passage_has_its_names_where_they_stand_and_what_it_does_not_hold_is_left_out(
    folder: Path,
) -> None:
    text = f"{FIRST} {SECOND}"
    found = RecordedExtractor(folder).extract(text, title="Ada Lovelace", language="en")
    assert [one.name for one in found.mentions] == ["Ada Lovelace", "Analytical Engine", "1815"]
    assert all(text[one.start : one.end] == one.name for one in found.mentions)
    assert [(one.predicate, one.object) for one in found.facts] == [
        ("wrote for", "Analytical Engine"),
        ("born in", "1815"),
    ]


def test_a_chunk_of_a_passage_has_only_its_own_names_and_facts(folder: Path) -> None:
    recorded = RecordedExtractor(folder)
    found = recorded.extract(SECOND, title="any name", language="en")
    assert [one.name for one in found.mentions] == ["1815"]
    assert [one.predicate for one in found.facts] == ["born in"]
    again = recorded.extract(FIRST.replace(" the ", "\n the\t"), title="x", language="en")
    assert "Ada Lovelace" in [one.name for one in again.mentions]


def test_of_two_passages_with_one_text_the_title_decides(folder: Path) -> None:
    recorded = RecordedExtractor(folder)
    text = "London is a city on the Thames."
    for title, name in (("London", "London"), ("London again", "Thames")):
        found = recorded.extract(text, title=title, language="en")
        assert [one.name for one in found.mentions] == [name]


def test_a_text_that_was_never_recorded_is_unavailable(folder: Path) -> None:
    recorded = RecordedExtractor(folder)
    assert recorded.extract("Hello Ada.", title="Short", language="en").mentions
    for text in ("Something else entirely, never seen.", "", "Hello"):
        with pytest.raises(ExtractionFailed) as failed:
            recorded.extract(text, title="Short", language="en")
        assert failed.value.reason == "unavailable"


def test_the_settings_choose_the_extractor(folder: Path) -> None:
    memory = SqliteMemory()
    none = choose(ModelSettings(), memory, memory)
    assert none.extractor is None
    assert none.answers is None
    recorded = choose(
        ModelSettings(kw_extraction="recorded", kw_recordings=str(folder)), memory, memory
    )
    assert isinstance(recorded.extractor, RecordedExtractor)
    assert recorded.extractor.name == f"recorded {folder.name}"
    assert for_document(recorded.extractor) == (recorded.extractor, None)
    made = choose(
        ModelSettings(
            kw_model_provider="openai",
            kw_model="llama",
            kw_answer_model="other",
            kw_model_usd_input=0,
            kw_model_usd_output=0,
        ),
        memory,
        memory,
    )
    assert isinstance(made.extractor, ModelExtractor)
    assert made.extractor.name.startswith("openai llama extract-1.")
    assert made.answers is not None
    assert made.answers.model.name == "other"
