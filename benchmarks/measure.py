"""Time two sides in turn, in one run, so that whatever else the machine does hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ours beside the other, seconds of each round, side by side.

    ``at_most`` is the bar for ours divided by the other, ``within`` the bar for ours in seconds.
    """

    what: str
    ours: str
    other: str
    ours_seconds: tuple[float, ...]
    other_seconds: tuple[float, ...]
    at_most: float | None = None
    within: float | None = None

    @property
    def ours_median(self) -> float:
        return statistics.median(self.ours_seconds)

    @property
    def other_median(self) -> float:
        return statistics.median(self.other_seconds)

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours divided by the other, round by round."""
        pairs = zip(self.ours_seconds, self.other_seconds, strict=True)
        return tuple(ours / other for ours, other in pairs)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    @property
    def met(self) -> bool:
        """Whether the bar is kept; True without one."""
        return (self.at_most is None or self.ratio <= self.at_most) and (
            self.within is None or self.ours_median <= self.within
        )


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def one_round(sides: Sequence[Callable[[], object]], number: int) -> list[float]:
    """Each side once; which begins changes from round to round."""
    order = list(range(len(sides)))
    turn = number % len(order)
    taken = {index: seconds(sides[index]) for index in order[turn:] + order[:turn]}
    return [taken[index] for index in order]


def in_turn(rounds: int, *sides: Callable[[], object]) -> list[tuple[float, ...]]:
    """The seconds of each side over the rounds, after one round that does not count."""
    one_round(sides, 0)
    return list(zip(*(one_round(sides, number) for number in range(rounds)), strict=True))
