"""Money that model calls may cost, per document and per day (UTC), over all tasks of a ledger.

Before a call the dearest that it can become is put aside, afterwards what it really cost is booked;
calls at the same time can therefore not overdraw together. A task that dies between the two leaves
the dearest booked, until the day ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from knowledgeweaver.extract.port import Usage

#: Cents of cents: sums of floating point figures are not held against a limit more exactly.
TOLERANCE = 1e-9
NOTHING = Usage()


class OverBudget(Exception):
    """The call would cost more than is left; ``of`` is "document" or "day"."""

    def __init__(self, of: str, limit: float, spent: float, wanted: float) -> None:
        super().__init__(
            f"the budget of US${limit:g} for the {of} is used up: US${spent:.4f} are spent or"
            f" put aside, US${wanted:.4f} wanted"
        )
        self.of = of


class Ledger(Protocol):
    """What was spent on which day. Tasks that share a store share a ledger in it."""

    def reserve(self, day: str, usd: float, limit: float) -> bool:
        """Book so much, unless the day would have more than the limit; one atomic step."""

    def book(self, day: str, usd: float) -> None:
        """Book so much more; less where it is negative."""

    def spent(self, day: str) -> float:
        """What is booked on a day, as "2026-11-30"."""


@dataclass(slots=True)
class Hold:
    """Money put aside for one call. Set ``usage`` to what the call really took."""

    usage: Usage


class Allowance:
    """What one document, or one answer, may still cost. Threads may share one.

    ``usage`` is what all its calls took so far, the failed ones, too.
    """

    def __init__(self, budget: Budget, limit: float | None, spent: Usage = NOTHING) -> None:
        self._budget = budget
        self._limit = limit
        self._held = 0.0
        self._lock = threading.Lock()
        self.usage = spent

    @contextmanager
    def hold(self, usd: float) -> Iterator[Hold]:
        """Put aside the dearest that a call can become, while it runs; raises OverBudget."""
        with self._lock:
            taken = self.usage.usd + self._held
            if self._limit is not None and taken + usd > self._limit + TOLERANCE:
                raise OverBudget("document", self._limit, taken, usd)
            day = self._budget.reserve(usd)
            self._held += usd
        hold = Hold(Usage())
        try:
            yield hold
        finally:
            with self._lock:
                self._held -= usd
                self.usage += hold.usage
            self._budget.ledger.book(day, hold.usage.usd - usd)


class Budget:
    """The limits in US$, and where they are kept. ``now`` is the clock."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        document: float,
        day: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.ledger = ledger
        self._document = document
        self._day = day
        self._now = now

    def document(self, spent: Usage = NOTHING) -> Allowance:
        """For one document; ``spent`` is what a run of it that was broken off had used."""
        return Allowance(self, self._document, spent)

    def answer(self) -> Allowance:
        """For one answer, which only the day limits."""
        return Allowance(self, None)

    def reserve(self, usd: float) -> str:
        """Book on today, which is returned; raises OverBudget."""
        day = self._now().strftime("%Y-%m-%d")
        if not self.ledger.reserve(day, usd, self._day + TOLERANCE):
            raise OverBudget("day", self._day, self.ledger.spent(day), usd)
        return day

    def spent_today(self) -> float:
        """US$ of today, what is put aside for running calls included."""
        return self.ledger.spent(self._now().strftime("%Y-%m-%d"))
