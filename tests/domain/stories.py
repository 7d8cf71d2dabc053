"""The rules of coverage, each told by the smallest plan that shows it.

Every story gets the functions under test, so that the mutation test can hand in broken ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.domain.model import Place, Plan
from tests.domain.plans import IMAGE, UNIT, change, keep, output, plan, record

Rules = Any
TAINTED = {"action_reason": "replace_because_tainted"}
GONE = {"action_reason": "delete_because_no_resource_config"}


def covered(rules: Rules, fresh: Plan, reviewed: Plan, **more: Any) -> bool:
    return bool(rules.cover(fresh, record(reviewed), **more).covered)


def made(*names: str) -> Callable[[str], bool]:
    """A ledger that lists these identities."""
    return lambda identity: identity in names


# -- actions ---------------------------------------------------------------------------------


def a_plan_is_covered_by_its_own_record(rules: Rules) -> None:
    p = plan(change("a.x", "create", None, {"n": 1}), change("a.y", "delete", {"n": 1}))
    verdict = rules.cover(p, record(p))
    assert verdict.covered
    assert verdict.record == "r1"


def without_a_record_nothing_is_covered(rules: Rules) -> None:
    verdict = rules.cover(plan(change("a.x", "create", None, {"n": 1})), None)
    assert not verdict.covered
    assert verdict.uncovered[0].reason == "no reviewed plan covers this"
    assert [leaf.path for leaf in verdict.uncovered[0].uncovered] == ["/n"]
    assert verdict.record == ""


def an_address_that_the_record_lacks_is_not_covered(rules: Rules) -> None:
    mine = change("a.x", "create", None, {"n": 1})
    verdict = rules.cover(plan(mine, change("a.y", "create", None, {"m": 1})), record(plan(mine)))
    [judgement] = verdict.uncovered
    assert judgement.change.address == "a.y"
    assert judgement.reason == "no reviewed plan touches this address"
    assert [leaf.path for leaf in judgement.uncovered] == ["/m"]


def an_action_worse_than_the_reviewed_one_is_not_covered(rules: Rules) -> None:
    one, two = {"id": "i", "n": 1}, {"id": "i", "n": 2}
    reviewed = record(plan(change("a.x", "update", one, two)))
    worse = rules.cover(plan(change("a.x", "replace", one, two)), reviewed)
    assert worse.uncovered[0].reason == "reviewed was update, but this is replace"
    for action, after in (("delete", None), ("forget", None), ("create", two)):
        assert not rules.cover(plan(change("a.x", action, one, after)), reviewed).covered


def create_delete_and_forget_do_not_stand_for_each_other(rules: Rules) -> None:
    it = {"id": "i", "n": 1}
    plans = {
        "create": plan(change("a.x", "create", None, it)),
        "delete": plan(change("a.x", "delete", it)),
        "forget": plan(change("a.x", "forget", it)),
    }
    for reviewed, one in plans.items():
        for fresh, other in plans.items():
            assert covered(rules, other, one) == (reviewed == fresh)


def what_remains_of_a_replace_is_its_create(rules: Rules) -> None:
    whole = plan(change("a.x", "replace", {"id": "i", "n": 1}, {"n": 2}, {"id": True}))
    assert covered(rules, plan(change("a.x", "create", None, {"n": 2}, {"id": True})), whole)
    assert not covered(rules, plan(change("a.x", "create", None, {"n": 3})), whole)
    assert not covered(rules, plan(change("a.x", "delete", {"id": "i", "n": 1})), whole)


def what_a_replace_left_over_may_be_deleted(rules: Rules) -> None:
    whole = plan(change("a.x", "replace", {"id": "i", "n": 1}, {"n": 2}, {"id": True}))
    new = keep("a.x", {"id": "j", "n": 2})
    left = change("a.x", "delete", {"id": "i", "n": 1}, deposed="ab12")
    assert covered(rules, plan(new, left), whole)
    another = change("a.x", "delete", {"id": "k", "n": 1}, deposed="ab12")
    assert not covered(rules, plan(new, another), whole)
    assert not covered(rules, plan(new, replace_action(left, "forget")), whole)
    updated = plan(change("a.x", "update", {"id": "i", "n": 1}, {"id": "i", "n": 2}))
    kept = plan(keep("a.x", {"id": "i", "n": 2}), left)
    assert not covered(rules, kept, updated)


def replace_action(item: dict[str, Any], action: str) -> dict[str, Any]:
    body = item["change"] | {"actions": [action]}
    return item | {"change": body}


def a_leftover_and_the_live_object_are_two_things(rules: Rules) -> None:
    left = change("a.x", "delete", {"id": "i"}, deposed="ab12")
    live = change("a.x", "delete", {"id": "i"})
    kept = keep("a.x", {"id": "i"})
    assert covered(rules, plan(left, kept), plan(left, kept))
    assert not covered(rules, plan(live), plan(left, kept))
    assert not covered(rules, plan(left), plan(live))
    other = change("a.x", "delete", {"id": "i"}, deposed="cd34")
    verdict = rules.cover(plan(other, kept), record(plan(left, kept)))
    assert verdict.uncovered[0].reason == "no reviewed plan deletes this leftover of a replacement"


def a_leftover_that_is_gone_already_is_done(rules: Rules) -> None:
    kept = keep("a.x", {"id": "i"})
    left = change("a.x", "delete", {"id": "i"}, deposed="ab12")
    more = change("a.y", "create", None, {"n": 1})
    assert covered(rules, plan(kept, more), plan(kept, more, left))


def reading_needs_no_review(rules: Rules) -> None:
    fresh = plan(change("data.a.x", "read", None, {"n": 1}))
    assert rules.cover(fresh, None).covered
    assert covered(rules, fresh, plan())
    assert covered(rules, plan(), fresh)


def a_reviewed_read_covers_no_create(rules: Rules) -> None:
    reviewed = plan(change("a.x", "read", None, {"n": 1}))
    assert not covered(rules, plan(change("a.x", "create", None, {"n": 1})), reviewed)


def an_update_without_visible_leaves_still_needs_its_action_reviewed(rules: Rules) -> None:
    same = plan(change("a.x", "update", {"n": 1}, {"n": 1}))
    assert not rules.cover(same, None).covered
    assert not covered(rules, same, plan())
    assert covered(rules, same, same)


# -- which object ------------------------------------------------------------------------------


def another_object_is_not_destroyed(rules: Rules) -> None:
    for action, after in (("delete", None), ("replace", {"n": 2}), ("forget", None)):
        reviewed = plan(change("a.x", action, {"id": "i", "n": 1}, after))
        same = plan(change("a.x", action, {"id": "i", "n": 9}, after))
        another = plan(change("a.x", action, {"id": "j", "n": 1}, after))
        assert covered(rules, same, reviewed)
        verdict = rules.cover(another, record(reviewed))
        told = "it is another object than the one that was reviewed"
        assert verdict.uncovered[0].reason == told
    forgotten = plan(change("a.x", "forget", {"id": "i"}))
    another = plan(change("a.x", "forget", {"id": "j"}))
    assert not covered(rules, another, forgotten, made=made("a id j"))


def another_object_is_not_updated(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"id": "i", "n": 1}, {"id": "i", "n": 2}))
    another = plan(change("a.x", "update", {"id": "j", "n": 1}, {"id": "j", "n": 2}))
    assert not covered(rules, another, reviewed)
    assert covered(rules, another, reviewed, made=made("a id j"))


def an_object_without_an_id_is_known_by_its_arn_or_by_all_its_values(rules: Rules) -> None:
    def deleted(**values: Any) -> Plan:
        return plan(change("a.x", "delete", values))

    assert covered(rules, deleted(arn="1", n=1), deleted(arn="1", n=2))
    assert not covered(rules, deleted(arn="1", n=1), deleted(arn="2", n=1))
    assert covered(rules, deleted(n=1), deleted(n=1))
    assert not covered(rules, deleted(n=1), deleted(n=2))


def an_object_that_was_made_since_may_be_replaced(rules: Rules) -> None:
    reviewed = plan(change("a.x", "create", None, {"n": 1}, {"id": True}))
    again = plan(change("a.x", "replace", {"id": "j", "n": 0}, {"n": 1}, {"id": True}))
    assert not covered(rules, again, reviewed)
    assert covered(rules, again, reviewed, made=made("a id j"))
    assert not covered(rules, again, reviewed, made=made("a id k"))
    other = plan(change("a.x", "replace", {"id": "j", "n": 0}, {"n": 2}, {"id": True}))
    assert not covered(rules, other, reviewed, made=made("a id j"))
    replaced = plan(change("a.x", "replace", {"id": "i", "n": 0}, {"n": 1}, {"id": True}))
    assert not covered(rules, again, replaced)
    assert covered(rules, again, replaced, made=made("a id j"))


def nothing_stateful_is_destroyed_because_it_was_made_since(rules: Rules) -> None:
    reviewed = plan(change("aws_s3_bucket.x", "create", None, {"n": 1}, {"id": True}))
    again = change("aws_s3_bucket.x", "replace", {"id": "j", "n": 0}, {"n": 1}, {"id": True})
    known = made("aws_s3_bucket id j")
    assert not covered(rules, plan(again), reviewed, made=known)
    gone = plan(change("aws_s3_bucket.x", "delete", {"id": "j"}, **GONE))
    assert not covered(rules, gone, plan(), made=known)
    left = plan(change("aws_s3_bucket.x", "delete", {"id": "j"}, deposed="ab12"))
    assert not covered(rules, left, plan(), made=known)


def what_an_apply_made_while_its_revert_was_planned_may_go(rules: Rules) -> None:
    gone = plan(change("a.x", "delete", {"id": "j", "n": 1}, **GONE))
    assert covered(rules, gone, plan(), made=made("a id j"))
    assert not covered(rules, gone, plan())
    assert not rules.cover(gone, None, made=made("a id j")).covered
    unasked = plan(change("a.x", "delete", {"id": "j", "n": 1}))
    assert not covered(rules, unasked, plan(), made=made("a id j"))
    left = plan(change("a.x", "delete", {"id": "j", "n": 1}, deposed="ab12"))
    assert covered(rules, left, plan(), made=made("a id j"))


def what_an_interrupt_left_half_made_is_covered_by_its_create(rules: Rules) -> None:
    reviewed = plan(change("a.x", "create", None, {"n": 1}, {"id": True}))
    half = {"id": "j", "n": 1, "m": "", "k": "default", "l": ["x"]}
    assert covered(rules, plan(change("a.x", "replace", half, {"n": 1}, **TAINTED)), reviewed)
    replaced = plan(change("a.x", "replace", {"id": "i", "n": 0}, {"n": 1}, {"id": True}))
    assert covered(rules, plan(change("a.x", "replace", half, {"n": 1}, **TAINTED)), replaced)


def a_half_made_object_covers_no_other_value(rules: Rules) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1, "m": 2})))

    def uncovered(after: Any) -> list[str]:
        half = change("a.x", "replace", {"n": 1, "m": 2}, after, **TAINTED)
        verdict = rules.cover(plan(half), reviewed)
        assert not verdict.covered
        return [leaf.path for j in verdict.uncovered for leaf in j.uncovered]

    assert uncovered({"n": 9, "m": 2}) == ["/n"]
    assert uncovered({"n": 1, "m": 2, "k": 3}) == ["/k"]
    assert uncovered({"n": 1}) == ["/m"]


def a_tainted_object_is_replaced_only_where_it_was_made(rules: Rules) -> None:
    half = plan(change("a.x", "replace", {"id": "j", "n": 1}, {"n": 1}, **TAINTED))
    updated = plan(change("a.x", "update", {"id": "j", "n": 0}, {"id": "j", "n": 1}))
    assert not covered(rules, half, updated)
    assert not covered(rules, half, plan())
    created = plan(change("a.x", "create", None, {"n": 1}))
    for reason in ("replace_because_cannot_update", "replace_by_request", ""):
        other = change("a.x", "replace", {"id": "j", "n": 1}, {"n": 1}, action_reason=reason)
        assert not covered(rules, plan(other), created)


def an_update_finishes_what_was_created_or_replaced(rules: Rules) -> None:
    rest = plan(change("a.x", "update", {"id": "j", "n": 1, "m": 0}, {"id": "j", "n": 1, "m": 2}))
    after = {"n": 1, "m": 2}
    assert covered(rules, rest, plan(change("a.x", "create", None, after, {"id": True})))
    assert covered(rules, rest, plan(change("a.x", "replace", {"id": "i"}, after, {"id": True})))
    other = plan(change("a.x", "create", None, {"n": 7, "m": 2}, {"id": True}))
    assert not covered(rules, rest, other)


# -- values ------------------------------------------------------------------------------------


def another_known_value_is_not_covered(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2}))
    fresh = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 3, "m": 2}))
    verdict = rules.cover(fresh, record(reviewed))
    assert [leaf.path for leaf in verdict.uncovered[0].uncovered] == ["/n"]
    assert verdict.uncovered[0].reason == "1 of its values were never reviewed"


def a_leaf_that_the_record_lacks_is_not_covered(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 1}))
    fresh = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2}))
    assert not covered(rules, fresh, reviewed)
    gone = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2}))
    assert not covered(rules, gone, reviewed)


def a_leaf_that_is_taken_away_from_a_create_is_missed(rules: Rules) -> None:
    reviewed = record(plan(change("a.x", "create", None, {"n": 1, "boundary": "b", "t": ""})))
    verdict = rules.cover(plan(change("a.x", "create", None, {"n": 1, "t": ""})), reviewed)
    assert not verdict.covered
    [missing] = verdict.missing
    assert (missing.address, missing.what) == ("a.x", "1 of its reviewed values would not be so")
    without_t = plan(change("a.x", "create", None, {"n": 1, "boundary": "b"}))
    assert not rules.cover(without_t, reviewed).covered


def a_part_of_a_policy_that_is_taken_away_is_missed(rules: Rules) -> None:
    def policy(text: str) -> Plan:
        return plan(change("a.x", "create", None, {"p": text}))

    whole = policy('{"S": [{"A": "allow"}, {"A": "deny"}]}')
    assert not covered(rules, policy('{"S": [{"A": "allow"}]}'), whole)
    assert not covered(rules, policy('{"S": [{"A": "allow"}, {}]}'), whole)
    assert covered(rules, policy('{"S":[{"A":"allow"},{"A":"deny"}]}'), whole)


def half_of_an_update_is_enough_when_the_rest_is_so_already(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 2}))
    assert covered(
        rules, plan(change("a.x", "update", {"n": 2, "m": 1}, {"n": 2, "m": 2})), reviewed
    )
    assert not covered(
        rules, plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 1, "m": 2})), reviewed
    )


def a_leaf_that_was_to_go_must_not_stay(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2}))
    assert covered(rules, plan(change("a.x", "update", {"n": 1}, {"n": 2})), reviewed)
    stays = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 2, "m": 1}))
    assert not covered(rules, stays, reviewed)


def what_a_provider_reads_back_as_nothing_is_so_already(rules: Rules) -> None:
    wanted = {"t": "", "l": [], "m": {}, "n": 1}
    reviewed = plan(change("a.x", "create", None, wanted), change("a.y", "create", None, {"n": 1}))
    rest = change("a.y", "create", None, {"n": 1})
    assert covered(rules, plan(keep("a.x", {"id": "i", "n": 1}), rest), reviewed)
    assert covered(rules, plan(keep("a.x", {"t": "", "l": {}, "m": [], "n": 1}), rest), reviewed)
    assert not covered(rules, plan(keep("a.x", {"t": 0, "n": 1}), rest), reviewed)
    assert not covered(rules, plan(keep("a.x", {"t": "", "n": 0}), rest), reviewed)
    again = change("a.x", "update", {"n": 0}, {"n": 1})
    assert covered(rules, plan(again, rest), reviewed)


def a_value_that_was_unknown_in_review_is_covered(rules: Rules) -> None:
    reviewed = plan(change("a.x", "create", None, {"n": 1}, {"id": True, "list": True}))
    fresh = plan(change("a.x", "create", None, {"n": 1, "id": "i-1", "list": ["p"]}))
    assert covered(rules, fresh, reviewed)
    assert covered(rules, plan(change("a.x", "create", None, {"n": 1})), reviewed)


def a_value_that_became_unknown_is_not_covered(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1}, {"n": 2}))
    assert not covered(rules, plan(change("a.x", "update", {"n": 1}, {}, {"n": True})), reviewed)
    whole = plan(change("a.x", "create", None, {"l": [{"n": 1}]}))
    assert not covered(rules, plan(change("a.x", "create", None, {}, {"l": True})), whole)


def an_attribute_that_nobody_can_read_counts_as_unknown(rules: Rules) -> None:
    written = {"pass_wo": None, "pass_wo_version": 1}
    reviewed = plan(change("a.x", "create", None, written))
    assert covered(rules, reviewed, reviewed)
    again = plan(change("a.x", "update", written, written | {"pass_wo_version": 2}))
    assert not covered(rules, again, reviewed)
    assert covered(rules, again, again)


# -- what was reviewed must be there ------------------------------------------------------------


def a_reviewed_change_must_be_there_or_done(rules: Rules) -> None:
    mine = change("a.x", "create", None, {"n": 1})
    block = change("a.block", "create", None, {"deny": True})
    verdict = rules.cover(plan(mine), record(plan(mine, block)))
    assert not verdict.covered
    [missing] = verdict.missing
    assert missing.address == "a.block"
    assert missing.what == "its create was reviewed, and it would not be there"
    assert covered(rules, plan(mine, keep("a.block", {"id": "b", "deny": True})), plan(mine, block))
    assert not covered(rules, plan(mine, keep("a.block", {"deny": False})), plan(mine, block))


def a_reviewed_update_must_be_there_or_done(rules: Rules) -> None:
    mine = change("a.x", "create", None, {"n": 1})
    both = plan(mine, change("a.y", "update", {"n": 1}, {"n": 2}))
    assert covered(rules, plan(mine, keep("a.y", {"n": 2, "m": 5})), both)
    assert not covered(rules, plan(mine, keep("a.y", {"n": 1})), both)
    assert not covered(rules, plan(mine), both)


def a_reviewed_end_must_be_there_or_done(rules: Rules) -> None:
    mine = change("a.x", "create", None, {"n": 1})
    for action in ("delete", "forget"):
        both = plan(mine, change("a.y", action, {"id": "i"}))
        assert covered(rules, plan(mine), both)
        verdict = rules.cover(plan(mine, keep("a.y", {"id": "i"})), record(both))
        assert [m.what for m in verdict.missing] == [
            f"its {action} was reviewed, and it would stay"
        ]


# -- moves, imports, outputs ---------------------------------------------------------------------


def a_move_is_a_change_like_others(rules: Rules) -> None:
    it = {"id": "i", "n": 1}
    moved = plan(keep("a.new", it, previous_address="a.old"))
    assert covered(rules, moved, moved)
    assert not rules.cover(moved, None).covered
    assert not covered(rules, moved, plan())
    for action in ("delete", "forget", "update"):
        assert not covered(rules, plan(change("a.new", action, it, None)), moved)
    verdict = rules.cover(moved, record(plan(change("a.new", "update", {"id": "i", "n": 0}, it))))
    assert verdict.uncovered[0].reason == "nobody reviewed that a.old moves here"


def a_move_that_is_done_is_done(rules: Rules) -> None:
    it = {"id": "i", "n": 1}
    moved = plan(keep("a.new", it, previous_address="a.old"))
    assert covered(rules, plan(keep("a.new", it)), moved)
    verdict = rules.cover(plan(keep("a.new", it | {"id": "j"})), record(moved))
    assert not verdict.covered
    assert "another object" in verdict.missing[0].what
    there = plan(keep("a.new", it | {"id": "j"}))
    assert covered(rules, there, moved, made=made("a id j"))
    assert not covered(rules, plan(), moved)


def a_move_with_an_update_may_be_half_done(rules: Rules) -> None:
    was, now = {"id": "i", "n": 1}, {"id": "i", "n": 2}
    both = plan(change("a.new", "update", was, now, previous_address="a.old"))
    assert covered(rules, both, both)
    assert covered(rules, plan(change("a.new", "update", was, now)), both)
    assert covered(rules, plan(keep("a.new", now, previous_address="a.old")), both)
    assert not covered(rules, plan(keep("a.new", was, previous_address="a.old")), both)
    assert not covered(rules, both, plan(keep("a.new", was, previous_address="a.old")))


def another_object_does_not_move(rules: Rules) -> None:
    def moved(id: str, old: str) -> Plan:
        return plan(keep("a.new", {"id": id}, previous_address=old))

    assert not covered(rules, moved("j", "a.old"), moved("i", "a.old"))
    assert not covered(rules, moved("j", "a.between"), moved("i", "a.old"))
    assert covered(rules, moved("i", "a.between"), moved("i", "a.old"))
    assert covered(rules, moved("j", "a.old"), moved("i", "a.old"), made=made("a id j"))
    assert not covered(rules, moved("j", "a.between"), moved("i", "a.old"), made=made("a id j"))


def an_import_is_a_change_like_others(rules: Rules) -> None:
    it = {"id": "i", "n": 1}

    def imported(id: str) -> Plan:
        return plan(keep("a.x", it, importing={"id": id}))

    assert covered(rules, imported("1"), imported("1"))
    assert not rules.cover(imported("1"), None).covered
    assert not covered(rules, imported("2"), imported("1"))
    moved = plan(keep("a.x", it, previous_address="a.old"))
    assert not covered(rules, imported("1"), moved)
    assert covered(rules, plan(keep("a.x", it)), imported("1"))
    assert not covered(rules, plan(keep("a.x", it | {"id": "j"})), imported("1"))
    assert not covered(rules, plan(), imported("1"))


def outputs_are_changes_like_others(rules: Rules) -> None:
    one, two = ({"url": output("create", None, value)} for value in "ab")
    assert covered(rules, plan(outputs=one), plan(outputs=one))
    assert not covered(rules, plan(outputs=two), plan(outputs=one))
    assert not rules.cover(plan(outputs=one), None).covered
    assert covered(rules, plan(outputs={"url": output("no-op", "a", "a")}), plan(outputs=one))
    assert not covered(rules, plan(), plan(outputs=one))
    gone = plan(outputs={"url": output("delete", "a")})
    assert covered(rules, gone, gone)
    assert covered(rules, plan(), gone)
    assert not covered(rules, plan(outputs={"url": output("no-op", "a", "a")}), gone)


# -- the image -----------------------------------------------------------------------------------


def the_image_of_the_deployed_tree_is_covered_and_no_other(rules: Rules) -> None:
    was = plan(change("a.x", "replace", {"id": "i", "i": "app:0"}, {"i": "app:1"}))
    fresh = plan(change("a.x", "replace", {"id": "i", "i": "app:0"}, {"i": IMAGE}))
    reviewed = record(was, image="app:1")
    assert rules.cover(fresh, reviewed, image=IMAGE).covered
    assert not rules.cover(fresh, reviewed, image="app:another").covered
    assert not rules.cover(fresh, reviewed).covered


def the_image_within_a_text_is_covered_when_the_text_around_it_is(rules: Rules) -> None:
    was = plan(change("a.x", "create", None, {"c": '{"run": "start app:1 --safe"}'}))
    reviewed = record(was, image="app:1")
    same = plan(change("a.x", "create", None, {"c": f'{{"run": "start {IMAGE} --safe"}}'}))
    other = plan(change("a.x", "create", None, {"c": f'{{"run": "start {IMAGE} --root"}}'}))
    assert rules.cover(same, reviewed, image=IMAGE).covered
    assert not rules.cover(other, reviewed, image=IMAGE).covered


def the_image_needs_no_leaf_in_the_record_but_its_action_does(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": 1, "i": "app:0"}, {"n": 2, "i": "app:0"}))
    fresh = plan(change("a.x", "update", {"n": 1, "i": "app:0"}, {"n": 2, "i": IMAGE}))
    assert covered(rules, fresh, reviewed, image=IMAGE)
    within = {"n": 2, "i": f"{IMAGE} --root"}
    fresh = plan(change("a.x", "update", {"n": 1, "i": "app:0"}, within))
    assert not covered(rules, fresh, reviewed, image=IMAGE)
    alone = plan(change("a.x", "update", {"i": "app:0"}, {"i": IMAGE}))
    assert not rules.cover(alone, None, image=IMAGE).covered
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    both = change("a.x", "update", {"i": "app:0", "n": 9}, {"i": IMAGE, "n": 1})
    assert not rules.cover(plan(both, drift=(away,)), None, image=IMAGE).covered


def no_image_covers_nothing(rules: Rules) -> None:
    reviewed = plan(change("a.x", "update", {"n": "1"}, {"n": "2"}))
    fresh = plan(change("a.x", "update", {"n": "1", "m": "1"}, {"n": "2", "m": ""}))
    assert not covered(rules, fresh, reviewed, image="")


# -- drift -----------------------------------------------------------------------------------------


def drift_is_put_right_in_place_and_told(rules: Rules) -> None:
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    back = change("a.x", "update", {"n": 9}, {"n": 1})
    reviewed = plan(change("a.y", "create", None, {"n": 1}))
    fresh = plan(back, change("a.y", "create", None, {"n": 1}), drift=(away,))
    for verdict in (
        rules.cover(plan(back, drift=(away,)), None),
        rules.cover(fresh, record(reviewed)),
    ):
        assert verdict.covered
        assert [leaf.path for leaf in verdict.corrected[0].corrected] == ["/n"]


def drift_is_put_right_beside_a_reviewed_update(rules: Rules) -> None:
    away = change("a.x", "update", {"n": 1, "m": 1}, {"n": 9, "m": 1})
    reviewed = plan(change("a.x", "update", {"n": 1, "m": 1}, {"n": 1, "m": 2}))
    fresh = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 1, "m": 2}), drift=(away,))
    assert covered(rules, fresh, reviewed)
    only = plan(change("a.x", "update", {"n": 9, "m": 2}, {"n": 1, "m": 2}), drift=(away,))
    assert covered(rules, only, reviewed)
    undone = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 1, "m": 1}), drift=(away,))
    assert not covered(rules, undone, reviewed)


def drift_of_what_only_moves_is_put_right(rules: Rules) -> None:
    away = change("a.new", "update", {"id": "i", "n": 1}, {"id": "i", "n": 9})
    back = change(
        "a.new", "update", {"id": "i", "n": 9}, {"id": "i", "n": 1}, previous_address="a.old"
    )
    moved = plan(keep("a.new", {"id": "i", "n": 1}, previous_address="a.old"))
    assert covered(rules, plan(back, drift=(away,)), moved)
    assert not rules.cover(plan(back, drift=(away,)), None).covered
    assert not covered(rules, plan(back, drift=(away,)), plan())


def drift_does_not_cover_another_value_or_another_leaf(rules: Rules) -> None:
    away = change("a.x", "update", {"n": 1, "m": 1}, {"n": 9, "m": 1})
    other = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 2, "m": 1}), drift=(away,))
    assert not rules.cover(other, None).covered
    more = plan(change("a.x", "update", {"n": 9, "m": 1}, {"n": 1, "m": 2}), drift=(away,))
    assert [leaf.path for leaf in rules.cover(more, None).uncovered[0].uncovered] == ["/m"]
    assert not covered(rules, more, plan())
    elsewhere = plan(change("a.y", "update", {"n": 9}, {"n": 1}), drift=(away,))
    assert not rules.cover(elsewhere, None).covered


def what_was_put_into_an_empty_map_may_be_taken_out(rules: Rules) -> None:
    def tags(before: Any, after: Any) -> dict[str, Any]:
        return change("a.x", "update", {"id": "i", "t": before}, {"id": "i", "t": after})

    by_hand = tags(None, {"by": "hand"})
    assert rules.cover(plan(tags({"by": "hand"}, {}), drift=(by_hand,)), None).covered
    kept = {"by": "hand", "keep": "1"}
    more = tags({"keep": "1"}, kept)
    assert not rules.cover(plan(tags(kept, {}), drift=(more,)), None).covered
    n_too = change("a.x", "update", {"n": 9, "l": None}, {"n": 1, "l": []})
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    assert not rules.cover(plan(n_too, drift=(away,)), None).covered


def an_unknown_value_is_no_drift_put_right(rules: Rules) -> None:
    away = change("a.x", "update", {}, {"n": 9}, {"n": True})
    fresh = plan(change("a.x", "update", {"n": 9}, {}, {"n": True}), drift=(away,))
    assert not rules.cover(fresh, None).covered


def creating_or_replacing_because_of_drift_needs_a_review(rules: Rules) -> None:
    gone = change("a.x", "delete", {"n": 1}, None)
    assert not rules.cover(
        plan(change("a.x", "create", None, {"n": 1}), drift=(gone,)), None
    ).covered
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    replaced = plan(change("a.x", "replace", {"n": 9}, {"n": 1}), drift=(away,))
    assert not rules.cover(replaced, None).covered
    assert not covered(rules, replaced, plan())


# -- the record as a whole ---------------------------------------------------------------------


def another_account_region_or_module_content_covers_nothing(rules: Rules) -> None:
    here = plan(change("a.x", "create", None, {"n": 1}))
    for bent in (Place("2", "ap-southeast-2", "modules"), Place("1", "us-east-1", "modules"),
                 Place("1", "ap-southeast-2", "others")):  # fmt: skip
        verdict = rules.cover(replace(here, place=bent), record(here))
        assert not verdict.covered
        assert len(verdict.mismatches) == 1
        assert verdict.uncovered


def a_record_of_another_unit_covers_nothing(rules: Rules) -> None:
    here = plan(change("a.x", "create", None, {"n": 1}))
    elsewhere = replace(here, unit=replace(UNIT, workspace="dev"))
    verdict = rules.cover(here, record(elsewhere))
    assert verdict.mismatches == ("The unit was web/dev at the review and is web/prod now.",)


def a_record_that_decides_nothing_is_said_where_every_change_is_covered(rules: Rules) -> None:
    away = change("a.x", "update", {"n": 1}, {"n": 9})
    back = plan(change("a.x", "update", {"n": 9}, {"n": 1}), drift=(away,))
    assert rules.cover(back, None).covered
    verdict = rules.cover(back, record(back, verdict="fail", reasons=("over budget",)))
    assert not verdict.uncovered
    assert not verdict.covered


def a_record_of_format_1_covers_nothing(rules: Rules) -> None:
    here = plan(change("a.x", "create", None, {"n": 1}))
    new = record(here)
    old = replace(new, record=new.record.model_copy(update={"format": 1}))
    verdict = rules.cover(here, old)
    assert not verdict.covered
    assert verdict.mismatches == (
        "The record is of format 1, which knew too little to cover a plan.",
    )


def a_record_whose_checks_failed_covers_nothing(rules: Rules) -> None:
    here = plan(change("a.x", "create", None, {"n": 1}))
    verdict = rules.cover(here, record(here, verdict="fail", reasons=("over budget",)))
    assert verdict.mismatches == ("The checks of the record failed: over budget.",)
    assert not verdict.covered


STORIES: list[Callable[[Rules], None]] = [
    value
    for value in list(globals().values())
    if list(getattr(value, "__annotations__", {})) == ["rules", "return"]
]
