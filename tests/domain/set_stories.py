"""What the rules of coverage say of sets, whose unknown elements move when they become known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.domain.model import Plan
from tests.domain.plans import IMAGE, change, keep, output, plan, record
from tests.domain.stories import Rules, covered


def listed(*items: Any, action: str = "create", was: Any = None) -> Plan:
    """A plan that sets a list; what is unknown in it is written ``?``."""

    def marks(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: marks(item) for key, item in value.items()}
        return [marks(item) for item in value] if isinstance(value, list) else value == "?"

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if item != "?"}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return None if value == "?" else value

    before = None if was is None else {"id": "i", "l": was}
    after = {"id": "i", "l": plain(list(items))}
    return plan(change("a.x", action, before, after, {"l": marks(list(items))}))


def an_unknown_element_of_a_set_may_become_known_anywhere(rules: Rules) -> None:
    for first, last in (("a", "k"), ("k", "z")):
        assert covered(rules, listed(first, last), listed("k", "?"))
    assert covered(rules, listed("a", "k", "m", "z"), listed("k", "m", "?", "?"))
    assert covered(rules, listed(1, 9), listed(9, "?"))
    assert covered(rules, listed(False, True), listed(True, "?"))
    assert covered(rules, listed("a", "k", None), listed("k", "?", None))
    assert covered(rules, listed("a", "k"), listed("k", "?", "?"))


def every_known_element_of_a_set_must_be_there_unchanged(rules: Rules) -> None:
    for now in (["a", "b"], ["a", "z"], ["a"], ["a", "b", "k"], ["a", "k", "?"]):
        assert not covered(rules, listed(*now), listed("k", "?"))
    for now in (["a", "b", "k"], ["a", "b", "m"], ["a", "m"], ["a", "m", "?"]):
        assert not covered(rules, listed(*now), listed("k", "m", "?"))
    assert covered(rules, listed("k"), listed("k", "?"))
    assert not covered(rules, listed("z"), listed("k", "?"))


def an_element_stands_for_one_recorded_element_only(rules: Rules) -> None:
    was = listed({"k": "b", "n": 1}, {"k": "b", "n": "?"})
    assert covered(rules, listed({"k": "b", "n": 0}, {"k": "b", "n": 1}), was)
    assert not covered(rules, listed({"k": "b", "n": 0}, {"k": "b", "n": 2}), was)
    assert not covered(rules, listed({"k": "b", "n": 1}), was)
    thrice = listed({"k": "b", "n": 0}, {"k": "b", "n": 1}, {"k": "b", "n": 2})
    assert not covered(rules, thrice, was)
    either = listed({"k": "b", "n": "?"}, {"k": "?", "n": 1})
    assert covered(rules, listed({"k": "b", "n": 1}, {"k": "b", "n": 2}), either)


def an_element_is_matched_as_a_whole(rules: Rules) -> None:
    one, two = {"k": "m", "n": 1}, {"k": "?", "n": 2}
    assert covered(rules, listed({"k": "a", "n": 2}, one), listed(two, one))
    assert covered(rules, listed({"k": "a", "n": 2}, one), listed(one, {"k": "?", "n": 2}))
    assert not covered(rules, listed({"k": "a", "n": 1}, {"k": "m", "n": 2}), listed(one, two))
    assert not covered(rules, listed({"k": "a", "n": 2, "x": 1}, one), listed(one, two))
    assert not covered(rules, listed({"k": "a", "n": 2}, {"k": "m"}), listed(one, two))


def a_set_within_a_set_is_matched_as_well(rules: Rules) -> None:
    was = listed({"f": "x", "g": ["z"], "n": 1}, {"f": "?", "g": ["k", "?"], "n": 2})
    other = {"f": "x", "g": ["z"], "n": 1}
    assert covered(rules, listed({"f": "a", "g": ["a", "k"], "n": 2}, other), was)
    assert not covered(rules, listed({"f": "a", "g": ["a", "b"], "n": 2}, other), was)
    assert not covered(rules, listed({"f": "a", "g": ["z"], "n": 2}, other), was)
    inner = {"g": ["k", "?"], "n": 2}
    assert covered(rules, listed({"g": ["a", "k"], "n": 2}), listed(inner))
    lists = listed(["m"], ["?"])
    assert covered(rules, listed(["a"], ["m"]), lists)
    assert not covered(rules, listed(["a"], ["b"]), lists)


def a_list_keeps_its_order(rules: Rules) -> None:
    assert covered(rules, listed("a", "k"), listed("?", "k"))
    assert covered(rules, listed("z", "b", "c"), listed("z", "b", "?"))
    for was, now in (
        (["?", "k"], ["k", "z"]),
        (["z", "k", "?"], ["a", "k", "z"]),
        (["k", "?"], ["z", "k"]),
        (["k", "k", "?"], ["a", "k", "k"]),
        (["k", 1, "?"], ["a", "k", 1]),
        ([1, "k", "?"], [0, 1, "k"]),
        ([{"k": "m"}, {"k": "b"}, {"k": "?"}], [{"k": "a"}, {"k": "b"}, {"k": "m"}]),
    ):
        assert not covered(rules, listed(*now), listed(*was))
    # without anything unknown in it no list is read as a set
    assert not covered(rules, listed("m", "k"), listed("k", "m"))


def an_update_of_a_set_may_leave_elements_as_they_are(rules: Rules) -> None:
    was = ["k", "m"]
    reviewed = listed("k", "m", "?", action="update", was=was)
    assert covered(rules, listed("a", "k", "m", action="update", was=was), reviewed)
    assert covered(rules, listed("k", "l", "m", action="update", was=was), reviewed)
    assert not covered(rules, listed("a", "b", "m", action="update", was=was), reviewed)
    assert not covered(rules, listed("a", "k", action="update", was=was), reviewed)
    blocks: list[Any] = [{"k": "m", "x": 5}, {"k": "n"}]
    reviewed = listed({"k": "n", "y": 1}, {"k": "?", "x": 5}, action="update", was=blocks)
    fresh = listed({"k": "a", "x": 5}, {"k": "n", "y": 1}, action="update", was=blocks)
    assert covered(rules, fresh, reviewed)
    fresh = listed({"k": "a", "x": 5, "y": 1}, {"k": "n", "y": 1}, action="update", was=blocks)
    assert not covered(rules, fresh, reviewed)
    kept: list[Any] = [{"k": "m", "n": 1}]
    reviewed = listed({"k": "m", "n": 1}, {"k": "?"}, action="update", was=kept)
    fresh = listed({"k": "a"}, {"k": "m", "n": 1}, action="update", was=kept)
    assert covered(rules, fresh, reviewed)
    fresh = listed({"k": "a"}, {"k": "m"}, action="update", was=kept)
    assert not covered(rules, fresh, reviewed)


def what_is_taken_out_of_a_set_was_reviewed(rules: Rules) -> None:
    reviewed = listed("m", "?", action="update", was=["m"])
    assert not covered(rules, listed("a", "m", action="update", was=["m", "y", "z"]), reviewed)
    gone = listed("m", "?", action="update", was=["m", "y", "z"])
    assert covered(rules, listed("a", "m", action="update", was=["m", "y", "z"]), gone)


def a_set_that_is_so_already_is_done(rules: Rules) -> None:
    rest = plan(change("a.y", "create", None, {"n": 1}))
    sets = listed({"arn": "5", "t": ""}, {"arn": "?", "t": ""})
    reviewed = record(replace(sets, changes=(*sets.changes, *rest.changes)))

    def done(*items: Any) -> bool:
        there = keep("a.x", {"id": "i", "l": list(items)})
        fresh = plan(there, change("a.y", "create", None, {"n": 1}))
        return bool(rules.cover(fresh, reviewed).covered)

    assert done({"arn": "1", "t": ""}, {"arn": "5", "t": ""})
    assert done({"arn": "1", "t": ""}, {"arn": "5"})
    assert done({"arn": "1"}, {"arn": "5", "more": []})
    assert not done({"arn": "1"}, {"arn": "5", "more": "1"})
    assert not done({"arn": "1"}, {"arn": "6"})
    assert not done({"arn": "1"}, {"arn": "5", "t": "1"})
    assert not covered(rules, listed({"arn": "1", "t": ""}, {"arn": "5"}), sets)


def the_image_within_a_set_is_compared_by_the_text_around_it(rules: Rules) -> None:
    reviewed = record(listed("run app:1", "?"), image="app:1")
    assert rules.cover(listed("a", f"run {IMAGE}"), reviewed, image=IMAGE).covered
    assert not rules.cover(listed("a", f"rum {IMAGE}"), reviewed, image=IMAGE).covered


def a_record_without_sets_is_read_place_by_place(rules: Rules) -> None:
    new = record(listed("k", "?"))
    [mine] = new.record.changes
    bare = mine.model_copy(update={"sets": {}, "fillable": ()})
    old = replace(new, record=new.record.model_copy(update={"changes": (bare,)}))
    assert rules.cover(listed("k", "a"), old).covered
    assert not rules.cover(listed("a", "k"), old).covered


def an_unknown_attribute_may_turn_out_null(rules: Rules) -> None:
    def put(value: Any, unknown: Any = None, action: str = "create", was: Any = None) -> Plan:
        before = None if was is None else {"n": 1, "l": was}
        return plan(change("a.x", action, before, {"n": 1, "l": value}, {"l": unknown or {}}))

    vague = put({}, {"x": True, "y": True})
    assert covered(rules, put({"x": None, "y": None}), vague)
    assert covered(rules, put({"x": None, "y": 1}), vague)
    assert not covered(rules, put([]), vague)
    assert not covered(rules, put(""), vague)
    assert covered(rules, put({"m": {"x": None}}), put({"m": {}}, {"m": {"x": True}}))
    assert not covered(rules, put({}), put({"m": {}}, {"m": {"x": True}}))
    assert not covered(rules, put({"x": None}), put({"y": 1}, {"x": True}))
    assert not covered(rules, put({"x": None}), put({"y": 1}))
    assert not covered(rules, put([]), put([None], [True]))
    assert not covered(rules, put({}), put([None], [True]))
    assert covered(rules, put([{"x": None}]), put([{}], [{"x": True}]))
    cleared = put({"x": None}, None, "update", {"x": 1})
    assert covered(rules, cleared, put({}, {"x": True}, "update", {"x": 1}))
    assert not covered(rules, cleared, put({"x": 2}, None, "update", {"x": 1}))
    told = {"o": output("create", None, {"x": None})}
    assert covered(
        rules, plan(outputs=told), plan(outputs={"o": output("create", None, {}, {"x": True})})
    )


SETS: list[Callable[[Rules], None]] = [
    value
    for value in list(globals().values())
    if list(getattr(value, "__annotations__", {})) == ["rules", "return"]
]
