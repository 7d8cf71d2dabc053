"""The ledger: an append-only chain, one per unit, of what was deployed.

Each entry carries the hash of the one before, so that a damaged, missing or reordered entry is
found by :func:`verify_chain`. Entries hold no values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.domain.model import UnitId
from pipeline.errors import failure

#: The ``previous`` of the first entry.
START = "0" * 64


class Status(StrEnum):
    """What became of a deployment."""

    DEPLOYED = "deployed"
    HELD = "held"  # applied, but the service did not become healthy
    DESTROYED = "destroyed"


class Entry(BaseModel):
    """One deployment of a unit, as stored at ``<stack>/<workspace>/<number %08d>.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = 1
    unit: str
    number: int = Field(ge=1)
    status: Status
    commit: str
    digest: str
    time: datetime
    serial: int = 0
    image: str = ""
    image_digest: str = ""
    evidence: tuple[str, ...] = ()  # ids of the plan records that covered it
    run_url: str = ""
    reason: str = ""
    previous: str = START

    def canonical(self) -> bytes:
        """The bytes that are stored and hashed."""
        return self.model_dump_json(indent=None).encode()

    @property
    def hash(self) -> str:
        """SHA-256 of :meth:`canonical`: the next entry's ``previous``."""
        return hashlib.sha256(self.canonical()).hexdigest()


class LedgerReader(Protocol):
    """Where ledgers are kept. Adapters return the stored bytes, the domain judges them."""

    def numbers(self, unit: UnitId) -> list[int]:
        """The numbers of all stored entries."""

    def read(self, unit: UnitId, number: int) -> bytes:
        """The stored bytes of one entry; raises ``ledger-damaged`` when it is not there."""


def parse_entry(data: bytes, unit: UnitId, number: int) -> Entry:
    """Read one entry; raises ``ledger-damaged`` when it is not what it should be."""
    where = f"{unit.stack}/{unit.workspace}/{number:08d}.json"
    try:
        entry = Entry.model_validate_json(data)
    except ValidationError as error:
        told = f"{error.error_count()} fields are wrong"
        raise failure(
            "ledger-damaged", f"The entry cannot be read: {told}.", where, _WHAT
        ) from error
    if entry.canonical() != data:
        raise failure("ledger-damaged", "The entry's bytes were changed.", where, _WHAT)
    if entry.unit != str(unit) or entry.number != number:
        raise failure(
            "ledger-damaged", f"The entry is number {entry.number} of {entry.unit}.", where, _WHAT
        )
    return entry


_WHAT = "Restore the object's earlier version (the bucket is versioned), then run again."


def append(chain: Sequence[Entry], entry: Entry) -> Entry:
    """The entry with its number and link, as the next of a chain."""
    last = chain[-1] if chain else None
    link = {"number": len(chain) + 1, "previous": last.hash if last else START}
    return entry.model_copy(update=link)


def read_chain(reader: LedgerReader, unit: UnitId) -> list[Entry]:
    """The whole verified chain of a unit, oldest first."""
    numbers = sorted(reader.numbers(unit))
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            where = f"{unit.stack}/{unit.workspace}/{expected:08d}.json"
            raise failure("ledger-damaged", "The entry is missing.", where, _WHAT)
    chain = [parse_entry(reader.read(unit, number), unit, number) for number in numbers]
    verify_chain(chain)
    return chain


def verify_chain(chain: Sequence[Entry]) -> None:
    """Raise ``ledger-damaged`` naming the first entry that does not follow from the one before."""
    previous = START
    for expected, entry in enumerate(chain, 1):
        where = f"{entry.unit}/{expected:08d}.json"
        if entry.number != expected or entry.unit != chain[0].unit:
            raise failure(
                "ledger-damaged",
                f"Entry {expected} is expected here, but it is number {entry.number} of "
                f"{entry.unit}.",
                where,
                _WHAT,
            )
        if entry.previous != previous:
            told = "It does not follow from the entry before: one of the two was changed."
            raise failure("ledger-damaged", told, where, _WHAT)
        previous = entry.hash


def head(reader: LedgerReader, unit: UnitId) -> Entry | None:
    """The last entry, checked against the one before it; None when nothing was deployed.

    One or two reads, whatever the length: :func:`read_chain` walks all of it.
    """
    numbers = sorted(reader.numbers(unit))
    if not numbers:
        return None
    last = parse_entry(reader.read(unit, numbers[-1]), unit, numbers[-1])
    before = START
    if last.number > 1:
        before = parse_entry(reader.read(unit, last.number - 1), unit, last.number - 1).hash
    if last.previous != before or len(numbers) != last.number:
        read_chain(reader, unit)  # names the first entry that is wrong
    return last


def pending(entry: Entry | None, digest: str) -> str:
    """Why a unit has to be deployed, in words; empty when there is nothing to do.

    A held unit is not tried again, and a destroyed one stays away, until its files change.
    """
    if entry is None:
        return "never deployed"
    if entry.digest == digest:
        return ""
    gone = entry.status is Status.DESTROYED
    return "its files changed since it was destroyed" if gone else "its files changed"


def last_deployed(chain: Sequence[Entry]) -> Entry | None:
    """The last entry that was deployed since the unit was last destroyed; None without one.

    Plan records of pull requests merged after it are what can cover the next apply.
    """
    for entry in reversed(chain):
        if entry.status is Status.DESTROYED:
            return None
        if entry.status is Status.DEPLOYED:
            return entry
    return None
