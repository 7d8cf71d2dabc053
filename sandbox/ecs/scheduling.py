"""What the service scheduler does next: a function of counts, without any I/O.

AWS (Developer Guide, "Deploy Amazon ECS services by replacing tasks"): the scheduler itself never
lets the healthy tasks fall below ``minimumHealthyPercent`` of the desired count (rounded up) and
never has more tasks than ``maximumPercent`` of it (rounded down). Since 2025-11 a task that dies
during a deployment is replaced by one of its own revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Slot:
    """One task as the scheduler sees it."""

    task: str
    deployment: str
    healthy: bool
    stopping: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """Percentages of a service's deployment configuration."""

    minimum_healthy_percent: int = 100
    maximum_percent: int = 200

    def least_healthy(self, desired: int) -> int:
        return -(-desired * self.minimum_healthy_percent // 100)

    def most(self, desired: int) -> int:
        return desired * self.maximum_percent // 100


@dataclass(frozen=True, slots=True)
class Decision:
    """How many tasks to start for which deployment, and which tasks to stop."""

    start: dict[str, int] = field(default_factory=dict)
    stop: tuple[str, ...] = ()


def decide(
    desired: int,
    bounds: Bounds,
    primary: str,
    slots: Sequence[Slot],
    *,
    launch_primary: bool = True,
    keep: str | None = None,
) -> Decision:
    """Decide one step towards ``desired`` tasks of ``primary``.

    ``launch_primary`` is False for a failed deployment, which starts nothing more. ``keep`` names
    an older deployment whose dying tasks are replaced while the new one is not there yet.
    """
    live = [slot for slot in slots if not slot.stopping]
    mine = [slot for slot in live if slot.deployment == primary]
    old = [slot for slot in live if slot.deployment != primary]
    start: dict[str, int] = {}
    room = max(bounds.most(desired) - len(slots), 0)

    need = max(desired - len(mine), 0) if launch_primary else 0
    if need and room:
        start[primary] = min(need, room)
        room -= start[primary]
    healthy_mine = sum(slot.healthy for slot in mine)
    if keep is not None and keep != primary:
        kept = sum(slot.deployment == keep for slot in live)
        lost = max(bounds.least_healthy(desired) - healthy_mine - kept, 0)
        if lost and room:
            start[keep] = min(lost, room)

    return Decision(start, (*_surplus(mine, desired), *_retire(old, mine, desired, bounds, need)))


def capacity(strategy: Sequence[Mapping[str, Any]], running: Mapping[str, int]) -> str:
    """The capacity provider of the next task, by how many tasks run on each; "" without a strategy.

    API reference, CapacityProviderStrategyItem: "The base value designates how many tasks, at a
    minimum, to run on the specified capacity provider"; "The weight value designates the relative
    percentage of the total number of tasks launched that should use the specified capacity
    provider. The weight value is taken into consideration after the base value, if defined, is
    satisfied."
    """
    for item in strategy:
        if running.get(item["capacityProvider"], 0) < item.get("base", 0):
            return str(item["capacityProvider"])
    weighed = [item for item in strategy if item.get("weight", 0) > 0]
    if not weighed:
        return ""

    def load(item: Mapping[str, Any]) -> float:
        beyond = running.get(item["capacityProvider"], 0) - item.get("base", 0)
        return float((beyond + 1) / item["weight"])

    return str(min(weighed, key=load)["capacityProvider"])


def _surplus(mine: Sequence[Slot], desired: int) -> list[str]:
    """Tasks above the desired count: unhealthy ones first, then the newest."""
    extra = len(mine) - desired
    if extra <= 0:
        return []
    newest_first = list(reversed(mine))
    order = sorted(newest_first, key=lambda slot: slot.healthy)
    return [slot.task for slot in order[:extra]]


def _retire(
    old: Sequence[Slot], mine: Sequence[Slot], desired: int, bounds: Bounds, need: int
) -> list[str]:
    """Tasks of older deployments that may go now."""
    healthy_old = [slot for slot in old if slot.healthy]
    healthy = len(healthy_old) + sum(slot.healthy for slot in mine)
    unhealthy = [slot.task for slot in old if not slot.healthy]
    # Unhealthy old tasks serve nobody, but may be replacements on their way up: they go when the
    # new deployment holds the service, or when they stand in its way.
    blocked = need > 0 and len(old) + len(mine) >= bounds.most(desired)
    settled = sum(slot.healthy for slot in mine) >= desired
    gone = unhealthy if settled or blocked else []
    spare = max(healthy - desired, 0)
    if blocked and not gone:
        spare = max(spare, min(need, healthy - bounds.least_healthy(desired)))
    if settled:
        spare = len(healthy_old)
    return [*gone, *(slot.task for slot in healthy_old[: max(spare, 0)])]
