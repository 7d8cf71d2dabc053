"""The laws of coverage as properties; each takes the function under test.

They are the design's, section "Coverage, exactly"; the mutation test hands in broken functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.coverage import TAINTED, WHOLE
from pipeline.domain.model import ABSENT, UNKNOWN, Action, Change, Leaf, LeafValue, Plan, Scalar
from pipeline.domain.record import SETS_NOTHING
from tests.domain.plans import change, plan, record
from tests.domain.stories import Cover

LAWS = settings(max_examples=500, suppress_health_check=list(HealthCheck))

#: What no generated plan sets: instead of a known value, and where nothing was set.
OTHER: list[LeafValue] = ["another", 77, UNKNOWN, ABSENT]
MORE: list[LeafValue] = ["another", "", UNKNOWN]

SCALARS: list[Scalar] = [0, 1, -3, False, True, "", "a", "b", "0", "é"]
NAMES = ["a.x", "a.y", 'a.z["k"]', "module.m.a.x"]
scalars = st.sampled_from(SCALARS)


def value(choose: Random, depth: int = 2) -> Any:
    kind = choose.choice(["scalar", "scalar", "list", "map", "json"]) if depth else "scalar"
    if kind == "scalar":
        return choose.choice(SCALARS)
    inner = [value(choose, depth - 1) for _ in range(choose.randrange(3))]
    if kind == "list":
        return inner
    if kind == "map":
        return dict(zip(choose.sample(["p", "q/r", "s~"], len(inner)), inner, strict=True))
    return json.dumps(dict(zip("jk", inner, strict=False)))


def body(choose: Random) -> dict[str, Any]:
    keys = choose.sample(["n", "m", "tags", "json"], choose.randrange(4))
    return {key: value(choose) for key in keys}


# Tables instead of strategies of strategies: hypothesis spent nine tenths of its time on choosing.
# The simplest first, since that is what it shrinks to.
BODIES = sorted((body(Random(seed)) for seed in range(500)), key=lambda one: len(json.dumps(one)))
bodies = st.sampled_from(BODIES)
addresses = st.sampled_from([some for n in (1, 2, 3) for some in permutations(NAMES, n)])
actions = st.sampled_from(["create", "update", "delete", "replace"])
unknowns = st.sampled_from([None, None, "id", "n"])


@st.composite
def changes(draw: st.DrawFn, address: str) -> dict[str, Any]:
    action = draw(actions)
    before = None if action == "create" else draw(bodies)
    after = None if action == "delete" else draw(bodies)
    unknown = {}
    if after is not None and (name := draw(unknowns)):
        unknown = {name: True}
        after = {key: value for key, value in after.items() if key not in unknown}
    return change(address, action, before, after, unknown)


@st.composite
def plans(draw: st.DrawFn, prefix: str = "") -> Plan:
    return plan(*(draw(changes(f"{prefix}{address}")) for address in draw(addresses)))


def known_leaves(of: Plan) -> list[tuple[Change, Leaf]]:
    return [
        (item, leaf)
        for item in of.changes
        if item.action not in SETS_NOTHING
        for leaf in item.leaves
        if leaf.after is not UNKNOWN
    ]


def law_own_record(cover: Cover, p: Plan) -> None:
    assert cover(p, [record(p)]).covered


def law_subset(cover: Cover, p: Plan, data: st.DataObject) -> None:
    """What is left after a half-failed apply: some changes, halves of replaces, some leaves."""
    rest = []
    for item in data.draw(st.lists(st.sampled_from(p.changes), unique=True)):
        action = item.action
        if action is Action.REPLACE:
            action = data.draw(st.sampled_from([Action.REPLACE, Action.CREATE, Action.DELETE]))
        keep = [leaf for leaf in item.leaves if data.draw(st.booleans())]
        rest.append(replace(item, action=action, leaves=tuple(keep)))
    assert cover(replace(p, changes=tuple(rest)), [record(p)]).covered


def half_made(item: Change, data: st.DataObject) -> Change:
    """The fresh change after an interrupt while the provider made the object: it is tainted, and
    the provider has read back what nobody set."""
    leaves = [replace(leaf, before=data.draw(scalars)) for leaf in item.leaves]
    read = data.draw(st.dictionaries(st.sampled_from(["/v", "/w/0/x"]), scalars))
    leaves += [Leaf(path, before, ABSENT) for path, before in read.items()]
    return replace(item, action=Action.REPLACE, reason=TAINTED, leaves=tuple(leaves))


def law_interrupted(cover: Cover, p: Plan, data: st.DataObject) -> None:
    """Of what was reviewed any part may be done, untouched or half made: the rest is covered."""
    rest: list[Change] = []
    for item in data.draw(st.lists(st.sampled_from(p.changes), unique=True)):
        if item.action in WHOLE and data.draw(st.booleans()):
            rest.append(half_made(item, data))
        else:
            rest.append(item)
    assert cover(replace(p, changes=tuple(rest)), [record(p)]).covered


def law_interrupted_is_no_excuse(cover: Cover, p: Plan, data: st.DataObject) -> None:
    """Half made or not: one other value, one more value or a finished object is uncovered."""
    item = data.draw(st.sampled_from(p.changes))
    half = half_made(item, data)
    leaves = half.leaves
    if item.action in WHOLE:
        known = [leaf for leaf in leaves if leaf.after not in (UNKNOWN, ABSENT)]
        if data.draw(st.booleans()) and known:
            was = data.draw(st.sampled_from(known))
            now = replace(was, after=data.draw(st.sampled_from(OTHER)))
            leaves = tuple(now if leaf is was else leaf for leaf in leaves)
        else:
            leaves = (*leaves, Leaf("/more", "", data.draw(st.sampled_from(MORE))))
    fresh = replace(p, changes=(replace(half, leaves=leaves),))
    assert not cover(fresh, [record(p)]).covered


def law_other_addresses(cover: Cover, p: Plan, other: Plan, order: bool) -> None:
    own, foreign = record(p, "own"), record(other, "foreign")
    assert cover(p, [own, foreign] if order else [foreign, own]).covered


def law_one_known_leaf(cover: Cover, p: Plan, data: st.DataObject) -> None:
    candidates = known_leaves(p)
    assume(candidates)
    item, leaf = data.draw(st.sampled_from(candidates))
    changed = replace(leaf, after=data.draw(st.sampled_from(OTHER[:3])))
    leaves = tuple(changed if one is leaf else one for one in item.leaves)
    bent = tuple(replace(one, leaves=leaves) if one is item else one for one in p.changes)
    verdict = cover(replace(p, changes=bent), [record(p)])
    assert [j.change.address for j in verdict.uncovered] == [item.address]
    assert verdict.uncovered[0].uncovered == (changed,)


def law_one_more_change(cover: Cover, p: Plan, extra: Plan) -> None:
    verdict = cover(replace(p, changes=(*p.changes, *extra.changes)), [record(p)])
    assert {j.change.address for j in verdict.uncovered} == {c.address for c in extra.changes}


WORSE = {
    Action.CREATE: [Action.REPLACE, Action.DELETE, Action.UPDATE, Action.FORGET],
    Action.UPDATE: [Action.REPLACE, Action.DELETE, Action.CREATE, Action.FORGET],
    Action.DELETE: [Action.REPLACE, Action.CREATE, Action.UPDATE, Action.FORGET],
    Action.REPLACE: [Action.UPDATE, Action.FORGET],
}


def law_worse_action(cover: Cover, p: Plan, data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(p.changes))
    worse = replace(item, action=data.draw(st.sampled_from(WORSE[item.action])))
    bent = tuple(worse if one is item else one for one in p.changes)
    assert not cover(replace(p, changes=bent), [record(p)]).covered


def law_order(cover: Cover, p: Plan, other: Plan) -> None:
    """Records with disjoint leaves: the merge order does not matter, even at one address."""

    def disjoint(item: Change) -> Change:
        leaves = tuple(replace(leaf, path=f"/other{leaf.path}") for leaf in item.leaves)
        return replace(item, action=Action.UPDATE, leaves=leaves)

    second = replace(other, changes=tuple(disjoint(item) for item in other.changes))
    one, two = record(p, "one"), record(second, "two")
    fresh = replace(p, changes=(*p.changes, *second.changes))
    assert cover(fresh, [one, two]).covered
    assert cover(fresh, [two, one]).covered


Law = tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]
ALL: list[Law] = [
    (law_own_record, (plans(),)),
    (law_subset, (plans(), st.data())),
    (law_interrupted, (plans(), st.data())),
    (law_interrupted_is_no_excuse, (plans(), st.data())),
    (law_other_addresses, (plans(), plans("other."), st.booleans())),
    (law_one_known_leaf, (plans(), st.data())),
    (law_one_more_change, (plans(), plans("other."))),
    (law_worse_action, (plans(), st.data())),
    (law_order, (plans(), plans())),
]


def check(law: Law, cover: Cover, how: settings) -> None:
    @how
    @given(st.tuples(*law[1]))
    def property_(arguments: tuple[Any, ...]) -> None:
        law[0](cover, *arguments)

    property_()
