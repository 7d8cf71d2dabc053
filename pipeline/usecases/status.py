"""What is deployed where, from the ledger alone: no plan, no lock, a second for many units."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit: its last entry (None: never deployed) and why it is pending (empty: it is not)."""

    unit: UnitId
    entry: ledger.Entry | None
    pending: str
    damaged: str = ""


def status(site: Site) -> list[Standing]:
    """Every unit in deployment order; damaged ledgers are told, not hidden."""
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
        return Standing(unit, entry, ledger.pending(entry, site.estate.digest(unit)))

    with ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(one, site.estate.units))
