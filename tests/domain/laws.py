"""The laws of coverage as properties; each takes the functions under test.

They hold for the plans of a small Terraform (tests/domain/worlds.py). The mutation test hands in
broken functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    UNKNOWN,
    Action,
    Change,
    Leaf,
    LeafValue,
    Place,
    Plan,
    Standing,
)
from pipeline.domain.record import SETS_NOTHING, Purpose
from tests.domain.decisions import Landing, decided
from tests.domain.plans import UNIT, change, keep, plan, record
from tests.domain.sets import drawn, may_be, shown
from tests.domain.stories import Rules
from tests.domain.worlds import Wish, World, interrupted, planned, worlds

LAWS = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))

#: What no generated plan sets.
OTHER: list[LeafValue] = ["another", 77, UNKNOWN]


def empty(value: LeafValue) -> bool:
    """Whether a provider may read it back as any kind of nothing."""
    return value in (ABSENT, EMPTY_LIST, EMPTY_MAP, "")


def acting(of: Plan) -> list[Change]:
    return [item for item in of.changes if item.action is not Action.READ]


def known_leaves(of: Plan) -> list[tuple[Change, Leaf]]:
    return [
        (item, leaf)
        for item in of.changes
        if item.action not in SETS_NOTHING
        for leaf in item.leaves
        if leaf.after is not UNKNOWN
    ]


def with_change(of: Plan, was: Change, now: Change) -> Plan:
    return replace(of, changes=tuple(now if one is was else one for one in of.changes))


def with_leaf(of: Plan, item: Change, was: Leaf, now: Leaf | None) -> Plan:
    """The plan with one leaf set to another value, or left as it was before."""
    leaves = tuple(one for one in item.leaves if one is not was)
    ends = now.after if now is not None else was.before
    if now is not None:
        leaves = tuple(now if one is was else one for one in item.leaves)
    live = of.standing[item.address]
    kept: Mapping[str, LeafValue] = {p: v for p, v in live.leaves.items() if p != was.path}
    if ends is not ABSENT:
        kept = {**kept, was.path: ends}
    bent = with_change(of, item, replace(item, leaves=leaves))
    return replace(bent, standing={**of.standing, item.address: Standing(live.identity, kept)})


# -- what is covered ------------------------------------------------------------------------------


def law_own_record(rules: Rules, world: World) -> None:
    p = world.plan
    assert rules.cover(p, record(p)).covered
    assert decided(rules, [record(p)], p).reviewed is not None


def law_interrupted(rules: Rules, world: World, data: st.DataObject) -> None:
    """Of what was reviewed any part may be done, untouched or half made: the rest is covered."""
    reviewed = record(world.plan)
    seed = data.draw(st.randoms(use_true_random=False))
    after = interrupted(world, seed.randrange)
    assert rules.cover(planned(after), reviewed).covered
    again = interrupted(after, seed.randrange)
    assert rules.cover(planned(again), reviewed, made=again.lists).covered


def law_drift(rules: Rules, world: World, data: st.DataObject) -> None:
    """What was changed by hand is put right in place, with a record and without one."""
    p = world.plan
    updates = [item for item in p.changes if item.action is Action.UPDATE]
    assume(updates)
    by_hand = tuple(
        replace(item, leaves=tuple(replace(x, before=x.after, after=x.before) for x in item.leaves))
        for item in updates
    )
    back = replace(p, changes=tuple(updates), drift=by_hand)
    known = all(leaf.after is not UNKNOWN for item in updates for leaf in item.leaves)
    some = all(item.leaves for item in updates)
    for reviewed in (None, record(plan())):
        assert rules.cover(back, reviewed).covered == (known and some)


# -- what is not ----------------------------------------------------------------------------------


def law_one_known_leaf(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    candidates = known_leaves(p)
    assume(candidates)
    item, leaf = data.draw(st.sampled_from(candidates))
    changed = replace(leaf, after=data.draw(st.sampled_from(OTHER)))
    verdict = rules.cover(with_leaf(p, item, leaf, changed), record(p))
    assert not verdict.covered
    assert [j.change.address for j in verdict.uncovered] == [item.address]
    assert verdict.uncovered[0].uncovered == (changed,)


def law_one_leaf_taken_away(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    candidates = [
        (item, leaf)
        for item, leaf in known_leaves(p)
        if leaf.after is not ABSENT and (item.action is not Action.UPDATE or not empty(leaf.after))
    ]
    assume(candidates)
    item, leaf = data.draw(st.sampled_from(candidates))
    if item.action is not Action.UPDATE:
        leaf_gone = replace(leaf, before=ABSENT)
        p_gone = with_change(
            p, item, replace(item, leaves=tuple(leaf_gone if x is leaf else x for x in item.leaves))
        )
        [item] = [x for x in p_gone.changes if x.place == item.place]
        bent = with_leaf(p_gone, item, leaf_gone, None)
    else:
        bent = with_leaf(p, item, leaf, None)
    assert not rules.cover(bent, record(p)).covered


def law_one_more_change(rules: Rules, world: World, extra: World) -> None:
    p, more = world.plan, extra.plan
    both = replace(p, changes=(*p.changes, *more.changes), standing={**p.standing, **more.standing})
    verdict = rules.cover(both, record(p))
    assert {j.change.place for j in verdict.uncovered} == {c.place for c in more.changes}


def law_one_change_missing(rules: Rules, world: World, data: st.DataObject) -> None:
    """One address is left as it is: its object stays, or none comes."""
    p = world.plan
    changed = {c.address for c in p.changes if not c.previous_address and not c.imported}
    told = {c.address for c, x in known_leaves(p) if not empty(x.before) or not empty(x.after)}
    told |= {c.address for c in p.changes if c.action is not Action.UPDATE}
    names = sorted(changed & told & set(world.wishes))
    assume(names)
    name = data.draw(st.sampled_from(names))
    fewer = world.copy()
    thing = world.things.get(name)
    fewer.wishes = dict(world.wishes)
    if thing is None:
        del fewer.wishes[name]
    else:
        fewer.wishes[name] = Wish(dict(thing.values or {}))
    verdict = rules.cover(planned(fewer), record(p))
    assert not verdict.covered
    assert name in [m.address for m in verdict.missing]


WORSE = {
    Action.CREATE: [Action.REPLACE, Action.DELETE, Action.FORGET],
    Action.UPDATE: [Action.REPLACE, Action.DELETE, Action.CREATE, Action.FORGET],
    Action.DELETE: [Action.REPLACE, Action.CREATE, Action.UPDATE, Action.FORGET],
    Action.FORGET: [Action.REPLACE, Action.CREATE, Action.UPDATE, Action.DELETE],
    Action.REPLACE: [Action.DELETE, Action.FORGET],
    Action.NO_OP: [Action.REPLACE, Action.DELETE, Action.CREATE, Action.UPDATE, Action.FORGET],
}


def law_worse_action(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    assume(p.changes)
    item = data.draw(st.sampled_from(p.changes))
    worse = replace(item, action=data.draw(st.sampled_from(WORSE[item.action])))
    verdict = rules.cover(with_change(p, item, worse), record(p))
    assert [j.change.place for j in verdict.uncovered] == [item.place]


def law_another_object(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    candidates = [item for item in p.changes if item.identity]
    assume(candidates)
    item = data.draw(st.sampled_from(candidates))
    another = replace(item, identity="a id another")
    assert not rules.cover(with_change(p, item, another), record(p)).covered


def law_another_place(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    name = data.draw(st.sampled_from(Place.__slots__))
    elsewhere = replace(p, place=replace(p.place, **{name: data.draw(st.sampled_from(["", "x"]))}))
    assert not rules.cover(elsewhere, record(p)).covered
    assert not rules.cover(p, record(elsewhere)).covered


def law_half_made_is_no_excuse(rules: Rules, world: World, data: st.DataObject) -> None:
    """Half made or not: one other value, one more or one less is uncovered."""
    p = world.plan
    whole = [c for c in p.changes if c.action in (Action.CREATE, Action.REPLACE) and c.type == "a"]
    known = [(c, x) for c, x in known_leaves(p) if c in whole and x.after is not ABSENT]
    assume(known)
    item, leaf = data.draw(st.sampled_from(known))
    half = replace(
        item, action=Action.REPLACE, reason="replace_because_tainted", identity="a id half"
    )
    fresh = with_change(p, item, half)
    assert rules.cover(fresh, record(p)).covered
    now = data.draw(st.sampled_from([*OTHER, None]))
    gone = replace(leaf, before=ABSENT)
    if now is None:
        bare = replace(half, leaves=tuple(gone if x is leaf else x for x in half.leaves))
        bent = with_leaf(with_change(fresh, half, bare), bare, gone, None)
    else:
        bent = with_leaf(fresh, half, leaf, replace(leaf, after=now))
    assert not rules.cover(bent, record(p)).covered
    more = replace(half, leaves=(*half.leaves, Leaf("/more", "", "another")))
    assert not rules.cover(with_change(fresh, half, more), record(p)).covered


def law_a_set_is_what_it_may_have_turned_out_as(rules: Rules, seed: int) -> None:
    """Elements are matched one to one, each as a whole, and lists stay in their order."""
    was, now = drawn(Random(seed))
    assume(now)  # an empty list is a value of its own, and none that an element may have
    (then, unknown), (after, left) = shown(was), shown(now)
    expected = may_be(was, now)
    other = {"id": "i", "n": 1}
    created = plan(change("a.x", "create", None, {"s": then}, {"s": unknown}))
    updated = plan(
        change("a.x", "update", other | {"s": []}, other | {"s": then}, {"s": unknown}),
        change("a.y", "create", None, {"n": 1}),
    )
    rest = change("a.y", "create", None, {"n": 1})
    fresh = change("a.x", "create", None, {"s": after}, {"s": left})
    again = change("a.x", "update", other | {"s": []}, other | {"s": after}, {"s": left})
    assert rules.cover(plan(fresh), record(created)).covered == expected
    assert rules.cover(plan(again, rest), record(updated)).covered == expected
    if expected:
        done = keep("a.x", other | {"s": after})
        assert rules.cover(plan(done, rest), record(updated)).covered


# -- which record ----------------------------------------------------------------------------------


FOREIGN: list[dict[str, Any]] = [
    {"configuration": "d" * 64},
    {"pull_request": 2},
    {"pull_request": None},
    {"head": "b" * 40},
    {"base_ref": "evil"},
    {"purpose": Purpose.DESTROY},
    {"purpose": Purpose.REVIEW},
]


def law_a_foreign_record(rules: Rules, world: World, data: st.DataObject) -> None:
    p = world.plan
    minutes = data.draw(st.integers(-9, 9))
    if data.draw(st.booleans()):
        bent = record(p, minutes=minutes, **data.draw(st.sampled_from(FOREIGN)))
    else:
        others = [replace(UNIT, workspace="dev"), replace(UNIT, stack="net")]
        elsewhere = replace(p, unit=data.draw(st.sampled_from(others)))
        bent = record(elsewhere, minutes=minutes)
        assert not rules.cover(p, bent).covered
    assert decided(rules, [bent], p).reviewed is None
    nobody = [replace(Landing(), reviewed=False)]
    assert decided(rules, [record(p, minutes=minutes)], p, nobody).reviewed is None


def law_a_late_record_adds_nothing(rules: Rules, world: World, data: st.DataObject) -> None:
    """After the approval a record may say what stood, and not one known leaf more."""
    p = world.plan
    late = record(p, "late", minutes=5)
    old = {"minutes": -5, "configuration": "d" * 64}
    stood = record(p, "stood", **old)
    assert decided(rules, [stood, late], p).reviewed is late
    candidates = known_leaves(p)
    assume(candidates)
    item, leaf = data.draw(st.sampled_from(candidates))
    changed = replace(leaf, after=data.draw(st.sampled_from(OTHER[:2])))
    other = record(with_leaf(p, item, leaf, changed), "stood", **old)
    assert decided(rules, [other, late], p).reviewed is None
    fewer = replace(p, changes=tuple(one for one in p.changes if one is not item))
    assert decided(rules, [record(fewer, "stood", **old), late], p).reviewed is None


Law = tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]
ALL: list[Law] = [
    (law_own_record, (worlds(),)),
    (law_interrupted, (worlds(), st.data())),
    (law_drift, (worlds(kinds=("update", "keep")), st.data())),
    (law_one_known_leaf, (worlds(), st.data())),
    (law_one_leaf_taken_away, (worlds(), st.data())),
    (law_one_more_change, (worlds(), worlds("other."))),
    (law_one_change_missing, (worlds(), st.data())),
    (law_worse_action, (worlds(), st.data())),
    (law_another_object, (worlds(), st.data())),
    (law_another_place, (worlds(), st.data())),
    (law_half_made_is_no_excuse, (worlds(kinds=("create", "replace")), st.data())),
    (law_a_set_is_what_it_may_have_turned_out_as, (st.integers(0, 2**32),)),
    (law_a_foreign_record, (worlds(), st.data())),
    (law_a_late_record_adds_nothing, (worlds(), st.data())),
]


def check(law: Law, rules: Rules, how: settings) -> None:
    @how
    @given(st.tuples(*law[1]))
    def property_(arguments: tuple[Any, ...]) -> None:
        law[0](rules, *arguments)

    property_()
