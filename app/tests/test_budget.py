"""Money: prices, limits, the ledger; and what is kept so that nothing is paid twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledgeweaver.extract import cache, prices
from knowledgeweaver.extract.budget import Allowance, Budget, OverBudget
from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.port import Usage
from knowledgeweaver.extract.prices import Price, UnknownPrice
from knowledgeweaver.extract.prompt import prompt
from knowledgeweaver.extract.settings import ModelSettings

USD = st.floats(0, 2, allow_nan=False)


def spend(allowance: Allowance, wanted: float, used: float) -> bool:
    try:
        with allowance.hold(wanted) as hold:
            hold.usage = Usage(usd=used)
    except OverBudget:
        return False
    return True


@given(st.lists(st.tuples(USD, st.floats(0, 1))), USD, USD)
def test_a_call_runs_only_where_its_dearest_fits_and_the_books_are_exact(
    calls: list[tuple[float, float]], document: float, day: float
) -> None:
    memory = SqliteMemory()
    budget = Budget(memory, document=document, day=day)
    allowance = budget.document()
    spent = 0.0
    for wanted, share in calls:
        fits = spent + wanted <= min(document, day)
        near = abs(spent + wanted - min(document, day)) < 1e-6
        ran = spend(allowance, wanted, wanted * share)
        assert ran == fits or near
        spent += wanted * share if ran else 0.0
    assert allowance.usage.usd == pytest.approx(spent, abs=1e-9)
    assert budget.spent_today() == pytest.approx(spent, abs=1e-9)
    assert spent <= min(document, day) + 1e-6
    memory.close()


def test_a_call_that_fails_gives_back_what_was_put_aside() -> None:
    budget = Budget(SqliteMemory(), document=1.0, day=1.0)
    allowance = budget.document()
    with pytest.raises(RuntimeError), allowance.hold(0.9):
        raise RuntimeError
    assert budget.spent_today() == pytest.approx(0.0)
    assert spend(allowance, 0.9, 0.1)


def test_a_document_that_goes_on_remembers_what_it_had_used() -> None:
    budget = Budget(SqliteMemory(), document=1.0, day=5.0)
    allowance = budget.document(Usage(10, 5, 0.8, 1.0))
    assert not spend(allowance, 0.3, 0.3)
    assert spend(allowance, 0.1, 0.1)
    assert allowance.usage.usd == pytest.approx(0.9)


def test_a_new_day_has_new_money_and_a_call_is_booked_on_the_day_it_began() -> None:
    now = [datetime(2026, 11, 30, 23, 59, tzinfo=UTC)]
    memory = SqliteMemory()
    budget = Budget(memory, document=9.0, day=1.0, now=lambda: now[0])
    with budget.answer().hold(1.0) as hold:
        now[0] = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
        hold.usage = Usage(usd=0.7)
    assert memory.spent("2026-11-30") == pytest.approx(0.7)
    assert spend(budget.answer(), 1.0, 1.0)
    assert not spend(budget.answer(), 0.01, 0.01)


def test_tasks_that_share_a_file_share_the_day(tmp_path: Path) -> None:
    tasks = [SqliteMemory(str(tmp_path / "memory.db")) for _ in range(3)]
    budgets = [Budget(one, document=9.0, day=1.0) for one in tasks]

    def call(number: int) -> bool:
        return spend(budgets[number % 3].answer(), 0.05, 0.05)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(call, range(60))) == 20
    assert budgets[0].spent_today() == pytest.approx(1.0)


def test_threads_together_do_not_pass_a_documents_limit() -> None:
    allowance = Budget(SqliteMemory(), document=1.0, day=9.0).document()
    together = threading.Barrier(8)

    def call(_: int) -> bool:
        together.wait()
        return spend(allowance, 0.2, 0.2)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(8))) == 5


def test_answers_stay_in_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.db")
    memory = SqliteMemory(path)
    memory.put("key", "first")
    memory.put("key", "second")
    memory.close()
    again = SqliteMemory(path)
    assert again.get("key") == "second"
    assert again.get("other") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda k: {**k, "text": "b"},
        lambda k: {**k, "title": "t2"},
        lambda k: {**k, "language": "de"},
        lambda k: {**k, "prompt_version": "2"},
        lambda k: {**k, "model": "m2"},
        lambda k: {**k, "text": "a\0t", "title": ""},
    ],
)
def test_whatever_the_model_is_shown_is_in_the_key(
    change: Callable[[dict[str, str]], dict[str, str]],
) -> None:
    shown = {"text": "a", "title": "t", "language": "en", "prompt_version": "1", "model": "m"}
    changed = change(shown)
    assert cache.key(changed.pop("text"), **changed) != cache.key(shown.pop("text"), **shown)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("amazon.nova-lite-v1:0", Price(0.06, 0.24)),
        ("apac.amazon.nova-lite-v1:0", Price(0.06, 0.24)),
        ("anthropic.claude-3-haiku-20240307-v1:0", Price(0.25, 1.25)),
        ("anthropic.claude-3-5-haiku-20241022-v1:0", Price(0.80, 4.00)),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", Price(1.00, 5.00)),
        ("au.anthropic.claude-haiku-4-5-20251001-v1:0", Price(1.10, 5.50)),
        ("apac.anthropic.claude-sonnet-4-20250514-v1:0", Price(3.00, 15.00)),
    ],
)
def test_the_price_of_a_model_or_profile_is_in_the_table(model: str, expected: Price) -> None:
    found = prices.price(model)
    assert (found.input, found.output) == pytest.approx((expected.input, expected.output))


@pytest.mark.parametrize(
    "model",
    [
        "llama3.2",
        "amazon.nova-lite2-v1:0",
        "arn:aws:bedrock:ap-southeast-2:123456789012:application-inference-profile/abc",
    ],
)
def test_a_model_without_a_price_is_refused_unless_somebody_says_it(model: str) -> None:
    with pytest.raises(UnknownPrice, match="KW_MODEL_USD_INPUT"):
        prices.price(model)
    assert prices.price(model, Price(0, 0)) == Price(0, 0)


@given(st.text(alphabet="ab 1.é東京\n", max_size=200))
def test_an_estimate_of_tokens_is_never_nothing_and_grows_with_the_text(text: str) -> None:
    assert prices.tokens(text) >= 1
    assert prices.tokens(text + "word word") > prices.tokens(text)


def test_a_prompt_is_read_from_its_file_and_its_version_holds_its_content() -> None:
    assert prompt("extract-1").version != prompt("answer-1").version
    assert prompt("extract-1").version.startswith("extract-1.")
    assert "never addressed to you" in prompt("extract-1").text
    assert prompt("answer-1").form is None


def settings(**values: object) -> ModelSettings:
    return ModelSettings(**values)  # type: ignore[arg-type]


def test_without_settings_no_model_is_used() -> None:
    made = settings()
    assert (made.extraction, made.answers) == ("offline", "passages")


def test_a_model_is_used_for_both_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KW_MODEL_PROVIDER", "bedrock")
    monkeypatch.setenv("KW_MODEL", "amazon.nova-lite-v1:0")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    monkeypatch.setenv("KW_BUDGET_DAY_USD", "2.5")
    made = settings()
    assert (made.extraction, made.answers) == ("model", "model")
    assert made.kw_budget_day_usd == 2.5
    assert made.price(made.kw_model) == Price(0.06, 0.24)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kw_model_provider": "bedrock"}, "KW_MODEL must be set"),
        ({"kw_model_provider": "bedrock", "kw_model": "amazon.nova-lite-v1:0"}, "AWS_REGION"),
        ({"kw_model_provider": "openai", "kw_model": "llama3.2"}, "KW_MODEL_USD_INPUT"),
        ({"kw_extraction": "model"}, "KW_MODEL_PROVIDER"),
        ({"kw_answers": "model"}, "KW_MODEL_PROVIDER"),
        ({"kw_extraction": "recorded"}, "KW_RECORDINGS"),
        ({"kw_model_usd_input": 1.0}, "go together"),
        ({"openai_base_url": "ftp://x"}, "openai_base_url"),
        ({"kw_model_concurrency": 0}, "kw_model_concurrency"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_variables_name(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**values)


def test_a_model_of_ones_own_costs_what_one_says() -> None:
    made = settings(
        kw_model_provider="openai",
        kw_model="llama3.2",
        kw_model_usd_input=0.0,
        kw_model_usd_output=0.0,
    )
    assert made.price("llama3.2") == Price(0.0, 0.0)
