"""Answers that a model writes: every sentence has sources, or it is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import ModelServer, completion_stream, serving

from knowledgeweaver.answer.model import ModelAnswerer, Sentence, cited
from knowledgeweaver.extract.budget import Budget
from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.openai import OpenAIModel
from knowledgeweaver.extract.prices import Price
from knowledgeweaver.extract.provider import ModelFailed

PASSAGES = ["The Analytical Engine was designed by Babbage.", "Ada Lovelace wrote a programme."]


def sentences(text: str, passages: int = 2) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.text, one.cites) for one in cited([text], passages)]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Babbage designed it. [1]", [("Babbage designed it.", (1,))]),
        ("Babbage designed it [1].", [("Babbage designed it.", (1,))]),
        ("Both are known. [1][2]", [("Both are known.", (1, 2))]),
        ("Both are known. [1, 2]", [("Both are known.", (1, 2))]),
        ("Both are known [2] [1] [2].", [("Both are known.", (2, 1))]),
        ("- Babbage did. [1]", [("Babbage did.", (1,))]),
        ("One [1]. Two [2].", [("One.", (1,)), ("Two.", (2,))]),
        ("Dr. Babbage designed it. [1]", [("Dr. Babbage designed it.", (1,))]),
        ("バベッジが設計した。[1]", [("バベッジが設計した。", (1,))]),
        ("バベッジが設計した【1】。", [("バベッジが設計した。", (1,))]),
    ],
)
def test_a_sentence_is_read_with_its_sources(
    said: str, read: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert sentences(said) == read


@pytest.mark.parametrize(
    "said",
    [
        "UNANSWERED",
        "Babbage designed it.",
        "Babbage designed it. [3]",
        "Babbage designed it. [0]",
        "Babbage designed it. [1][7]",
        "[1]",
        "[1]. ",
        "See [note] and [a1].",
        "",
        "\n\n",
    ],
)
def test_without_a_valid_source_nothing_is_said(said: str) -> None:
    assert sentences(said) == []


def test_a_sentence_before_the_cited_one_has_no_source_of_its_own() -> None:
    assert sentences("Everybody loves machines. Babbage designed it. [1]") == [
        ("Babbage designed it.", (1,))
    ]
    assert sentences("誰もが機械を愛する。バベッジが設計した。[1]") == [
        ("バベッジが設計した。", (1,))
    ]
    assert sentences("Babbage designed it. [1] And I know more.") == [
        ("Babbage designed it.", (1,))
    ]


@given(st.text(alphabet="Ab 1239[],.\n。【】x"), st.integers(0, 9), st.data())
def test_however_the_text_is_cut_the_sentences_and_their_valid_sources_are_the_same(
    text: str, passages: int, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    read = list(cited(parts, passages))
    assert read == list(cited([text], passages))
    for one in read:
        assert one.cites
        assert all(1 <= number <= passages for number in one.cites)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as made:
        yield made


def answerer(server: ModelServer, day: float = 1.0) -> tuple[ModelAnswerer, Budget]:
    budget = Budget(SqliteMemory(), document=1.0, day=day)
    caller = Caller(OpenAIModel("llama", server.url), Price(1.0, 5.0), concurrency=1)
    return ModelAnswerer(caller, budget), budget


def test_sentences_come_as_the_model_writes_them_and_are_paid(server: ModelServer) -> None:
    server.will(completion_stream(["Babbage designed", " it. [1]\nAda wrote", " it. [2]"]))
    made, budget = answerer(server)
    allowance = budget.answer()
    assert list(made.answer("Who?", PASSAGES, allowance)) == [
        Sentence("Babbage designed it.", (1,)),
        Sentence("Ada wrote it.", (2,)),
    ]
    assert (allowance.usage.input_tokens, allowance.usage.output_tokens) == (500, 50)
    assert budget.spent_today() == pytest.approx(500e-6 + 250e-6)


def test_passages_are_numbered_and_the_question_stands_outside_of_them(server: ModelServer) -> None:
    server.will(completion_stream(["UNANSWERED"]))
    made, _ = answerer(server)
    assert list(made.answer("Who?", PASSAGES)) == []
    user = server.asked[0]["messages"][1]["content"]
    assert user.index("<passage 1 ") < user.index(PASSAGES[0]) < user.index("<passage 2 ")
    assert user.endswith("Question: Who?")


def test_without_passages_no_model_is_asked(server: ModelServer) -> None:
    made, _ = answerer(server)
    assert list(made.answer("Who?", [])) == []
    assert server.asked == []


def test_a_day_without_money_fails_before_the_call(server: ModelServer) -> None:
    made, _ = answerer(server, day=0.0)
    with pytest.raises(ModelFailed) as failed:
        list(made.answer("Who?", PASSAGES))
    assert failed.value.reason == "over-budget"
    assert server.asked == []


def test_a_reader_who_goes_away_pays_what_was_written_and_frees_the_place(
    server: ModelServer,
) -> None:
    made, budget = answerer(server)
    for _ in range(2):  # the only place is free again
        server.will(completion_stream(["Babbage designed it. [1]\n"] + ["More. [1]\n"] * 200))
        answer = made.answer("Who?", PASSAGES)
        assert next(answer).text == "Babbage designed it."
        answer.close()  # type: ignore[attr-defined]  # it is a generator
    assert 0 < budget.spent_today() < 0.01
