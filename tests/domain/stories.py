"""The rules of coverage, each told by the smallest plan that shows it.

Every story gets the function under test, so that the mutation test can hand in a broken one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.domain.plans import IMAGE, change, plan, record

Cover = Callable[..., Any]


def a_plan_is_covered_by_its_own_record(cover: Cover) -> None:
    p = plan(change("a.x", "create", None, {"n": 1}), change("a.y", "delete", {"n": 1}))
    verdict = cover(p, [record(p)])
    assert verdict.covered
    assert verdict.evidence == ("r1",)


def without_a_record_nothing_is_covered(cover: Cover) -> None:
    verdict = cover(plan(change("a.x", "create", None, {"n": 1})), [])
    assert not verdict.covered
    assert verdict.uncovered[0].reason == "no reviewed plan touches this address"


def half_a_replace_is_covered_by_the_whole(cover: Cover) -> None:
    whole = record(plan(change("a.x", "replace", {"n": 1, "k": 5}, {"n": 2, "k": 5})))
    assert cover(plan(change("a.x", "delete", {"n": 1, "k": 5})), [whole]).covered
    assert cover(plan(change("a.x", "create", None, {"n": 2, "k": 5})), [whole]).covered


def an_action_worse_than_the_reviewed_one_is_not_covered(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": 1}, {"n": 2})))
    worse = cover(plan(change("a.x", "replace", {"n": 1}, {"n": 2})), [reviewed])
    assert not worse.covered
    assert worse.uncovered[0].reason == "reviewed was update, but this is replace"
    assert not cover(plan(change("a.x", "delete", {"n": 1})), [reviewed]).covered


def create_delete_and_forget_do_not_stand_for_each_other(cover: Cover) -> None:
    created = record(plan(change("a.x", "create", None, {"n": 1})))
    gone = record(plan(change("a.x", "delete", {"n": 1})))
    forgotten = record(plan(change("a.x", "forget", {"n": 1})))
    assert not cover(plan(change("a.x", "delete", {"n": 1})), [created]).covered
    assert not cover(plan(change("a.x", "replace", {"n": 1}, {"n": 1})), [created]).covered
    assert not cover(plan(change("a.x", "create", None, {"n": 1})), [gone]).covered
    assert not cover(plan(change("a.x", "delete", {"n": 1})), [forgotten]).covered
    assert not cover(plan(change("a.x", "forget", {"n": 1})), [gone]).covered
    assert cover(plan(change("a.x", "forget", {"n": 1})), [forgotten]).covered


def another_known_value_is_not_covered(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2})))
    fresh = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 3, "m": 2}))
    verdict = cover(fresh, [reviewed])
    assert [leaf.path for leaf in verdict.uncovered[0].uncovered] == ["/n"]
    assert verdict.uncovered[0].reason == "1 of its values were never reviewed"


def a_leaf_that_no_record_has_is_not_covered(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 1})))
    fresh = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2}))
    assert not cover(fresh, [reviewed]).covered


def a_value_that_was_unknown_in_review_is_covered(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1}, {"id": True, "list": True})))
    fresh = plan(change("a.x", "create", None, {"n": 1, "id": "i-1", "list": ["p"]}))
    assert cover(fresh, [reviewed]).covered


def a_value_that_became_unknown_is_not_covered(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": 1}, {"n": 2})))
    assert not cover(plan(change("a.x", "update", {"n": 1}, {}, {"n": True})), [reviewed]).covered


def the_most_recent_record_of_a_leaf_decides(cover: Cover) -> None:
    two = record(plan(change("a.x", "update", {"n": 1}, {"n": 2})), "first")
    three = record(plan(change("a.x", "update", {"n": 2}, {"n": 3})), "second")
    to_two = plan(change("a.x", "update", {"n": 1}, {"n": 2}))
    to_three = plan(change("a.x", "update", {"n": 1}, {"n": 3}))
    assert cover(to_three, [two, three]).covered
    assert not cover(to_two, [two, three]).covered
    assert cover(to_two, [three, two]).covered


def an_older_record_covers_what_the_newer_does_not_mention(cover: Cover) -> None:
    n = record(plan(change("a.x", "update", {"n": 1}, {"n": 2})), "first")
    m = record(plan(change("a.x", "update", {"m": 1}, {"m": 2})), "second")
    both = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2}))
    assert cover(both, [n, m]).covered
    assert cover(both, [n, m]).evidence == ("first", "second")


def reading_and_doing_nothing_need_no_review(cover: Cover) -> None:
    fresh = plan(
        change("data.a.x", "read", None, {"n": 1}),
        change("a.y", "no-op", {"n": 1}, {"n": 1}, previous_address="a.old"),
    )
    assert cover(fresh, []).covered


def a_reviewed_read_covers_no_create(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "read", None, {"n": 1})))
    assert not cover(plan(change("a.x", "create", None, {"n": 1})), [reviewed]).covered


def a_move_of_the_fresh_plan_is_followed(cover: Cover) -> None:
    reviewed = record(plan(change("a.old", "update", {"n": 1}, {"n": 2})))
    moved = change("a.new", "update", {"n": 1}, {"n": 2}, previous_address="a.old")
    assert cover(plan(moved), [reviewed]).covered
    assert not cover(plan(change("a.new", "update", {"n": 1}, {"n": 2})), [reviewed]).covered


def a_move_of_a_later_record_is_followed(cover: Cover) -> None:
    first = record(plan(change("a.old", "update", {"n": 1}, {"n": 2})), "first")
    moved = change("a.new", "no-op", {"n": 1}, {"n": 1}, previous_address="a.old")
    second = record(plan(moved), "second")
    fresh = plan(change("a.new", "update", {"n": 1}, {"n": 2}))
    assert cover(fresh, [first, second]).covered


def an_earlier_move_does_not_move_a_later_record(cover: Cover) -> None:
    moved = change("a.new", "no-op", {"n": 1}, {"n": 1}, previous_address="a.old")
    first = record(plan(moved), "first")
    second = record(plan(change("a.old", "create", None, {"n": 2})), "second")
    assert cover(plan(change("a.old", "create", None, {"n": 2})), [first, second]).covered
    assert not cover(plan(change("a.new", "create", None, {"n": 2})), [first, second]).covered


def the_image_of_the_deployed_tree_is_covered_and_no_other(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "replace", {"i": "app:0"}, {"i": "app:1"})), image="app:1")
    fresh = plan(change("a.x", "replace", {"i": "app:0"}, {"i": IMAGE}))
    assert cover(fresh, [reviewed], IMAGE).covered
    assert not cover(fresh, [reviewed], "app:another").covered
    assert not cover(fresh, [reviewed]).covered


def the_image_within_a_text_is_covered_when_the_text_around_it_is(cover: Cover) -> None:
    was = plan(change("a.x", "create", None, {"c": '{"run": "start app:1 --safe"}'}))
    reviewed = record(was, image="app:1")
    same = plan(change("a.x", "create", None, {"c": f'{{"run": "start {IMAGE} --safe"}}'}))
    other = plan(change("a.x", "create", None, {"c": f'{{"run": "start {IMAGE} --root"}}'}))
    assert cover(same, [reviewed], IMAGE).covered
    assert not cover(other, [reviewed], IMAGE).covered


def the_image_needs_no_record_of_its_own_leaf(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": 1, "i": "app:0"}, {"n": 2, "i": "app:0"})))
    fresh = plan(change("a.x", "update", {"n": 1, "i": "app:0"}, {"n": 2, "i": IMAGE}))
    assert cover(fresh, [reviewed], IMAGE).covered


def the_image_alone_does_not_cover_its_action(cover: Cover) -> None:
    fresh = plan(change("a.x", "update", {"i": "app:0"}, {"i": IMAGE}))
    assert not cover(fresh, [], IMAGE).covered
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    both = change("a.x", "update", {"i": "app:0", "n": 9}, {"i": IMAGE, "n": 1})
    assert not cover(plan(both, drift=(away,)), [], IMAGE).covered


def an_empty_image_covers_nothing(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "update", {"n": "1"}, {"n": "2"})))
    fresh = plan(change("a.x", "update", {"n": "1", "m": "1"}, {"n": "2", "m": ""}))
    assert not cover(fresh, [reviewed], "").covered


def drift_is_put_right_in_place_and_told(cover: Cover) -> None:
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    verdict = cover(plan(change("a.x", "update", {"n": 9}, {"n": 1}), drift=(away,)), [])
    assert verdict.covered
    assert [leaf.path for leaf in verdict.corrected[0].corrected] == ["/n"]


def drift_does_not_cover_another_value_or_another_leaf(cover: Cover) -> None:
    away = change("a.x", "update", {"n": 1, "m": 1}, {"n": 9, "m": 1})
    other = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 2, "m": 1}), drift=(away,))
    assert not cover(other, []).covered
    more = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 1, "m": 2}), drift=(away,))
    assert [leaf.path for leaf in cover(more, []).uncovered[0].uncovered] == ["/m"]
    elsewhere = plan(change("a.y", "update", {"n": 9}, {"n": 1}), drift=(away,))
    assert not cover(elsewhere, []).covered


def an_unknown_value_is_no_drift_put_right(cover: Cover) -> None:
    away = change("a.x", "update", {}, {"n": 9}, {"n": True})
    fresh = plan(change("a.x", "update", {"n": 9}, {}, {"n": True}), drift=(away,))
    assert not cover(fresh, []).covered


def creating_or_replacing_because_of_drift_needs_a_review(cover: Cover) -> None:
    gone = change("a.x", "delete", {"n": 1}, None)
    assert not cover(plan(change("a.x", "create", None, {"n": 1}), drift=(gone,)), []).covered
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    replaced = plan(change("a.x", "replace", {"n": 9}, {"n": 1}), drift=(away,))
    assert not cover(replaced, []).covered


def an_update_without_visible_leaves_still_needs_its_action_reviewed(cover: Cover) -> None:
    assert not cover(plan(change("a.x", "update", {"n": 1}, {"n": 1})), []).covered


def a_delete_needs_no_review_of_what_was_there(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "delete", {"n": 1})))
    assert cover(plan(change("a.x", "delete", {"n": 2, "m": 3})), [reviewed]).covered


def tainted(before: Any, after: Any, unknown: Any = None) -> Any:
    """What Terraform plans for an object whose creation was interrupted."""
    more = {"action_reason": "replace_because_tainted"}
    return plan(change("a.x", "replace", before, after, unknown, **more))


def what_an_interrupt_left_half_made_is_covered_by_its_create(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1}, {"id": True})))
    verdict = cover(tainted({"n": 1, "id": "i-1"}, {"n": 1}, {"id": True}), [reviewed])
    assert verdict.covered
    assert verdict.evidence == ("r1",)


def what_the_provider_reads_back_of_a_half_made_object_goes_with_it(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1})))
    assert cover(tainted({"n": 1, "m": "", "k": "default"}, {"n": 1}), [reviewed]).covered
    again = record(plan(change("a.x", "replace", {"n": 0}, {"n": 1})))
    assert cover(tainted({"n": 1, "m": ""}, {"n": 1}), [again]).covered


def a_half_made_object_covers_no_other_value(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1, "m": 2})))

    def uncovered(fresh: Any) -> list[str]:
        return [leaf.path for j in cover(fresh, [reviewed]).uncovered for leaf in j.uncovered]

    assert uncovered(tainted({"n": 1, "m": 2}, {"n": 9, "m": 2})) == ["/n"]
    assert uncovered(tainted({"n": 1, "m": 2}, {"n": 1})) == ["/m"]
    assert uncovered(tainted({"n": 1, "m": 2, "k": ""}, {"n": 1, "m": 2, "k": 3})) == ["/k"]


def replacing_a_whole_object_is_no_finishing(cover: Cover) -> None:
    created = record(plan(change("a.x", "create", None, {"n": 1})), "first")
    updated = record(plan(change("a.x", "update", {"n": 0}, {"n": 1})), "second")
    gone = record(plan(change("a.x", "delete", {"n": 1})), "third")
    fresh = tainted({"n": 1}, {"n": 1})
    assert not cover(fresh, []).covered
    assert not cover(fresh, [updated]).covered
    assert not cover(fresh, [gone]).covered
    assert not cover(fresh, [created, updated]).covered
    assert not cover(fresh, [updated, created]).covered
    assert cover(fresh, [gone, created]).covered
    for reason in ("replace_because_cannot_update", "replace_by_request", ""):
        other = change("a.x", "replace", {"n": 1}, {"n": 1}, action_reason=reason)
        assert not cover(plan(other), [created]).covered


def only_replacing_finishes_what_was_half_made(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1})))
    for action in ("update", "delete"):
        odd = change("a.x", action, {"n": 1}, {"n": 1}, action_reason="replace_because_tainted")
        assert not cover(plan(odd), [reviewed]).covered


def a_leaf_that_goes_from_a_finished_object_needs_a_review(cover: Cover) -> None:
    reviewed = record(plan(change("a.x", "replace", {"n": 0}, {"n": 1})))
    fresh = plan(change("a.x", "replace", {"n": 0, "m": ""}, {"n": 1}))
    assert not cover(fresh, [reviewed]).covered
    both = [reviewed, record(plan(change("a.x", "update", {"k": 0}, {"k": 1})), "second")]
    assert cover(tainted({"n": 1, "m": ""}, {"n": 1}), both).covered
    assert not cover(tainted({"n": 1, "k": 1}, {"n": 1}), both).covered
    assert not cover(tainted({"n": 1, "m": ""}, {"n": 1}), both[1:]).covered
    with_m = [record(plan(change("a.x", "replace", {"n": 0}, {"n": 1, "m": 1}))), both[1]]
    assert not cover(tainted({"n": 1, "m": 1}, {"n": 1}), with_m).covered


def outputs_are_changes_like_any_other(cover: Cover) -> None:
    one = {"url": {"actions": ["create"], "before": None, "after": "a", "after_unknown": False}}
    two = {"url": {"actions": ["create"], "before": None, "after": "b", "after_unknown": False}}
    reviewed = record(plan(outputs=one))
    assert cover(plan(outputs=one), [reviewed]).covered
    assert not cover(plan(outputs=two), [reviewed]).covered
    assert not cover(plan(outputs=one), []).covered


STORIES: list[Callable[[Cover], None]] = [
    value
    for value in list(globals().values())
    if getattr(value, "__annotations__", {}).get("cover") == "Cover"
]
