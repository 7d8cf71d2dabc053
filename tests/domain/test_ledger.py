"""The ledger: what a chain proves, and how the first wrong entry is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ledger import (
    Entry,
    Status,
    append,
    head,
    last_deployed,
    pending,
    read_chain,
    verify_chain,
)
from pipeline.domain.model import UnitId
from pipeline.errors import Failure

UNIT = UnitId("web", "prod")


class Shelf:
    """A ledger in memory, stored as bytes like in its bucket."""

    def __init__(self, *statuses: Status) -> None:
        self.stored: dict[int, bytes] = {}
        chain: list[Entry] = []
        for status in statuses:
            chain.append(append(chain, entry(status, digest=f"d{len(chain) + 1}")))
        for item in chain:
            self.stored[item.number] = item.canonical()

    def numbers(self, unit: UnitId) -> list[int]:
        return list(self.stored)

    def read(self, unit: UnitId, number: int) -> bytes:
        return self.stored[number]


def entry(status: Status = Status.DEPLOYED, digest: str = "d") -> Entry:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(unit=str(UNIT), number=1, status=status, commit="c", digest=digest, time=time)


def told(shelf: Shelf, whole: bool = True) -> str:
    with pytest.raises(Failure) as error:
        read_chain(shelf, UNIT) if whole else head(shelf, UNIT)
    assert error.value.reason == "ledger-damaged"
    return error.value.problems[0].where


FOUR = (Status.DEPLOYED, Status.HELD, Status.DEPLOYED, Status.DEPLOYED)


def test_an_untouched_chain_is_read_whole() -> None:
    chain = read_chain(Shelf(*FOUR), UNIT)
    assert [item.number for item in chain] == [1, 2, 3, 4]
    assert head(Shelf(*FOUR), UNIT) == chain[-1]


def test_an_empty_ledger_has_no_head() -> None:
    assert head(Shelf(), UNIT) is None
    assert read_chain(Shelf(), UNIT) == []


@settings(max_examples=500)
@given(st.integers(1, 4), st.data())
def test_any_changed_bit_is_noticed_at_its_entry_or_the_next(
    number: int, data: st.DataObject
) -> None:
    shelf = Shelf(*FOUR)
    body = bytearray(shelf.stored[number])
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    body[bit // 8] ^= 1 << (bit % 8)
    shelf.stored[number] = bytes(body)
    if number == 4:  # the newest entry has no follower yet; the bucket's permissions guard it
        return
    named = told(shelf)
    assert named in (f"web/prod/{number:08d}.json", f"web/prod/{number + 1:08d}.json")


def test_a_missing_entry_is_named() -> None:
    shelf = Shelf(*FOUR)
    del shelf.stored[2]
    assert told(shelf) == "web/prod/00000002.json"
    assert told(shelf, whole=False) == "web/prod/00000002.json"


def test_swapped_entries_are_named() -> None:
    shelf = Shelf(*FOUR)
    shelf.stored[2], shelf.stored[3] = shelf.stored[3], shelf.stored[2]
    assert told(shelf) == "web/prod/00000002.json"


def test_a_rewritten_entry_breaks_the_next_one() -> None:
    shelf = Shelf(*FOUR)
    chain = read_chain(shelf, UNIT)
    shelf.stored[3] = chain[2].model_copy(update={"commit": "forged"}).canonical()
    assert told(shelf) == "web/prod/00000004.json"
    assert told(shelf, whole=False) == "web/prod/00000004.json"


def test_a_chain_in_memory_is_judged_as_well() -> None:
    chain = read_chain(Shelf(*FOUR), UNIT)
    with pytest.raises(Failure, match="Entry 2 is expected here"):
        verify_chain([chain[0], chain[2], chain[1]])


@pytest.mark.parametrize(
    ("status", "digest", "reason"),
    [
        (Status.DEPLOYED, "d", ""),
        (Status.HELD, "d", ""),
        (Status.DEPLOYED, "e", "its files changed"),
        (Status.DESTROYED, "d", ""),
        (Status.DESTROYED, "e", "its files changed since it was destroyed"),
    ],
)
def test_a_unit_is_pending_when_its_digest_is_not_the_deployed_one(
    status: Status, digest: str, reason: str
) -> None:
    assert pending(entry(status), digest) == reason


def test_a_unit_without_an_entry_is_pending() -> None:
    assert pending(None, "d") == "never deployed"


def test_the_last_deployment_skips_held_ones_and_ends_at_a_destruction() -> None:
    def last(*statuses: Status) -> int | None:
        found = last_deployed(read_chain(Shelf(*statuses), UNIT))
        return found.number if found else None

    assert last(Status.DEPLOYED, Status.HELD) == 1
    assert last(Status.DEPLOYED, Status.DESTROYED, Status.HELD) is None
    assert last() is None
