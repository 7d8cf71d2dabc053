"""Refuse to act for a commit that the ledger has left behind: a run that waited, or one re-run."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.git import older
from pipeline.domain.ledger import Entry, Status, last_ended, open_end
from pipeline.domain.model import UnitId
from pipeline.domain.record import PlanRecord
from pipeline.errors import failure
from pipeline.usecases.site import Site


def not_behind(site: Site, unit: UnitId, chain: Sequence[Entry]) -> None:
    """Raise ``superseded`` when the ledger's last entry is of a later commit than the checkout's.

    A history that was rewritten has no earlier and later, so the commit is judged by its files.
    """
    if not chain or not older(site.root, site.commit, chain[-1].commit):
        return
    last = chain[-1]
    raise failure(
        "superseded",
        f"Commit {site.commit[:10]} is older than {last.commit[:10]}, of which {unit} is "
        f"{last.status} since {last.time:%Y-%m-%d %H:%M} UTC.",
        str(unit),
        "Nothing was changed. Run it for the head of main; to go back, merge a revert.",
    )


def not_destroyed(site: Site, unit: UnitId, chain: Sequence[Entry]) -> None:
    """Raise ``superseded`` when the unit is half destroyed, or destroyed with the same files.

    So a deploy that waited while somebody destroyed the unit does not bring it back.
    """
    last = chain[-1] if chain else None
    if last is not None and last.status is Status.DESTROYING:
        raise failure(
            "superseded",
            f"{unit} is half destroyed: {open_end(last)}.",
            str(unit),
            f"Nothing was changed. Go on with it: pipeline destroy {unit} --confirm {unit}",
        )
    if last is None or last.status is not Status.DESTROYED:
        return
    if last.digest == site.estate.digest(unit):
        raise failure(
            "superseded",
            f"{unit} was destroyed at {last.time:%Y-%m-%d %H:%M} UTC and its files are the same.",
            str(unit),
            "Nothing was changed. Merge a change of its files to bring it back.",
        )


def not_over(record: PlanRecord, unit: UnitId, chain: Sequence[Entry]) -> None:
    """Raise ``superseded`` when the unit was deployed or destroyed since a record was made.

    What the record showed is over then, and nobody reviewed that it be done once more.
    """
    ended = last_ended(chain)
    if ended is not None and record.time <= ended.time:
        raise failure(
            "superseded",
            f"The record {record.id} is older than the ledger's entry that {unit} is "
            f"{ended.status}, of {ended.time:%Y-%m-%d %H:%M} UTC.",
            str(unit),
            "Nothing was changed. A run without a record leaves a new one, if one is needed.",
        )
