"""The expression language, case by case as GitHub documents it ("Expressions")."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.actions.expr import ExpressionError, Scope, evaluate, fold_text, render, truth
from sandbox.actions.expr.partial import Known
from sandbox.actions.expr.values import Value, to_number, to_string

CONTEXTS: dict[str, Value] = {
    "github": {
        "ref": "refs/heads/main",
        "event_name": "push",
        "event": {"issue": {"labels": [{"name": "bug"}, {"name": "help wanted"}, {}]}},
    },
    "fruits": [
        {"name": "apple", "quantity": 1},
        {"name": "orange", "quantity": 2},
        {"name": "pear", "quantity": 1},
    ],
    "vegetables": {
        "scallions": {"colors": ["green"], "ediblePortions": ["roots", "stalks"]},
        "beets": {"colors": ["red"], "ediblePortions": ["hearts", "stems", "leaves"]},
    },
    "needs": {"plan": {"result": "success", "outputs": {"units": '["a"]', "it's": "'q' ${{ 1 }}"}}},
}
SCOPE = Scope(CONTEXTS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # "Literals"
        ("null", None),
        ("false", False),
        ("711", 711),
        ("-9.2", -9.2),
        ("0xff", 255),
        ("-2.99e-2", -2.99e-2),
        ("'It''s open source!'", "It's open source!"),
        # "Operators": truthiness, grouping, precedence
        ("!0 && !'' && !null && !false && !-0", True),
        ("!'0'", False),
        ("1 || 2 && 0", 1),
        ("(1 || 2) && 0", 0),
        ("'' || 'default'", "default"),
        ("1 < 2 == true", True),
        # "GitHub ignores case when comparing strings."
        ("'MAIN' == 'main'", True),
        ("'b' > 'A'", True),
        # "If the types do not match, GitHub coerces the type to a number."
        ("null == 0", True),
        ("true == 1", True),
        ("false == ''", True),
        ("'' == 0", True),
        ("' 12 ' == 12", True),
        ("'1e3' == 1000", True),
        ("'abc' == 0", False),
        ("'0x10' == 16", True),
        ("null == ''", True),
        ("null == null", True),
        # NaN: "the result is always false"
        ("'abc' > 0", False),
        ("'abc' < 0", False),
        ("'abc' >= 0", False),
        # "Objects and arrays are only considered equal when they are the same instance."
        ("fruits == fruits", True),
        ("fromJSON('[1]') == fromJSON('[1]')", False),
        ("fruits == 0", False),
        # "contains"
        ("contains('Hello world', 'llo')", True),
        ("contains('HELLO', 'ell')", True),
        ("contains(github.event.issue.labels.*.name, 'BUG')", True),
        ('contains(fromJSON(\'["push", "pull_request"]\'), github.event_name)', True),
        ("contains(fromJSON('[1, 2]'), '2')", True),
        ("startsWith('Hello world', 'he')", True),
        ("endsWith('Hello world', 'LD')", True),
        ("format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "Hello Mona the Octocat"),
        (
            "format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')",
            "{Hello Mona the Octocat!}",
        ),
        ("join(github.event.issue.labels.*.name, ', ')", "bug, help wanted"),
        ("join('x')", "x"),
        ("join(fromJSON('[1,true,null]'))", "1,true,"),
        ("toJSON(fromJSON('{\"a\":1}'))", '{\n  "a": 1\n}'),
        ("fromJSON('true')", True),
        ("fromJSON('3')", 3),
        (
            "case(github.ref == 'refs/heads/main', 'production', 'development')",
            "production",
        ),
        ("case(false, 1, false, 2, 'unknown')", "unknown"),
        # "Object filters"
        ("join(fruits.*.name)", "apple,orange,pear"),
        ("vegetables.*.ediblePortions[0]", ["roots", "hearts"]),
        ("fruits[1].name", "orange"),
        ("fruits['1'].name", "orange"),
        ("fruits[9].name", None),
        ("github['EVENT_NAME']", "push"),
        ("github.nothing.at.all", None),
        ("needs.plan.outputs['units']", '["a"]'),
    ],
)
def test_an_expression_has_the_documented_value(text: str, value: Value) -> None:
    found = evaluate(text, SCOPE)
    assert found == value
    assert type(found) is type(value) or isinstance(found, list)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 0),
        (True, 1),
        (False, 0),
        ("", 0),
        ("-1.5e2", -150),
        ("x", None),
        ([], None),
        ({}, None),
    ],
)
def test_a_value_is_cast_to_a_number_by_the_documented_table(
    value: Value, number: float | None
) -> None:
    found = to_number(value)
    assert math.isnan(found) if number is None else found == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (12, "12"), (1.5, "1.5"), (1e21, "1E+21")],
)
def test_a_value_is_cast_to_a_string_by_the_documented_table(value: Value, text: str) -> None:
    assert to_string(value) == text


@pytest.mark.parametrize(
    "text",
    [
        '"double"',
        "nothing.here",
        "unknown()",
        "contains('a')",
        "1 +",
        "(1",
        "a b",
        "success()",
        "fromJSON('{')",
        "format('{1}', 'x')",
        "case(true, 1)",
    ],
)
def test_what_github_refuses_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, SCOPE)


def test_success_is_put_before_a_condition_that_checks_no_status() -> None:
    failed = Scope(
        CONTEXTS, {"success": False, "failure": True, "always": True, "cancelled": False}
    )
    assert not truth("github.ref == 'refs/heads/main'", failed)
    assert truth("always() && github.ref == 'refs/heads/main'", failed)
    assert truth("failure()", failed)
    assert truth("!cancelled()", failed)


def test_a_text_with_brackets_inside_a_string_is_read_to_the_right_end() -> None:
    assert render("a ${{ '}}' }} b ${{ 1 }}", SCOPE) == "a }} b 1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_survives_the_round_trip_through_to_json_and_from_json(value: Value) -> None:
    scope = Scope({"x": value})
    assert json.loads(str(evaluate("toJSON(x)", scope))) == value
    assert evaluate("fromJSON(toJSON(x))", scope) == value


@given(JSON)
def test_folding_a_known_context_leaves_an_expression_of_the_same_value(value: Value) -> None:
    known = Known({"x": {"v": value}})
    for text in ("${{ toJSON(x.v) }}", "a ${{ x.v }} b", "${{ toJSON(x.*) }}"):
        folded = fold_text(text, known)
        assert render(folded, Scope({})) == render(text, Scope({"x": {"v": value}}))


@given(JSON, st.booleans())
def test_folding_keeps_what_only_the_runner_knows(value: Value, flag: bool) -> None:
    known = Known({"x": {"v": value}})
    text = "${{ toJSON(x.v) == steps.a && env.b || format('{0}', x.v) }}"
    runner: dict[str, Value] = {"steps": {"a": flag}, "env": {"b": "set"}}
    whole = Scope({**runner, "x": {"v": value}})
    assert render(fold_text(text, known), Scope(runner)) == render(text, whole)


def test_a_value_that_looks_like_an_expression_is_never_evaluated_again() -> None:
    folded = fold_text(
        'echo ${{ needs.plan.outputs["it\'s"] }}'.replace('"', "'").replace("it's", "it''s"),
        Known(CONTEXTS),
    )
    assert folded == "echo ${{ '''q'' ${{ 1 }}' }}"
    assert render(folded, Scope({})) == "echo 'q' ${{ 1 }}"
