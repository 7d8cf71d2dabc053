"""What is still to be deployed: the digests of a commit against the ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain.ledger import LedgerReader, head, pending
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.errors import failure
from pipeline.settings import StackConfig
from pipeline.usecases.record import open_stored
from pipeline.usecases.request import unit_names
from pipeline.usecases.site import Site


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


def chosen(estate: Estate[StackConfig], name: str, record: str) -> Pending:
    """The one unit that somebody asked for by hand. Raises ``usage`` or ``unknown-unit``."""
    [unit] = [UnitId.parse(one) for one in unit_names([name])]
    estate.stack(unit)
    reason = f"plan record {record} was reviewed" if record else "asked for by hand"
    return Pending(unit, estate.digest(unit), reason)


def recorded_commit(site: Site, name: str, record: str) -> str:
    """The commit that a review's record was made for. Raises ``usage`` or ``record-damaged``."""
    if not name:
        raise failure(
            "usage",
            f"The plan record {record} was named, but not its unit.",
            remedy="Give both, as the run that asked for the review says.",
        )
    [unit] = [UnitId.parse(one) for one in unit_names([name])]
    return open_stored(site.stores.reviews, unit, record).record.head
