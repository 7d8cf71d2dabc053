"""Canonical forms: equal for equal values, different for all others."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.canonical import canonical, canonical_value, flatten
from pipeline.domain.exact import Exact, loads, number, number_text, open_text
from pipeline.domain.model import ABSENT, EMPTY_LIST, EMPTY_MAP, NULL, UNKNOWN, JsonText

LONG = "9" * 5000


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (100, 1e2), (0, -0.0), (None, ABSENT), (JsonText("[1]"), JsonText("[1 ]"))],
)
def test_equal_values_have_one_canonical_form(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        ("1", 1),
        ("", None),
        ("true", True),
        ("unknown", UNKNOWN),
        ("json", JsonText("[1]")),
        ("[]", EMPTY_LIST),
        ("{}", EMPTY_MAP),
        ("null", NULL),
        (NULL, ABSENT),
        (EMPTY_LIST, EMPTY_MAP),
    ],
)
def test_different_kinds_have_different_canonical_forms(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


def leaf(text: str) -> str:
    return canonical(loads(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.1", "0.1000000000000000055511151231257827"),
        ("12345678901234567890123456789012345", "12345678901234567890123456789012346"),
        ("1e400", "1e401"),
        (LONG, LONG[:-1] + "8"),
        (f"1.{LONG}1", f"1.{LONG}2"),
        ("1e-400", "0"),
    ],
)
def test_no_number_is_rounded(one: str, other: str) -> None:
    assert leaf(one) != leaf(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "1.0"), ("1e2", "100"), ("-0", "0"), ("1e400", "10e399"), ("0.10", "1e-1")],
)
def test_spellings_of_one_number_are_equal(one: str, other: str) -> None:
    assert leaf(one) == leaf(other)


decimals = st.decimals(allow_nan=False, allow_infinity=False)


@settings(max_examples=500)
@given(decimals, decimals)
def test_numbers_are_equal_exactly_when_their_texts_are(one: Decimal, other: Decimal) -> None:
    assert (number_text(str(one)) == number_text(str(other))) == (one == other)
    assert canonical(number(str(one))) == f"number:{number_text(str(one))}"


def test_a_number_that_no_float_holds_keeps_its_text() -> None:
    kept = loads("0.30000000000000000001")
    assert isinstance(kept, Exact)
    assert kept == pytest.approx(0.3)
    assert loads("0.3") == 0.3
    assert not isinstance(loads("0.3"), Exact)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"b": {"a": 1, "a": 1}}',
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        '{"a": 01}',
        "{'a': 1}",
        '{"a": 1} x',
        "[1,]",
        "{}",
        "[]",
        "[" * 65 + "]" * 65,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 65 + "1" + "}" * 65,
        f"[1e{LONG}]",
        "{broken}",
    ],
)
def test_what_is_not_strictly_json_stays_a_string(text: str) -> None:
    assert open_text(text) is None
    assert flatten({"d": text}).leaves == {"/d": text}


def test_brackets_within_strings_nest_nothing() -> None:
    text = json.dumps({"a": "[" * 100 + '"' + "{" * 100})
    assert open_text(text) == json.loads(text)
    assert open_text("[" * 64 + "]" * 64) is not None


def test_json_within_json_is_opened_three_times() -> None:
    text = '{"n": 1}'
    for _ in range(4):
        text = json.dumps({"j": text})
    paths = flatten({"d": text}).leaves
    assert set(paths) == {"/d", "/d/j", "/d/j/j", "/d/j/j/j"}
    assert isinstance(paths["/d/j/j"], JsonText)
    assert not isinstance(paths["/d/j/j/j"], JsonText)


def test_half_a_surrogate_is_a_value_like_others() -> None:
    assert flatten({"d": '["\\ud800"]'}).leaves["/d/[0]"] == "\ud800"


scalars = st.sampled_from([None, True, 0, 1, 1.5, "", "a", "0", "[0]", "/", "[]", "{}", "null"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["0", "1", "[0]", "a/b", "a", ""]), inner, max_size=3),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(json.dumps),
    ),
    max_leaves=8,
)


def told(value: Any, within: bool = False) -> Any:
    """What a value means: null is absent in a map, JSON is opened, kinds are kept apart."""
    if isinstance(value, str):
        opened = open_text(value)
        return ("text", value) if opened is None else ("json", told(opened, True))
    if isinstance(value, dict):
        inner = {k: told(v, within) for k, v in value.items()}
        kept = {k: v for k, v in inner.items() if within or v != ("null",)}
        return ("map", tuple(sorted(kept.items(), key=repr)))
    if isinstance(value, list):
        return ("list", tuple(told(item, within) for item in value))
    if value is None:
        return ("null",)
    return (type(value).__name__, value) if isinstance(value, bool) else ("number", float(value))


@settings(max_examples=1000)
@given(values, values)
def test_values_have_equal_leaves_exactly_when_they_mean_the_same(one: Any, other: Any) -> None:
    for left, right in ((one, other), (one, one), ([one], [other]), ({"a": one}, {"a": other})):
        equal = canonical_value(left) == canonical_value(right)
        assert equal == (told(left) == told(right)), (left, right)
