"""What is still to be deployed: the digests of a commit against the ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain.ledger import LedgerReader, head, pending
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.settings import StackConfig


@dataclass(frozen=True, slots=True)
class Pending:
    """A unit to deploy and the reason in words."""

    unit: UnitId
    digest: str
    reason: str


def find_pending(estate: Estate[StackConfig], reader: LedgerReader) -> list[Pending]:
    """Units that are not deployed as the estate says, in deployment order.

    Ledger heads are read by several threads, since each is a round trip to the store.
    """
    units = estate.units
    with ThreadPoolExecutor(max_workers=16) as pool:
        heads = list(pool.map(lambda unit: head(reader, unit), units))
    found = []
    for unit, entry in zip(units, heads, strict=True):
        reason = pending(entry, estate.digest(unit))
        if reason:
            found.append(Pending(unit, estate.digest(unit), reason))
    return found
