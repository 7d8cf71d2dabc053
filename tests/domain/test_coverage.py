"""Coverage: its rules as stories, its laws as properties, and both against broken rules."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.domain import coverage
from pipeline.domain.model import UNKNOWN, Action, Change, Leaf, Plan
from pipeline.domain.record import SETS_NOTHING, make_record, open_record
from pipeline.errors import Failure
from tests.domain.plans import UNIT, change, plan, record
from tests.domain.stories import STORIES, Cover

LAWS = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))

scalars = st.one_of(st.integers(-3, 3), st.sampled_from(["", "a", "b", "0", "é"]), st.booleans())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["p", "q/r", "s~"]), inner, max_size=2),
        st.dictionaries(st.sampled_from(["j", "k"]), inner, min_size=1, max_size=2).map(json.dumps),
    ),
    max_leaves=4,
)
bodies = st.dictionaries(st.sampled_from(["n", "m", "tags", "json"]), values, max_size=3)
names = st.sampled_from(["a.x", "a.y", 'a.z["k"]', "module.m.a.x"])


@st.composite
def changes(draw: st.DrawFn, address: str) -> dict[str, Any]:
    action = draw(st.sampled_from(["create", "update", "delete", "replace"]))
    before = None if action == "create" else draw(bodies)
    after = None if action == "delete" else draw(bodies)
    unknown = {}
    if after is not None and draw(st.booleans()):
        unknown = {draw(st.sampled_from(["id", "n"])): True}
        after = {key: value for key, value in after.items() if key not in unknown}
    return change(address, action, before, after, unknown)


@st.composite
def plans(draw: st.DrawFn, prefix: str = "") -> Plan:
    addresses = draw(st.lists(names, unique=True, min_size=1, max_size=3))
    return plan(*(draw(changes(f"{prefix}{address}")) for address in addresses))


def known_leaves(of: Plan) -> list[tuple[Change, Leaf]]:
    return [
        (item, leaf)
        for item in of.changes
        if item.action not in SETS_NOTHING
        for leaf in item.leaves
        if leaf.after is not UNKNOWN
    ]


# -- the laws; each takes the function under test -------------------------------------------


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


def law_other_addresses(cover: Cover, p: Plan, other: Plan, order: bool) -> None:
    own, foreign = record(p, "own"), record(other, "foreign")
    assert cover(p, [own, foreign] if order else [foreign, own]).covered


def law_one_known_leaf(cover: Cover, p: Plan, data: st.DataObject) -> None:
    candidates = known_leaves(p)
    assume(candidates)
    item, leaf = data.draw(st.sampled_from(candidates))
    changed = replace(leaf, after=data.draw(st.sampled_from(["another", 77, UNKNOWN])))
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


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_rule(story: Callable[[Cover], None]) -> None:
    story(coverage.cover)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law[0].__name__)
def test_law_holds_for_500_examples(law: Law) -> None:
    check(law, coverage.cover, LAWS)


@LAWS
@given(plans(), st.data())
def test_a_record_with_one_bit_changed_is_rejected(p: Plan, data: st.DataObject) -> None:
    made = make_record(
        p, b"key", id="r", head="h", base="b", digest="d", time="2026-01-01T00:00:00Z"
    )  # fmt: skip
    stored = bytearray(made.to_bytes())
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(Failure) as told:
        open_record(bytes(stored), b"key", id="r", unit=UNIT)
    assert told.value.reason == "record-damaged"


# -- mutations: each rule broken once ------------------------------------------------------

MUTATIONS: list[tuple[str, str]] = [
    ("Action.CREATE: frozenset({Action.CREATE})", "Action.CREATE: frozenset(Action)"),
    ("Action.UPDATE: frozenset({Action.UPDATE})", "Action.UPDATE: frozenset(Action)"),
    ("Action.DELETE: frozenset({Action.DELETE})", "Action.DELETE: frozenset(Action)"),
    ("Action.FORGET: frozenset({Action.FORGET})", "Action.FORGET: frozenset(Action)"),
    ("Action.READ: frozenset()", "Action.READ: frozenset(Action)"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "{Action.REPLACE, Action.DELETE}"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "{Action.REPLACE, Action.CREATE}"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "set(Action)"),
    ("HARMLESS = frozenset({Action.READ, Action.NO_OP})", "HARMLESS = frozenset({Action.NO_OP})"),
    ("HARMLESS = frozenset({Action.READ, Action.NO_OP})", "HARMLESS = frozenset({Action.READ})"),
    ("HARMLESS = frozenset({Action.READ,", "HARMLESS = frozenset({Action.DELETE, Action.READ,"),
    ("moves.append(_moves(plan.changes))", "pass"),
    ("moves[position + 1 :]", "moves[-1:]"),
    ("moves[position + 1 :]", "moves"),
    ("moves[position + 1 :]", "[]"),
    ("change.leaves\n    corrected", "change.leaves[:1]\n    corrected"),
    ("() if change.action in SETS_NOTHING else change.leaves", "change.leaves"),
    ("if leaf in corrected or _is_image", "if _is_image"),
    ("if leaf in corrected or", "if corrected or"),
    (" or _is_image(leaf, image)", ""),
    ("        if by is None:", "        if by is None and said == []:"),
    ("if change.action in CONTAINS[recorded.action]]", "if True]"),
    ("only_drift = bool(corrected) and", "only_drift ="),
    ("and len(corrected) == len(leaves)", ""),
    ("if not acting and not only_drift:", "if not acting:"),
    ("if not acting and not only_drift:", "if not only_drift:"),
    ("if not acting and not only_drift:", "if False:"),
    ("elif uncovered:", "elif False:"),
    ("elif uncovered:", "elif len(uncovered) == len(leaves):"),
    ("change.action is not Action.UPDATE", "False"),
    ("drift.get((change.address, leaf.path))", "next(iter(drift.values()), None)"),
    ("and same(was.before, leaf.after)", ""),
    ("same(was.before, leaf.after)", "same(was.after, leaf.after)"),
    ("return bool(image) and leaf.after == image", "return leaf.after == image"),
    ("return bool(image) and leaf.after == image", "return bool(image)"),
    ("leaf.after == image", "image in str(leaf.after)"),
    ("in reversed(said):", "in said:"),
    ("            continue\n        if known", "            return None\n        if known"),
    ("known == UNKNOWN_LEAF or ", ""),
    ("or known == Hasher(item.key, image).value(leaf.path, leaf.after)", "or True"),
    ("or known == Hasher(item.key, image).value(leaf.path, leaf.after)", ""),
    ("Hasher(item.key, image)", "Hasher(item.key)"),
    ("            return item.record.id\n        return None", "            return item.record.id"),
    ("    return None\n\n\ndef _why_not", '    return "nobody"\n\n\ndef _why_not'),
    ("all(judgement.covered for", "any(judgement.covered for"),
]


def caught(cover: Cover) -> bool:
    """Whether a story or a law fails."""
    try:
        for story in STORIES:
            story(cover)
        for law in ALL:
            check(law, cover, settings(LAWS, max_examples=60, database=None))
    except (AssertionError, LookupError):
        return True
    return False


@pytest.mark.parametrize("number", range(len(MUTATIONS)))
def test_a_broken_rule_is_caught(number: int) -> None:
    old, new = MUTATIONS[number]
    source = Path(coverage.__file__).read_text()
    assert source.count(old) == 1, f"{old!r} does not name one place of coverage.py"
    module = types.ModuleType(f"mutant_{number}")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source.replace(old, new), module.__name__, "exec"), module.__dict__)  # noqa: S102
        assert caught(module.cover), f"nothing notices {new!r} in place of {old!r}"
    finally:
        del sys.modules[module.__name__]
