"""The scheduler's decisions: examples by hand, bounds as properties."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.ecs.scheduling import Bounds, Slot, capacity, decide


def old(number: int, *, healthy: bool = True) -> Slot:
    return Slot(f"old-{number}", "old", healthy)


def new(number: int, *, healthy: bool = False, stopping: bool = False) -> Slot:
    return Slot(f"new-{number}", "new", healthy, stopping)


def test_new_tasks_come_first_and_old_ones_stay_until_those_are_healthy() -> None:
    first = decide(2, Bounds(), "new", [old(1), old(2)])
    assert (first.start, first.stop) == ({"new": 2}, ())
    waiting = decide(2, Bounds(), "new", [old(1), old(2), new(1), new(2)])
    assert (waiting.start, waiting.stop) == ({}, ())
    half = decide(2, Bounds(), "new", [old(1), old(2), new(1, healthy=True), new(2)])
    assert (half.start, half.stop) == ({}, ("old-1",))


def test_without_room_for_more_tasks_old_ones_make_place_down_to_the_minimum() -> None:
    decision = decide(2, Bounds(50, 100), "new", [old(1), old(2)])
    assert (decision.start, decision.stop) == ({}, ("old-1",))
    stuck = decide(2, Bounds(100, 100), "new", [old(1), old(2)])
    assert (stuck.start, stuck.stop) == ({}, ())


def test_a_failed_deployment_starts_nothing_and_the_old_one_is_kept_alive() -> None:
    decision = decide(2, Bounds(), "new", [old(1)], launch_primary=False, keep="old")
    assert (decision.start, decision.stop) == ({"old": 1}, ())


def test_scaling_in_stops_unhealthy_tasks_first_then_the_newest() -> None:
    slots = [new(1, healthy=True), new(2), new(3, healthy=True)]
    assert decide(1, Bounds(), "new", slots).stop == ("new-2", "new-3")


def test_a_stopping_task_takes_room_but_counts_for_nothing() -> None:
    decision = decide(1, Bounds(100, 100), "new", [new(1, stopping=True)])
    assert decision.start == {}


def placed(strategy: list[dict[str, Any]], tasks: int) -> Counter[str]:
    """Where so many tasks go, one after the other."""
    running: Counter[str] = Counter()
    for _ in range(tasks):
        running[capacity(strategy, running)] += 1
    return running


def test_the_base_is_filled_first_and_the_rest_goes_by_weight() -> None:
    # the API reference's own example: "for every 1 task on A, 4 tasks will run on B"
    one_to_four = [
        {"capacityProvider": "FARGATE", "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 4},
    ]
    assert placed(one_to_four, 10) == {"FARGATE": 2, "FARGATE_SPOT": 8}
    based = [{**one_to_four[0], "base": 3}, one_to_four[1]]
    assert placed(based, 3) == {"FARGATE": 3}
    assert placed(based, 13) == {"FARGATE": 5, "FARGATE_SPOT": 8}
    assert capacity([], {}) == ""


@given(weights=st.lists(st.integers(0, 100), min_size=1, max_size=3).filter(any))
def test_every_provider_gets_its_share_within_one_task(weights: list[int]) -> None:
    strategy = [{"capacityProvider": str(n), "weight": w} for n, w in enumerate(weights)]
    running = placed(strategy, tasks := 50)
    for number, weight in enumerate(weights):
        assert abs(running[str(number)] - tasks * weight / sum(weights)) < len(weights)


SLOTS = st.lists(
    st.builds(
        Slot,
        task=st.uuids().map(str),
        deployment=st.sampled_from(["new", "old", "older"]),
        healthy=st.booleans(),
        stopping=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda slot: slot.task,
)


@given(
    desired=st.integers(0, 6),
    least=st.integers(0, 100),
    most=st.integers(100, 300),
    slots=SLOTS,
    launch=st.booleans(),
)
def test_the_bounds_of_the_deployment_configuration_hold(
    desired: int, least: int, most: int, slots: list[Slot], launch: bool
) -> None:
    bounds = Bounds(least, most)
    decision = decide(desired, bounds, "new", slots, launch_primary=launch, keep="old")
    started = sum(decision.start.values())
    assert started == 0 or len(slots) + started <= bounds.most(desired)
    healthy = [s for s in slots if s.healthy and not s.stopping]
    left = [s for s in healthy if s.task not in decision.stop]
    assert len(left) >= min(len(healthy), bounds.least_healthy(desired))
    assert len(set(decision.stop)) == len(decision.stop)
    assert not {s.task for s in slots if s.stopping} & set(decision.stop)


@given(desired=st.integers(1, 5), least=st.integers(0, 100), most=st.integers(101, 300))
def test_every_roll_arrives(desired: int, least: int, most: int) -> None:
    """Simulated with tasks that get healthy at once; where AWS could move, so can we."""
    bounds = Bounds(least, most)
    if bounds.most(desired) <= bounds.least_healthy(desired):
        return  # no room to move at AWS either
    slots = [old(n) for n in range(desired)]
    for turn in range(50):
        decision = decide(desired, bounds, "new", slots)
        slots = [s for s in slots if s.task not in decision.stop]
        for n in range(decision.start.get("new", 0)):
            slots.append(new(turn * 100 + n, healthy=True))
    assert [s.deployment for s in slots] == ["new"] * desired
