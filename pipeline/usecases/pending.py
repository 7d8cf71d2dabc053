"""What is still to be deployed: the digests of a commit against the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain.ledger import (
    Entry,
    LedgerReader,
    Status,
    head,
    last_applied,
    open_end,
    pending,
    read_chain,
)
from pipeline.domain.ledger_entry import AWAY
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.errors import Failure, failure
from pipeline.settings import StackConfig
from pipeline.usecases.estates import commit_estate, kept
from pipeline.usecases.orphans import Orphan
from pipeline.usecases.record import open_stored
from pipeline.usecases.request import unit_names
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Pending:
    """A unit to deploy and the reason in words."""

    unit: UnitId
    digest: str
    reason: str


def standings(estate: Estate[StackConfig], reader: LedgerReader) -> dict[UnitId, Entry | None]:
    """The last ledger entry of every unit, in deployment order.

    They are read by several threads, since each is a round trip to the store.
    """
    units = estate.units
    with ThreadPoolExecutor(max_workers=16) as pool:
        return dict(zip(units, pool.map(lambda unit: head(reader, unit), units), strict=True))


def find_pending(
    estate: Estate[StackConfig], standing: Mapping[UnitId, Entry | None]
) -> list[Pending]:
    """Units that are not deployed as the estate says, in deployment order."""
    found = []
    for unit, entry in standing.items():
        reason = pending(entry, estate.digest(unit))
        if reason:
            found.append(Pending(unit, estate.digest(unit), reason))
    return found


def unfinished(
    estate: Estate[StackConfig], standing: Mapping[UnitId, Entry | None]
) -> dict[UnitId, str]:
    """Units that no deploy touches although they are not as the repository says, and why."""
    return {
        unit: told
        for unit, entry in standing.items()
        if (told := left_so(entry, estate.digest(unit)))
    }


def left_so(entry: Entry | None, digest: str) -> str:
    """Why a unit is not as the repository says and no deploy changes that; "" for any other."""
    if entry is None or pending(entry, digest):
        return ""
    if entry.status is Status.DESTROYING:
        return open_end(entry)
    if entry.status not in AWAY:
        return ""
    since = f"of commit {entry.commit[:10]} since {entry.time:%Y-%m-%d %H:%M} UTC"
    why = f": {entry.reason}" if entry.reason else ""
    if entry.status is Status.HELD:
        return (
            f"it is held {since}{why}; merge a revert or a repair, or dispatch deploy.yml for it "
            "to try again"
        )
    return f"it is destroyed {since}{why}; a change of its files brings it back"


def environment_of(site: Site, orphan: Orphan) -> str:
    """The GitHub environment of an orphan's jobs: the one that it had when it was deployed."""
    unit = orphan.unit
    try:
        chain = read_chain(site.stores.ledger.unrenamed(), unit)
        last = last_applied(chain)
        estate = commit_estate(site.root, last.commit, site.settings.app) if last else None
        if estate is None or unit not in (names := kept(estate)):
            return unit.workspace
        return estate.stack(names[unit]).config.environment(unit.workspace)
    except Failure:  # a history that was rewritten, or files that nobody can read any more
        return unit.workspace


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
