"""What can never be equal is named before a review is asked for that cannot succeed."""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain.perpetual import Perpetual, differs_at_every_plan
from tests.domain.plans import IMAGE, change, plan, record

MORNING = plan(change("a.x", "update", {"t": "0", "n": 1}, {"t": "7:00", "n": 2}))
NOON = plan(change("a.x", "update", {"t": "0", "n": 1}, {"t": "12:00", "n": 2}))


def test_a_leaf_that_another_plan_of_the_same_state_sets_otherwise_differs_at_each() -> None:
    assert differs_at_every_plan(NOON, record(MORNING)) == (Perpetual("a.x", "/t"),)
    assert differs_at_every_plan(NOON, record(NOON)) == ()


def test_after_the_state_changed_nothing_is_known() -> None:
    assert differs_at_every_plan(replace(NOON, serial=8), record(MORNING)) == ()
    assert differs_at_every_plan(replace(NOON, lineage="other"), record(MORNING)) == ()
    nowhere = replace(MORNING, lineage=""), replace(NOON, lineage="")
    assert differs_at_every_plan(nowhere[1], record(nowhere[0])) == ()


def test_only_values_that_both_plans_set_are_compared() -> None:
    more = plan(change("a.x", "update", {"t": "0"}, {"t": "7:00", "m": 1}))
    assert differs_at_every_plan(more, record(MORNING)) == ()
    unknown = plan(change("a.x", "update", {"t": "0", "n": 1}, {"n": 2}, {"t": True}))
    assert differs_at_every_plan(unknown, record(MORNING)) == ()
    assert differs_at_every_plan(NOON, record(unknown)) == ()
    other = plan(change("a.y", "create", None, {"t": "7:00"}))
    assert differs_at_every_plan(other, record(MORNING)) == ()


def test_the_image_may_differ() -> None:
    old = plan(change("a.x", "update", {"i": "app:0"}, {"i": "app:1"}))
    new = plan(change("a.x", "update", {"i": "app:0"}, {"i": IMAGE}))
    assert differs_at_every_plan(new, record(old, image="app:1"), IMAGE) == ()
