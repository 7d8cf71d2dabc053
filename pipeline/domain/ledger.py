"""The ledger: an append-only chain, one per unit, of what was announced and what became of it.

Each entry carries the hash of the one before and a seal, and the chain's head is kept beside the
state too, so that a damaged, missing, reordered or cut off entry is found. Entries hold no values.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.domain import ledger_formats as formats
from pipeline.domain.ledger_entry import OPEN, SETTLED, STANDING, START, Entry, Evidence, Status
from pipeline.domain.ledger_formats import Anchor, Key, Unreadable, document
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure


class LedgerReader(Protocol):
    """Where ledgers are kept. Adapters return the stored bytes, the domain judges them."""

    def stored_as(self, unit: UnitId) -> UnitId:
        """The name under which the unit's ledger is kept: of a renamed stack the old one."""

    def unrenamed(self) -> LedgerReader:
        """The same ledgers, called by the names under which they are kept."""

    def units(self) -> list[UnitId]:
        """Every unit that has a ledger, by the names under which they are kept."""

    def numbers(self, unit: UnitId) -> list[int]:
        """The numbers of all stored entries."""

    def read(self, unit: UnitId, number: int) -> bytes:
        """The stored bytes of one entry; raises ``ledger-damaged`` when it is not there."""

    def key(self, unit: UnitId) -> bytes:
        """The key that seals the unit's entries and hashes the ids of its objects."""

    def anchor(self, unit: UnitId) -> bytes | None:
        """The stored bytes of the head that is kept beside the state, None without one."""


_WHAT = (
    "Restore the object's earlier version (the bucket is versioned; its policy has to let you), "
    "then run again."
)


def append(chain: Sequence[Entry], entry: Entry, key: bytes) -> tuple[Entry, bytes]:
    """The entry as the next of a chain, and the bytes to store."""
    last = chain[-1] if chain else None
    linked = replace(
        entry,
        number=len(chain) + 1,
        previous=last.hash if last else START,
        format=formats.CURRENT,
    )
    data = formats.write(linked, key)
    return replace(linked, hash=formats.hashed(data)), data


def read_chain(reader: LedgerReader, unit: UnitId) -> list[Entry]:
    """The whole verified chain of a unit, oldest first. Raises ``ledger-damaged``."""
    anchor = read_head(reader, unit, reader.anchor(unit))  # before the entries, which may grow
    numbers = sorted(reader.numbers(unit))
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            raise _damaged(_where(reader, unit, expected), "The entry is missing.")
    chain = [_entry(reader, unit, number) for number in numbers]
    verify_chain(chain)
    if anchor is not None:
        by_number = {entry.number: entry for entry in chain}
        _check_head(reader, unit, anchor, by_number.get(anchor.number))
    elif len(chain) > 1 and chain[-2].format > 1:
        told = "The head of the chain, kept beside the state, is gone: entries may be cut off."
        raise _damaged(f"{reader.stored_as(unit)}/ledger-head.json", told)
    return chain


def verify_chain(chain: Sequence[Entry]) -> None:
    """Raise ``ledger-damaged`` naming the first entry that does not follow from the one before."""
    previous, sealed = START, False
    for expected, entry in enumerate(chain, 1):
        where = f"{entry.unit}/{expected:08d}.json"
        if entry.number != expected or entry.unit != chain[0].unit:
            raise _damaged(
                where,
                f"Entry {expected} is expected here, but it is number {entry.number} of "
                f"{entry.unit}.",
            )
        if entry.previous != previous:
            told = "It does not follow from the entry before: one of the two was changed."
            raise _damaged(where, told)
        if sealed and entry.format == 1:
            raise _damaged(where, "It has no seal, although an entry before it has one.")
        previous, sealed = entry.hash, entry.format > 1


def head(reader: LedgerReader, unit: UnitId) -> Entry | None:
    """The last entry, checked against the one before it; None when nothing was deployed.

    Two or three reads, whatever the length: :func:`read_chain` walks all of it.
    """
    anchor = read_head(reader, unit, reader.anchor(unit))
    numbers = sorted(reader.numbers(unit))
    if not numbers:
        if anchor is not None:
            _check_head(reader, unit, anchor, None)
        return None
    last = _entry(reader, unit, numbers[-1])
    two = [last] if last.number == 1 else [_entry(reader, unit, last.number - 1), last]
    before = two[0].hash if len(two) > 1 else START
    odd = last.previous != before or len(numbers) != last.number or two[0].format > last.format
    if anchor is None:
        odd = odd or (len(two) > 1 and two[0].format > 1)
    else:
        odd = odd or anchor.hash not in {entry.hash for entry in two}
    if odd:
        read_chain(reader, unit)  # names the first entry that is wrong
    return last


def genesis(reader: LedgerReader, unit: UnitId) -> Entry | None:
    """The first entry of a unit: of the account's own it is the commit that bootstrap sealed.

    What led to it was looked at by whoever ran bootstrap; no landing before it needs an approval.
    """
    chain = read_chain(reader, unit)
    return chain[0] if chain else None


def settled(entry: Entry) -> bool:
    """Whether what the entry tells of has ended without an error."""
    return entry.status in SETTLED


def standing(entry: Entry | None) -> bool:
    """Whether something of the unit may be there."""
    return entry is not None and entry.status in STANDING


def pending(entry: Entry | None, digest: str) -> str:
    """Why a unit has to be deployed, in words; empty when a deploy has nothing to do.

    A held unit is not tried again, and a destroyed one stays away, until its files change. What
    was announced and not ended is tried again whatever the files are: nobody knows what became of
    it. A destruction that was begun goes on by ``pipeline destroy`` alone: see :func:`open_end`.
    """
    if entry is None:
        return "never deployed"
    if entry.status is Status.APPLYING:
        return open_end(entry)
    if entry.status is Status.DESTROYING:
        return ""
    if entry.status is Status.FORGOTTEN:
        return "it was forgotten, and the repository has it again"
    if entry.digest == digest:
        return ""
    gone = entry.status is Status.DESTROYED
    return "its files changed since it was destroyed" if gone else "its files changed"


def open_end(entry: Entry | None) -> str:
    """What was announced and has not ended, in words; empty when nothing was."""
    if entry is None or entry.status not in OPEN:
        return ""
    what = "an apply" if entry.status is Status.APPLYING else "a destruction"
    return (
        f"{what} of commit {entry.commit[:10]} was announced at {entry.time:%Y-%m-%d %H:%M} UTC "
        "and has not ended" + (f": {entry.reason}" if entry.reason else "")
    )


def last_deployed(chain: Sequence[Entry]) -> Entry | None:
    """The last entry that was deployed since the unit was last destroyed; None without one."""
    for entry in reversed(chain):
        if entry.status is Status.DESTROYED:
            return None
        if entry.status is Status.DEPLOYED:
            return entry
    return None


def last_applied(chain: Sequence[Entry]) -> Entry | None:
    """The last entry whose commit says what may stand: deployed, held or announced."""
    wanted = (Status.APPLYING, Status.DEPLOYED, Status.HELD)
    return next((entry for entry in reversed(chain) if entry.status in wanted), None)


def last_reviewed(chain: Sequence[Entry]) -> Entry | None:
    """The latest entry since which every landing needs an approval; None: since the genesis.

    That is the latest that was deployed with its code reviewed, or destroyed.
    """
    for entry in reversed(chain):
        if entry.status is Status.DESTROYED:
            return entry
        if entry.status is Status.DEPLOYED and entry.evidence.reviewed:
            return entry
    return None


def last_ended(chain: Sequence[Entry]) -> Entry | None:
    """The latest entry after which nothing of an older review holds: settled, or a destruction
    that was begun."""
    ends = (*SETTLED, Status.DESTROYING)
    return next((entry for entry in reversed(chain) if entry.status in ends), None)


def entries_since(chain: Sequence[Entry], since: Entry | None) -> tuple[Entry, ...]:
    """The entries after one of the chain; all of them for None."""
    return tuple(chain[since.number :] if since else chain)


def made_since(chain: Sequence[Entry], since: Entry | None) -> frozenset[str]:
    """Keyed hashes (:func:`object_hash`) of the ids of what applies made after ``since``."""
    return frozenset(made for entry in entries_since(chain, since) for made in entry.objects)


def reviews_since(chain: Sequence[Entry], since: Entry | None) -> tuple[str, ...]:
    """Ids of the records that somebody approved by a dispatch after ``since``, oldest first.

    What was approved to be destroyed allows no apply.
    """
    found = (
        entry.evidence.record
        for entry in entries_since(chain, since)
        if entry.evidence.dispatch and entry.status not in (Status.DESTROYING, Status.DESTROYED)
    )
    return tuple(dict.fromkeys(record for record in found if record))


def object_hash(key: bytes, identity: str) -> str:
    """How a ledger names an object of the cloud: HMAC-SHA-256 of its id, cut to 128 bits."""
    data = b"object\0" + identity.encode(errors="surrogatepass")
    return hmac.new(key, data, hashlib.sha256).hexdigest()[:32]


def _entry(reader: LedgerReader, unit: UnitId, number: int) -> Entry:
    where = _where(reader, unit, number)
    try:
        entry = formats.read(reader.read(unit, number), lambda: reader.key(unit))
    except Unreadable as error:
        raise _damaged(where, f"The entry cannot be read: {error}.") from error
    if entry.unit != str(reader.stored_as(unit)) or entry.number != number:
        raise _damaged(where, f"The entry is number {entry.number} of {entry.unit}.")
    return entry


def read_head(reader: LedgerReader, unit: UnitId, data: bytes | None) -> Anchor | None:
    """What is kept beside the state of a unit; None for nothing. Raises ``ledger-damaged``."""
    name = str(reader.stored_as(unit))
    if data is None:
        return None
    try:
        return formats.read_anchor(data, lambda: reader.key(unit), name)
    except Unreadable as error:
        told = f"The head of the chain, kept beside the state, cannot be read: {error}."
        raise _damaged(f"{name}/ledger-head.json", told) from error


def _check_head(reader: LedgerReader, unit: UnitId, anchor: Anchor, entry: Entry | None) -> None:
    """The anchor may be older than the chain (a run that was killed), never newer or another."""
    where = _where(reader, unit, anchor.number)
    if entry is None:
        raise _damaged(where, "The entry is missing: the chain was cut off.")
    if (entry.hash, entry.format) != (anchor.hash, anchor.format):
        raise _damaged(where, "It is not the entry that was written: the chain was rewritten.")


def _where(reader: LedgerReader, unit: UnitId, number: int) -> str:
    return f"{reader.stored_as(unit)}/{number:08d}.json"


def _damaged(where: str, sentence: str) -> Failure:
    return failure("ledger-damaged", sentence, where, _WHAT)


__all__ = [
    "Entry",
    "Evidence",
    "Key",
    "LedgerReader",
    "Status",
    "append",
    "document",
    "entries_since",
    "genesis",
    "head",
    "last_applied",
    "last_deployed",
    "last_reviewed",
    "made_since",
    "object_hash",
    "open_end",
    "pending",
    "read_chain",
    "read_head",
    "reviews_since",
    "settled",
    "standing",
    "verify_chain",
]
