"""Which record decides: each rule told by the smallest history that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.domain.coverage import cover
from pipeline.domain.model import Plan
from pipeline.domain.record import Purpose, Reviewed
from tests.domain.plans import IMAGE, NOON, UNIT, change, keep, plan, record
from tests.domain.set_stories import listed
from tests.domain.stories import GONE, Rules, made

HEAD = "a" * 40
MINE = plan(change("a.x", "create", None, {"n": 1}, {"id": True}))


@dataclass(frozen=True)
class Landing:
    commit: str = "c1"
    pull: int | None = 1
    head: str = HEAD
    reviewed: bool = True
    approved_at: datetime | None = NOON


OTHER = Landing(commit="c2", pull=2, head="b" * 40)


def decided(
    rules: Rules,
    candidates: Sequence[Reviewed],
    fresh: Plan = MINE,
    landings: Sequence[Landing] = (Landing(),),
    **more: Any,
) -> Any:
    wanted = {"configuration": "c" * 64, "base_ref": "main"} | more
    return rules.decide(candidates, rules.Wanted(plan=fresh, landings=landings, **wanted))


def picked(rules: Rules, candidates: Sequence[Reviewed], *rest: Any, **more: Any) -> str:
    found = decided(rules, candidates, *rest, **more).reviewed
    return found.record.id if found else ""


def why(rules: Rules, candidate: Reviewed, *rest: Any, **more: Any) -> str:
    decision = decided(rules, [candidate], *rest, **more)
    assert decision.reviewed is None
    [rejected] = decision.rejected
    assert rejected.record == candidate.record.id
    return str(rejected.why)


def the_record_that_stood_at_the_approval_decides(rules: Rules) -> None:
    stood = record(MINE, minutes=-5)
    assert decided(rules, [stood]).reviewed is stood
    assert picked(rules, [record(MINE, minutes=0)]) == "r1"
    assert picked(rules, []) == ""


def a_record_for_something_else_decides_nothing(rules: Rules) -> None:
    def told(**more: Any) -> str:
        return why(rules, record(MINE, **more))

    assert told(configuration="d" * 64) == (
        "it was planned with another configuration than the one to deploy"
    )
    assert told(purpose=Purpose.DESTROY) == "it was made for a destroy"
    assert told(pull_request=2) == (
        "it is of #2, which is not among what landed since the last deployment"
    )
    assert "no pull request" in told(pull_request=None)
    assert told(head="b" * 40) == "it is of bbbbbbb, but aaaaaaa was merged"
    assert told(base_ref="evil") == "it was planned against evil, not main"
    elsewhere = record(replace(MINE, unit=replace(UNIT, workspace="dev")))
    assert why(rules, elsewhere) == "it is of web/dev"


def a_record_of_format_1_decides_nothing(rules: Rules) -> None:
    new = record(MINE, minutes=-1)
    old = replace(new, record=new.record.model_copy(update={"format": 1}))
    assert why(rules, old) == "it is of format 1, which knew too little"
    assert picked(rules, [old, record(MINE, "stood", minutes=-5)]) == "stood"


def a_foreign_record_supersedes_nothing(rules: Rules) -> None:
    """Else anybody could take a review away by planning the approved head for something else."""
    stood = record(MINE, "stood", minutes=-5)
    elsewhere = replace(MINE, unit=replace(UNIT, workspace="dev"))
    for foreign in (
        record(elsewhere, minutes=-1),
        record(MINE, minutes=-1, base_ref="evil"),
        record(MINE, minutes=-1, head="b" * 40),
        record(MINE, minutes=-1, pull_request=2),
        record(MINE, minutes=-1, purpose=Purpose.DESTROY),
        record(MINE, minutes=-1, purpose=Purpose.REVIEW),
    ):
        assert picked(rules, [stood, foreign]) == "stood"


def a_pull_request_that_nobody_approved_brings_no_record(rules: Rules) -> None:
    landings = [replace(Landing(), reviewed=False)]
    assert why(rules, record(MINE), MINE, landings) == "#1 was not approved"
    assert why(rules, record(MINE), MINE, [])


def the_newest_of_several_pull_requests_decides(rules: Rules) -> None:
    one = record(MINE, "one", minutes=-9)
    two = record(MINE, "two", minutes=-5, pull_request=2, head="b" * 40)
    landings = [Landing(), OTHER]
    assert picked(rules, [one, two], MINE, landings) == "two"
    assert picked(rules, [two, one], MINE, landings) == "two"
    elsewhere = record(MINE, "two", minutes=-5, pull_request=2, head="b" * 40, configuration="d")
    assert picked(rules, [one, elsewhere], MINE, landings) == "one"


def where_none_stood_the_first_after_the_approval_does(rules: Rules) -> None:
    first, second = record(MINE, "first", minutes=1), record(plan(), "second", minutes=2)
    assert picked(rules, [first]) == "first"
    assert picked(rules, [second, first]) == "first"
    assert decided(rules, [second, first]).rejected[0].why == (
        "it came after the approval, and it is not what would be applied now"
    )


def an_older_plan_of_the_same_head_is_superseded(rules: Rules) -> None:
    older = record(MINE, "older", minutes=-9)
    newer = record(MINE, "newer", minutes=0, configuration="d" * 64)
    decision = decided(rules, [older, newer])
    assert decision.reviewed is None
    assert {one.record: one.why for one in decision.rejected}["older"] == (
        "a later plan of the same head was there when it was approved"
    )


def a_repository_of_one_person_takes_its_newest_record(rules: Rules) -> None:
    alone = [replace(Landing(), approved_at=None)]
    one, two = record(MINE, "one"), record(plan(), "two", minutes=5)
    assert picked(rules, [one, two], MINE, alone) == "two"
    bent = record(MINE, "one", configuration="d" * 64)
    assert picked(rules, [bent], MINE, alone) == ""


def a_record_that_came_later_and_says_the_same_decides(rules: Rules) -> None:
    stood, late = record(MINE, "stood", minutes=-5), record(MINE, "late", minutes=5)
    assert picked(rules, [stood, late]) == "late"
    queued = record(MINE, "queued", minutes=5, purpose=Purpose.MERGE_GROUP)
    bent = record(MINE, "stood", minutes=-5, configuration="d" * 64)
    assert picked(rules, [bent, queued]) == "queued"


def a_record_that_turned_red_after_the_approval_decides_and_stops(rules: Rules) -> None:
    stood = record(MINE, "stood", minutes=-5)
    red = record(MINE, "red", minutes=5, verdict="fail", reasons=("the label was taken away",))
    decision = decided(rules, [stood, red])
    assert decision.reviewed is red
    assert not cover(MINE, red).covered


def a_record_that_came_later_and_says_more_does_not(rules: Rules) -> None:
    stood = record(MINE, "stood", minutes=-5)
    more = plan(*[change("a.x", "create", None, {"n": 1}, {"id": True})] * 1,
                change("a.evil", "create", None, {"n": 1}))  # fmt: skip
    late = record(more, "late", minutes=5)
    decision = decided(rules, [stood, late], more)
    assert decision.reviewed is stood
    assert decision.rejected[0].why == (
        "it came after the approval, and what it does to a.evil is new"
    )
    worse = plan(change("a.x", "create", None, {"n": 2}, {"id": True}))
    decision = decided(rules, [stood, record(worse, "late", minutes=5)], worse)
    assert decision.reviewed is stood
    assert decision.rejected[0].why == "it came after the approval, and a.x /n is new in it"


def a_later_record_may_not_do_worse(rules: Rules) -> None:
    it = {"id": "i", "n": 1}
    stood = record(plan(change("a.x", "update", it, it | {"n": 2})), "stood", minutes=-5)
    worse = plan(change("a.x", "delete", it))
    assert picked(rules, [stood, record(worse, "late", minutes=5)], worse) == "stood"


def what_other_reviewed_landings_showed_may_be_in_a_later_record(rules: Rules) -> None:
    theirs = change("a.y", "create", None, {"n": 1})
    both = plan(change("a.x", "create", None, {"n": 1}, {"id": True}), theirs)
    stood = record(MINE, "stood", minutes=-5, configuration="d" * 64)
    other = record(plan(theirs), "other", minutes=-5, pull_request=2, head="b" * 40,
                   configuration="e" * 64)  # fmt: skip
    queued = record(both, "queued", minutes=5, purpose=Purpose.MERGE_GROUP)
    records = [stood, other, queued]
    assert picked(rules, records, both, [Landing(), OTHER]) == "queued"
    assert picked(rules, records, both, [Landing()]) == ""
    assert picked(rules, records, both, [Landing(), replace(OTHER, reviewed=False)]) == ""
    assert picked(rules, records[::2], both, [Landing(), OTHER]) == ""


def what_was_unknown_at_the_approval_may_be_known_later(rules: Rules) -> None:
    known = plan(change("a.x", "create", None, {"n": 1, "id": "i"}))
    stood, late = record(MINE, "stood", minutes=-5), record(known, "late", minutes=5)
    assert picked(rules, [stood, late], known) == "late"


def an_element_of_a_set_may_be_known_later_at_another_place(rules: Rules) -> None:
    vague, known = listed("k", "?"), listed("a", "k")
    stood, late = record(vague, "stood", minutes=-5), record(known, "late", minutes=5)
    assert picked(rules, [stood, late], known) == "late"
    other = listed("a", "m")
    assert picked(rules, [stood, record(other, "late", minutes=5)], other) == "stood"
    # known at the approval, so it must not be what turned out of an unknown one
    both = record(listed("k", "m"), "stood", minutes=-5, configuration="d" * 64)
    later = record(vague, "late", minutes=5)
    assert picked(rules, [both, later], known) == ""
    assert picked(rules, [both, later], listed("k", "m")) == "late"
    was: Any = [{"k": "m", "x": 5}, {"k": "n"}]
    stood = record(
        listed({"k": "n", "y": 1}, {"k": "?", "x": 5}, action="update", was=was),
        "stood", minutes=-5, configuration="d" * 64,
    )  # fmt: skip
    known = listed({"k": "a", "x": 5}, {"k": "n", "y": 1}, action="update", was=was)
    assert picked(rules, [stood, record(known, "late", minutes=5)], known) == "late"


def what_was_known_at_the_approval_and_is_unknown_later_stops(rules: Rules) -> None:
    known = plan(change("a.x", "create", None, {"n": 1, "m": 1}))
    vague = plan(change("a.x", "create", None, {"n": 1}, {"m": True}))
    stood = record(known, "stood", minutes=-5, configuration="d" * 64)
    late = record(vague, "late", minutes=5)
    assert picked(rules, [stood, late], vague) == ""
    other = plan(change("a.x", "create", None, {"n": 1, "m": 2}))
    assert picked(rules, [stood, late], other) == ""
    assert picked(rules, [stood, late], known) == "late"


def what_one_of_several_knew_and_is_unknown_later_stops(rules: Rules) -> None:
    known, other = (plan(change("a.x", "create", None, {"n": n})) for n in (1, 2))
    vague = plan(change("a.x", "create", None, {}, {"n": True}))
    old = {"minutes": -5, "configuration": "d" * 64}
    mine = record(known, "mine", **old)
    theirs = record(vague, "theirs", **old, pull_request=2, head="b" * 40)
    landings = [Landing(), OTHER]
    late = record(vague, "late", minutes=5)
    assert picked(rules, [mine, theirs, late], other, landings) == ""
    assert picked(rules, [mine, theirs, late], known, landings) == "late"
    certain = record(other, "late", minutes=5)
    assert picked(rules, [mine, theirs, certain], other, landings) == "late"


def a_later_record_may_take_along_what_the_apply_left(rules: Rules) -> None:
    stood = record(
        plan(change("a.x", "replace", {"id": "i", "n": 1}, {"n": 2}, {"id": True})),
        "stood", minutes=-5, configuration="d" * 64,
    )  # fmt: skip
    rest = plan(keep("a.x", {"id": "j", "n": 2}), change("a.x", "delete", {"id": "i"}, deposed="d"))
    late = record(rest, "late", minutes=5)
    assert picked(rules, [stood, late], rest) == "late"
    gone = plan(change("a.z", "delete", {"id": "k"}, **GONE))
    later = record(gone, "late", minutes=5)
    assert picked(rules, [stood, later], gone) == ""
    assert picked(rules, [stood, later], gone, made=made("a id k")) == "late"


def a_later_record_may_have_the_image_of_the_tree(rules: Rules) -> None:
    def update(image: str) -> Plan:
        return plan(change("a.x", "update", {"id": "i", "i": "app:0"}, {"id": "i", "i": image}))

    stood = record(update("app:1"), "stood", "app:1", minutes=-5, configuration="d" * 64)
    late = record(update(IMAGE), "late", IMAGE, minutes=5)
    assert picked(rules, [stood, late], update(IMAGE), image=IMAGE) == "late"
    assert picked(rules, [stood, late], update(IMAGE)) == ""


def the_image_in_a_later_record_needs_no_leaf_before(rules: Rules) -> None:
    was, now = {"id": "i", "n": 1, "i": "app:0"}, {"id": "i", "n": 2, "i": "app:0"}
    old = {"minutes": -5, "configuration": "d" * 64}
    stood = record(plan(change("a.x", "update", was, now)), "stood", "app:0", **old)
    fresh = plan(change("a.x", "update", was, now | {"i": IMAGE}))
    late = record(fresh, "late", IMAGE, minutes=5)
    assert picked(rules, [stood, late], fresh, image=IMAGE) == "late"
    within = plan(change("a.x", "create", None, {"run": "start app:0"}))
    there = record(within, "stood", "app:0", **old)
    begun = plan(change("a.x", "create", None, {"run": f"start {IMAGE}"}))
    late = record(begun, "late", IMAGE, minutes=5)
    assert picked(rules, [there, late], begun, image=IMAGE) == "late"


def reading_is_nothing_new(rules: Rules) -> None:
    read = change("d.x", "read", None, {"n": 1})
    fresh = plan(change("a.x", "create", None, {"n": 1}, {"id": True}), read)
    stood = record(MINE, "stood", minutes=-5, configuration="d" * 64)
    assert picked(rules, [stood, record(fresh, "late", minutes=5)], fresh) == "late"


def a_review_decides_when_a_dispatch_names_it(rules: Rules) -> None:
    review = record(MINE, "v", purpose=Purpose.REVIEW, pull_request=None, landings=("c1",))
    landings = [replace(Landing(), reviewed=False)]
    assert why(rules, review, MINE, landings) == "nobody approved it by a dispatch that names it"
    named = frozenset({"v"})
    assert picked(rules, [review], MINE, landings, dispatched=named) == "v"
    assert picked(rules, [review], MINE, [*landings, OTHER], dispatched=named) == "v"
    unseen = [*landings, replace(OTHER, reviewed=False)]
    told = why(rules, review, MINE, unseen, dispatched=named)
    assert told == "it does not stand for c2, which nobody reviewed"
    other = frozenset({"w"})
    assert why(rules, review, MINE, landings, dispatched=other)
    bent = record(MINE, "v", purpose=Purpose.REVIEW, configuration="d" * 64, landings=("c1",))
    assert why(rules, bent, MINE, landings, dispatched=named)


def a_dispatch_makes_no_review_of_another_record(rules: Rules) -> None:
    mine = record(MINE, minutes=5, head="b" * 40)
    assert picked(rules, [mine], dispatched=frozenset({"r1"})) == ""
    stood = record(plan(), "stood", minutes=-5)
    late = record(MINE, "late", minutes=5)
    assert picked(rules, [stood, late], dispatched=frozenset({"late"})) == "stood"


def what_a_dispatch_approved_may_be_in_a_later_record(rules: Rules) -> None:
    late = record(MINE, "late", minutes=5)
    stood = record(plan(), "stood", minutes=-5)
    review = record(MINE, "v", purpose=Purpose.REVIEW, configuration="d" * 64)
    assert picked(rules, [stood, review, late], dispatched=frozenset({"v"})) == "late"
    assert picked(rules, [stood, review, late]) == "stood"


def a_record_is_named_for_one_purpose(rules: Rules) -> None:
    wanted = rules.Wanted(MINE, "c" * 64, "main")
    destroy = record(MINE, purpose=Purpose.DESTROY)
    assert rules.named(destroy, wanted, Purpose.DESTROY) == ""
    assert rules.named(destroy, wanted) == "it was made for a destroy"
    assert rules.named(record(MINE), wanted, Purpose.DESTROY) == "it was made for a pull-request"
    assert rules.named(record(MINE), wanted, Purpose.PULL_REQUEST) == ""


DECISIONS: list[Callable[[Rules], None]] = [
    value
    for value in list(globals().values())
    if list(getattr(value, "__annotations__", {})) == ["rules", "return"]
]
