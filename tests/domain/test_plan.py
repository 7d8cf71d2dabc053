"""Plans: what counts as a leaf, and what Terraform's JSON means."""

from __future__ import annotations

import json

import pytest

from pipeline.domain.canonical import canonical, flatten
from pipeline.domain.model import ABSENT, UNKNOWN, Action, Leaf
from tests.domain.plans import change, plan


def leaves(*arguments: object, **more: object) -> tuple[Leaf, ...]:
    return plan(change("a.x", *arguments, **more)).changes[0].leaves  # type: ignore[arg-type]


def test_a_json_string_counts_leaf_by_leaf() -> None:
    before = {"c": json.dumps([{"image": "a", "cpu": 1}])}
    after = {"c": json.dumps([{"cpu": 1.0, "image": "b"}], indent=2)}
    assert leaves("update", before, after) == (Leaf("/c/0/image", "a", "b"),)


def test_a_json_string_that_is_only_spelled_differently_is_still_a_leaf() -> None:
    assert leaves("update", {"c": '{"a":1}'}, {"c": '{"a": 1}'}) == (
        Leaf("/c", '{"a":1}', '{"a": 1}'),
    )


def test_keys_are_escaped_as_json_pointers() -> None:
    (leaf,) = leaves("update", {"tags": {"a/b~c": "1"}}, {"tags": {"a/b~c": "2"}})
    assert leaf.path == "/tags/a~1b~0c"


def test_an_unknown_value_hides_what_was_below_it() -> None:
    assert leaves("update", {"l": ["a", "b"]}, {}, {"l": True}) == (Leaf("/l", ABSENT, UNKNOWN),)


def test_an_unknown_part_of_a_known_list() -> None:
    found = leaves("create", None, {"l": [{"n": 1}]}, {"l": [{"id": True}]})
    assert found == (Leaf("/l/0/id", ABSENT, UNKNOWN), Leaf("/l/0/n", ABSENT, 1))


def test_sensitive_marks_reach_down_into_parsed_strings() -> None:
    (leaf,) = leaves("create", None, {"s": '{"password": "x"}'}, after_sensitive={"s": True})
    assert leaf == Leaf("/s/password", ABSENT, "x", sensitive=True)


def test_null_empty_and_absent_are_the_same() -> None:
    assert leaves("create", None, {"a": None, "b": [], "c": {}, "d": 1}) == (Leaf("/d", ABSENT, 1),)


def test_a_reordered_list_is_a_change() -> None:
    found = leaves("update", {"command": ["a", "b"]}, {"command": ["b", "a"]})
    assert [leaf.path for leaf in found] == ["/command/0", "/command/1"]


def test_a_replace_has_what_it_sets_unchanged_too() -> None:
    assert len(leaves("replace", {"n": 1, "k": 2}, {"n": 2, "k": 2})) == 2


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (100, 1e2), (0, -0.0), (None, ABSENT)])
def test_equal_values_have_one_canonical_form(one: object, other: object) -> None:
    assert canonical(one) == canonical(other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), ("1", 1), ("", None), ("true", True), ("unknown", UNKNOWN)]
)
def test_different_kinds_have_different_canonical_forms(one: object, other: object) -> None:
    assert canonical(one) != canonical(other)  # type: ignore[arg-type]


def test_a_huge_nested_string_is_left_alone() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert flatten({"d": deep}).leaves == {"/d": deep}


def test_unchanged_addresses_are_left_out_but_moves_and_imports_are_kept() -> None:
    found = plan(
        change("a.same", "no-op", {"n": 1}, {"n": 1}),
        change("a.new", "no-op", {"n": 1}, {"n": 1}, previous_address="a.old"),
    )
    assert [(c.address, c.previous_address) for c in found.changes] == [("a.new", "a.old")]
    assert found.empty


def test_a_deposed_object_says_so() -> None:
    found = plan(change("a.x", "delete", {"n": 1}, deposed="ab12"))
    assert (found.changes[0].action, found.changes[0].reason) == (Action.DELETE, "deposed ab12")


def test_an_output_is_a_change() -> None:
    body = {"actions": ["update"], "before": "a", "after": "b", "after_sensitive": True}
    (found,) = plan(outputs={"url": body}).changes
    assert (found.address, found.leaves) == ("output.url", (Leaf("", "a", "b", sensitive=True),))


def test_an_action_of_a_newer_terraform_is_an_error() -> None:
    odd = change("a.x", "create")
    odd["change"]["actions"] = ["teleport"]
    with pytest.raises(ValueError, match="unknown action teleport"):
        plan(odd)
