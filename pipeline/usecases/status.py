"""What is deployed where, from the ledger alone: no plan, no lock, a second for many units."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.usecases.orphans import nothing_there, orphans, sentence
from pipeline.usecases.pending import left_so
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit: its last entry (None: never deployed) and why it is pending (empty: it is not).

    ``orphan`` says what is to become of a unit that the repository no longer has, ``open`` what
    was begun and has not ended, or why no deploy changes a unit that is held or destroyed.
    """

    unit: UnitId
    entry: ledger.Entry | None
    pending: str
    damaged: str = ""
    orphan: str = ""
    open: str = ""


def status(site: Site) -> list[Standing]:
    """Every unit of the repository in deployment order, then those that only the ledger knows.

    Damaged ledgers are told, not hidden. Raises ``bad-config`` when there is no unit at all.
    """
    site.stores.names  # noqa: B018 - the preflight, once, before the threads
    reader = site.stores.ledger
    site.aws.s3  # noqa: B018 - boto3 sessions are not made for many threads; clients are

    def one(unit: UnitId) -> Standing:
        try:
            entry = ledger.head(reader, unit)
        except Failure as error:
            if error.reason != "ledger-damaged":
                raise
            return Standing(unit, None, "", str(error))
        digest = site.estate.digest(unit)
        pending = ledger.pending(entry, digest)
        return Standing(unit, entry, pending, open=left_so(entry, digest) or ledger.open_end(entry))

    with ThreadPoolExecutor(max_workers=16) as pool:
        found = list(pool.map(one, site.estate.units))
    for orphan in orphans(site.estate, reader):
        told = sentence(site, orphan)
        found.append(Standing(orphan.unit, orphan.entry, "", orphan.damaged, told))
    if not found:
        raise nothing_there()
    return found
