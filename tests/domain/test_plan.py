"""Plans: what counts as a leaf, and what Terraform's JSON means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    NULL,
    UNKNOWN,
    Action,
    JsonText,
    Leaf,
    Plan,
    UnitId,
    Warned,
)
from pipeline.domain.plan import identity_of, parse_plan
from tests.domain.plans import UNIT, change, keep, output, plan


def leaves(*arguments: object, **more: object) -> tuple[Leaf, ...]:
    return plan(change("a.x", *arguments, **more)).changes[0].leaves  # type: ignore[arg-type]


def only(parsed: Plan) -> Any:
    [found] = parsed.changes
    return found


# -- leaves ----------------------------------------------------------------------------------


def test_a_json_string_counts_leaf_by_leaf() -> None:
    before = {"c": json.dumps([{"image": "a", "cpu": 1}])}
    after = {"c": json.dumps([{"cpu": 1.0, "image": "b"}], indent=2) + "\n"}
    assert leaves("update", before, after) == (Leaf("/c/[0]/image", "a", "b"),)


def test_a_json_string_that_is_only_spelled_differently_is_still_a_leaf() -> None:
    [leaf] = leaves("update", {"c": '{"a":1}'}, {"c": '{"a": 1}'})
    assert (leaf.path, leaf.before, leaf.after) == ("/c", '{"a":1}', '{"a": 1}')
    again = leaves("replace", {"c": '{"a":1}'}, {"c": '{"a": 1}'})
    assert (again[0].path, again[0].before) == ("/c", '{"a":1}')


def test_a_json_string_stands_beside_its_leaves() -> None:
    assert leaves("create", None, {"c": '{"a": 1}'}) == (
        Leaf("/c", ABSENT, JsonText('{"a": 1}')),
        Leaf("/c/a", ABSENT, 1),
    )
    found = leaves("update", {"c": {"a": 1}}, {"c": '{"a": 1}'})
    assert [leaf.path for leaf in found] == ["/c"]


def test_keys_are_escaped_and_an_index_is_no_key() -> None:
    [leaf] = leaves("update", {"tags": {"a/b~c[0]": "1"}}, {"tags": {"a/b~c[0]": "2"}})
    assert leaf.path == "/tags/a~1b~0c~20]"
    listed = leaves("create", None, {"t": ["a"]})
    mapped = leaves("create", None, {"t": {"0": "a"}})
    sly = leaves("create", None, {"t": {"[0]": "a"}})
    assert len({found[0].path for found in (listed, mapped, sly)}) == 3


def test_an_unknown_value_hides_what_was_below_it() -> None:
    assert leaves("update", {"l": ["a", "b"]}, {}, {"l": True}) == (Leaf("/l", ABSENT, UNKNOWN),)


def test_an_unknown_part_of_a_known_list() -> None:
    found = leaves("create", None, {"l": [{"n": 1}]}, {"l": [{"id": True}]})
    assert found == (Leaf("/l/[0]/id", ABSENT, UNKNOWN), Leaf("/l/[0]/n", ABSENT, 1))


def test_marks_of_what_is_not_there_make_no_leaf() -> None:
    assert leaves("create", None, {"n": 1, "l": None}, {"l": [], "m": {}, "n": False}) == (
        Leaf("/n", ABSENT, 1),
    )


def test_sensitive_marks_reach_down_into_opened_strings_and_lists() -> None:
    found = leaves("create", None, {"s": '{"p": "x"}'}, after_sensitive={"s": True})
    assert [(leaf.path, leaf.sensitive) for leaf in found] == [("/s", True), ("/s/p", True)]
    found = leaves("create", None, {"l": ["a", "b"]}, after_sensitive={"l": [False, True]})
    assert [leaf.sensitive for leaf in found] == [False, True]


def test_null_is_absent_and_empty_is_something() -> None:
    assert leaves("create", None, {"a": None, "b": [], "c": {}, "d": "", "e": {"f": None}}) == (
        Leaf("/b", ABSENT, EMPTY_LIST),
        Leaf("/c", ABSENT, EMPTY_MAP),
        Leaf("/d", ABSENT, ""),
        Leaf("/e", ABSENT, EMPTY_MAP),
    )


@pytest.mark.parametrize(
    ("before", "after", "leaf"),
    [
        ("", None, Leaf("/n", "", ABSENT)),
        ([], None, Leaf("/n", EMPTY_LIST, ABSENT)),
        ([], {}, Leaf("/n", EMPTY_LIST, EMPTY_MAP)),
        ({}, "", Leaf("/n", EMPTY_MAP, "")),
        (["a", None], ["a"], Leaf("/n/[1]", NULL, ABSENT)),
        ([], ["a"], Leaf("/n/[0]", ABSENT, "a")),
        (None, ["a"], Leaf("/n/[0]", ABSENT, "a")),
        ('{"a": 1, "b": null}', '{"a": 1}', Leaf("/n/b", NULL, ABSENT)),
        ('{"a": [null]}', '{"a": []}', Leaf("/n/a/[0]", NULL, ABSENT)),
    ],
)
def test_what_holds_nothing_differs_from_what_is_not_there(
    before: Any, after: Any, leaf: Leaf
) -> None:
    assert leaf in leaves("update", {"n": before, "k": 1}, {"n": after, "k": 1})


def test_a_reordered_list_is_a_change() -> None:
    found = leaves("update", {"command": ["a", "b"]}, {"command": ["b", "a"]})
    assert [leaf.path for leaf in found] == ["/command/[0]", "/command/[1]"]


def test_a_replace_has_what_it_sets_unchanged_too() -> None:
    assert len(leaves("replace", {"n": 1, "k": 2}, {"n": 2, "k": 2})) == 2


# -- changes -----------------------------------------------------------------------------------


def test_a_plan_is_empty_when_terraform_says_so() -> None:
    moved = keep("a.new", {"n": 1}, previous_address="a.old")
    assert not plan(moved, applyable=True).empty
    assert plan(keep("a.x", {}), applyable=False).empty
    assert not plan(keep("a.x", {}), applyable=True).empty


def test_a_plan_that_only_reads_for_its_checks_is_empty_whatever_terraform_says() -> None:
    read = change("data.d.x", "read", None, {}, action_reason="read_because_check_nested")
    assert plan(keep("a.x", {}), read, applyable=True).empty
    assert not plan(change("a.x", "create", None, {}), read, applyable=True).empty


@pytest.mark.parametrize(
    "one",
    [
        change("a.x", "create", None, {"n": 1}),
        change("a.x", "forget", {"n": 1}),
        change("a.x", "delete", {"n": 1}, deposed="ab12"),
        keep("a.new", {"n": 1}, previous_address="a.old"),
        keep("a.x", {"n": 1}, importing={"id": "i"}),
    ],
)
def test_where_terraform_does_not_say_any_change_counts(one: dict[str, Any]) -> None:
    assert not plan(one).empty
    assert only(plan(one, keep("a.y", {"n": 1}))).address == one["address"]


def test_an_output_that_changes_counts_and_reading_does_not() -> None:
    assert not plan(outputs={"url": output("update", "a", "b")}).empty
    assert plan(outputs={"url": output("no-op", "a", "a")}).empty
    assert plan(keep("a.x", {}), change("d.x", "read", None, {})).empty


def test_a_deposed_object_is_a_change_of_its_own() -> None:
    found = plan(keep("a.x", {"id": "i"}), change("a.x", "delete", {"id": "h"}, deposed="ab12"))
    assert only(found).place == ("a.x", "ab12")
    assert found.standing["a.x"].identity == "a id i"


def test_an_import_says_what_it_imports() -> None:
    one, two = (only(plan(keep("a.x", {}, importing={"id": id}))) for id in "12")
    assert one.imported
    assert one.import_id != two.import_id
    named = only(plan(keep("a.x", {}, importing={"identity": {"arn": "1"}})))
    assert named.import_id not in ("", one.import_id)


def test_an_identity_is_the_id_else_the_arn_of_its_type() -> None:
    assert identity_of("t", {"id": "i", "arn": "a"}) == "t id i"
    assert identity_of("t", {"id": "", "arn": "a"}) == "t arn a"
    assert identity_of("t", {"id": None}) == identity_of("t", None) == ""


def test_what_ends_without_a_name_is_told_by_all_of_its_values() -> None:
    def ended(action: str, before: Any, after: Any = None) -> str:
        return str(only(plan(change("a.x", action, before, after))).identity)

    assert ended("delete", {"n": 1}) != ended("delete", {"n": "1"})
    assert ended("delete", {"n": ["a"]}) != ended("delete", {"n": {"0": "a"}})
    assert ended("forget", {"n": 1}) == ended("replace", {"n": 1.0}, {"n": 2})
    assert ended("update", {"n": 1}, {"n": 2}) == ""
    assert ended("create", None, {"id": "i"}) == ""


def test_the_standing_of_an_address_is_what_it_is_when_the_plan_is_applied() -> None:
    found = plan(
        keep("a.same", {"id": "i", "n": 1}),
        change("a.new", "create", None, {"n": 1}, {"id": True}),
        change("a.gone", "delete", {"n": 1}),
        change("a.let", "forget", {"n": 1}),
        change("data.a.x", "read", None, {"n": 1}),
        outputs={"url": output("no-op", "a", "a"), "old": output("delete", "a")},
    )
    assert {address: dict(s.leaves) for address, s in found.standing.items()} == {
        "a.same": {"/id": "i", "/n": 1},
        "a.new": {"/id": UNKNOWN, "/n": 1},
        "output.url": {"": "a"},
    }


def test_an_output_is_a_change() -> None:
    body = output("update", "a", "b") | {"after_sensitive": True}
    found = only(plan(outputs={"url": body}))
    assert (found.address, found.leaves) == ("output.url", (Leaf("", "a", "b", sensitive=True),))


def test_what_is_not_understood_is_an_error() -> None:
    odd = change("a.x", "create")
    odd["change"]["actions"] = ["teleport"]
    with pytest.raises(ValueError, match="unknown action teleport"):
        plan(odd)
    with pytest.raises(ValueError, match="action_invocations"):
        plan(action_invocations=[{"address": "action.a.x"}])


def test_a_replacement_that_only_forgets_the_old_object_is_a_replacement() -> None:
    odd = change("a.x", "replace", {"id": "i"}, {})
    odd["change"]["actions"] = ["create", "forget"]
    assert only(plan(odd)).action is Action.REPLACE


# -- what nobody can read back -------------------------------------------------------------------


WRITTEN = {"pass_wo": None, "pass_wo_version": 1, "n": 1}


def test_a_write_only_attribute_is_unknown_where_it_is_written() -> None:
    found = {leaf.path: leaf.after for leaf in leaves("create", None, WRITTEN)}
    assert found["/pass_wo"] is UNKNOWN
    again = leaves("update", WRITTEN, WRITTEN | {"pass_wo_version": 2})
    assert [leaf.path for leaf in again] == ["/pass_wo", "/pass_wo_version"]
    assert [leaf.path for leaf in leaves("update", WRITTEN, WRITTEN | {"n": 2})] == ["/n"]


def test_a_write_only_attribute_of_the_schema_is_unknown_in_every_update() -> None:
    known = frozenset({("a", "/box/secret")})

    def parsed(item: dict[str, Any], unit: UnitId = UNIT) -> list[str]:
        document = {"resource_changes": [item]}
        [found] = parse_plan(document, unit, write_only=known).changes
        return [leaf.path for leaf in found.leaves if leaf.after is UNKNOWN]

    one, two = ({"box": [{"secret": None, "n": n}]} for n in (1, 2))
    assert parsed(change("a.x", "update", one, two)) == ["/box/[0]/secret"]
    assert parsed(change("b.x", "update", one, two)) == []


# -- checks ---------------------------------------------------------------------------------------


def test_a_condition_that_fails_is_a_warning() -> None:
    def check(kind: str, name: str, status: str, *messages: str) -> dict[str, Any]:
        problems = [{"message": message} for message in messages]
        instance = {"address": {"to_display": name}, "status": status, "problems": problems}
        address = {"kind": kind, "to_display": name}
        return {"address": address, "status": status, "instances": [instance]}

    found = plan(
        checks=[
            check("check", "check.c", "fail", "the keeper is not two", "nor three"),
            check("resource", "a.x", "error"),
            check("check", "check.later", "unknown"),
            check("resource", "a.y", "unknown"),
            check("check", "check.fine", "pass"),
        ]
    )
    assert found.warnings == (
        Warned("check.c", "the keeper is not two"),
        Warned("check.c", "nor three"),
        Warned("a.x", "It fails."),
        Warned("check.later", "Whether it holds is known only after the apply."),
    )
