"""The ledger: what a chain proves, and how the first wrong entry is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain import ledger_formats as formats
from pipeline.domain.ledger import (
    Entry,
    Evidence,
    Status,
    entries_since,
    genesis,
    head,
    last_applied,
    last_deployed,
    last_reviewed,
    made_since,
    object_hash,
    pending,
    read_chain,
    reviews_since,
    settled,
    verify_chain,
)
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from tests.ledgers import TIME, MemoryLedger, entry

UNIT = UnitId("web", "prod")
OTHER = UnitId("web", "dev")
GOLDEN = Path(__file__).parent / "golden"
FOUR = (Status.APPLYING, Status.HELD, Status.APPLYING, Status.DEPLOYED)


def shelf(*statuses: Status) -> MemoryLedger:
    made = MemoryLedger()
    for number, status in enumerate(statuses, 1):
        made.append(read_chain(made, UNIT), entry(UNIT, status, digest=f"d{number}"))
    return made


def format_1() -> MemoryLedger:
    """The chain that was written before entries were sealed."""
    made = MemoryLedger()
    for file in sorted((GOLDEN / "ledger-1").glob("*.json")):
        made.stored[UNIT, int(file.stem)] = file.read_bytes()
    return made


def told(made: MemoryLedger, whole: bool = True) -> tuple[str, str]:
    """Which entry is named, and what is said of it."""
    with pytest.raises(Failure) as error:
        read_chain(made, UNIT) if whole else head(made, UNIT)
    assert error.value.reason == "ledger-damaged"
    return error.value.problems[0].where, error.value.problems[0].sentence


def place(number: int) -> str:
    return f"web/prod/{number:08d}.json"


# -- what a chain proves -------------------------------------------------------------------------


def test_an_untouched_chain_is_read_whole() -> None:
    chain = read_chain(shelf(*FOUR), UNIT)
    assert [item.number for item in chain] == [1, 2, 3, 4]
    assert head(shelf(*FOUR), UNIT) == chain[-1]


def test_an_empty_ledger_has_no_head() -> None:
    assert head(MemoryLedger(), UNIT) is None
    assert read_chain(MemoryLedger(), UNIT) == []


@settings(max_examples=500)
@given(st.integers(1, 4), st.data())
def test_any_changed_bit_is_noticed_at_its_entry(number: int, data: st.DataObject) -> None:
    made = shelf(*FOUR)
    body = bytearray(made.stored[UNIT, number])
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    body[bit // 8] ^= 1 << (bit % 8)
    made.stored[UNIT, number] = bytes(body)
    assert told(made)[0] == place(number)
    if number > 2:
        assert told(made, whole=False)[0] == place(number)


@settings(max_examples=200)
@given(st.data())
def test_any_changed_bit_of_the_head_beside_the_state_is_noticed(data: st.DataObject) -> None:
    made = shelf(*FOUR)
    body = bytearray(made.anchors[UNIT])
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    body[bit // 8] ^= 1 << (bit % 8)
    made.anchors[UNIT] = bytes(body)
    assert told(made)[0] == "web/prod/ledger-head.json"
    assert told(made, whole=False)[0] == "web/prod/ledger-head.json"


@pytest.mark.parametrize("whole", [True, False])
def test_a_missing_entry_is_named(whole: bool) -> None:
    made = shelf(*FOUR)
    del made.stored[UNIT, 2]
    assert told(made, whole)[0] == place(2)


def test_swapped_entries_are_named() -> None:
    made = shelf(*FOUR)
    two, three = (UNIT, 2), (UNIT, 3)
    made.stored[two], made.stored[three] = made.stored[three], made.stored[two]
    assert told(made)[0] == place(2)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_a_chain_that_was_cut_off_is_noticed(left: int, whole: bool) -> None:
    made = shelf(*FOUR)
    for number in range(left + 1, 5):
        del made.stored[UNIT, number]
    where, sentence = told(made, whole)
    assert where == place(4)
    assert "cut off" in sentence


def rewritten(*statuses: Status) -> MemoryLedger:
    """A chain that somebody who has the key wrote anew; the head beside the state is the old."""
    made, false = shelf(*FOUR), shelf(*statuses)
    made.stored = false.stored
    return made


@pytest.mark.parametrize("whole", [True, False])
def test_a_chain_that_was_written_anew_with_right_hashes_is_noticed(whole: bool) -> None:
    where, sentence = told(rewritten(*FOUR[:3], Status.DESTROYED), whole)
    assert where == place(4)
    assert "rewritten" in sentence


def test_a_chain_that_was_cut_off_together_with_its_head_is_noticed() -> None:
    made = shelf(*FOUR)
    del made.stored[UNIT, 4], made.anchors[UNIT]
    assert told(made)[0] == "web/prod/ledger-head.json"
    assert told(made, whole=False)[0] == "web/prod/ledger-head.json"


@settings(max_examples=200)
@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=8), st.data())
def test_whatever_is_taken_out_or_put_in_anothers_place_is_noticed(
    statuses: list[Status], data: st.DataObject
) -> None:
    made = shelf(*statuses)
    assert [e.status for e in read_chain(made, UNIT)] == statuses
    numbers = list(range(1, len(statuses) + 1))
    taken = data.draw(st.sets(st.sampled_from(numbers), min_size=1))
    put = {n: data.draw(st.sampled_from([None, *set(numbers) - {n}])) for n in taken}
    before = dict(made.stored)
    for number, other in put.items():
        del made.stored[UNIT, number]
        if other is not None:
            made.stored[UNIT, number] = before[UNIT, other]
    assert told(made)[0].startswith("web/prod/")


def test_a_run_that_was_killed_before_it_raised_the_head_did_no_damage() -> None:
    made = shelf(*FOUR)
    before = shelf(*FOUR[:3])
    made.anchors = before.anchors
    assert len(read_chain(made, UNIT)) == 4
    assert head(made, UNIT) == read_chain(made, UNIT)[-1]
    first = shelf(Status.APPLYING)
    first.anchors = {}
    assert head(first, UNIT) == read_chain(first, UNIT)[-1]


def test_an_entry_of_another_unit_is_not_taken() -> None:
    made = shelf(Status.DEPLOYED)
    made.append([], entry(OTHER))
    made.stored[UNIT, 1] = made.stored[OTHER, 1]
    assert told(made) == (
        place(1),
        "The entry cannot be read: its seal does not fit: its bytes were changed, or it is "
        "another unit's.",
    )


def test_a_chain_in_memory_is_judged_as_well() -> None:
    chain = read_chain(shelf(*FOUR), UNIT)
    with pytest.raises(Failure, match="Entry 2 is expected here"):
        verify_chain([chain[0], chain[2], chain[1]])


def test_a_ledger_of_a_renamed_stack_stays_under_the_old_name() -> None:
    made = MemoryLedger({UnitId("rack", "prod"): UNIT})
    made.stored, made.anchors = shelf(*FOUR).stored, shelf(*FOUR).anchors
    rack = UnitId("rack", "prod")
    chain = read_chain(made, rack)
    assert [item.unit for item in chain] == ["web/prod"] * 4
    made.append(chain, entry(rack, Status.APPLYING))
    assert head(made, rack) == read_chain(made, UNIT)[-1]
    assert made.units() == [UNIT]


# -- formats -------------------------------------------------------------------------------------


def full() -> Entry:
    """An entry with every field set."""
    seen = Evidence("rec-1", True, True, ("#12 bob", "#14 carol"), "https://run/7", "carol")
    return entry(
        UNIT,
        Status.HELD,
        "a" * 64,
        configuration="b" * 64,
        serial=41,
        image="registry/kw:1f2e",
        image_digest="sha256:" + "c" * 64,
        evidence=seen,
        objects=(object_hash(b"k", "i-1"), object_hash(b"k", "i-2")),
        run_url="https://run/6",
        reason='tasks said "café" \U0001f4a5 </script>\n',
    )


def test_every_field_comes_back_as_it_was_written() -> None:
    made = MemoryLedger()
    written = made.append([], full())
    assert read_chain(made, UNIT) == [written]
    assert written.evidence == full().evidence
    assert written.reason == full().reason


def test_entries_of_format_2_are_read_and_written_byte_for_byte() -> None:
    data = (GOLDEN / "ledger-2.json").read_bytes()
    found = formats.read(data, lambda: b"golden key")
    assert (found.number, found.status, found.serial) == (1, Status.HELD, 41)
    assert found.evidence == full().evidence
    assert formats.write(found, b"golden key") == data
    head_data = (GOLDEN / "ledger-head-2.json").read_bytes()
    anchor = formats.read_anchor(head_data, lambda: b"golden key", "web/prod")
    assert (anchor.number, anchor.hash, anchor.format) == (1, found.hash, 2)


def test_entries_of_format_1_are_read_and_count_as_reviewed() -> None:
    chain = read_chain(format_1(), UNIT)
    assert [e.status for e in chain] == ["deployed", "deployed", "held", "destroyed"]
    assert chain[1].evidence == Evidence("abc-100-1-deadbeef, def-101-1-deadbeef", reviewed=True)
    assert [e.serial for e in chain] == [3, 7, None, None]
    assert last_reviewed(chain[:3]) == chain[1]
    assert head(format_1(), UNIT) == chain[-1]


def test_a_chain_of_format_1_goes_on_in_format_2_and_its_past_is_bound() -> None:
    made = format_1()
    made.append(read_chain(made, UNIT), entry(UNIT, Status.APPLYING))
    chain = read_chain(made, UNIT)
    assert [e.format for e in chain] == [1, 1, 1, 1, 2]
    assert chain[-1].previous == chain[-2].hash == formats.hashed(made.stored[UNIT, 4])
    made.stored[UNIT, 4] = made.stored[UNIT, 4].replace(b'"destroyed"', b'"deployed"')
    assert told(made)[0] == place(5)


@pytest.mark.parametrize("whole", [True, False])
def test_after_a_sealed_entry_one_without_a_seal_is_damage(whole: bool) -> None:
    made = shelf(Status.DEPLOYED)
    false = (GOLDEN / "ledger-1/00000002.json").read_bytes()
    previous = read_chain(made, UNIT)[0].hash
    start = false.index(b'"previous":"') + len(b'"previous":"')
    made.stored[UNIT, 2] = false[:start] + previous.encode() + false[start + 64 :]
    where, sentence = told(made, whole)
    assert where == place(2)
    assert "no seal" in sentence


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[]", "does not say its format"),
        (b'{"format":true}', "does not say its format"),
        (b'{"format":3,"status":"paused"}', "format 3, which this version cannot read"),
        (b'{"format":1}', "of its fields are wrong"),
        (b'{"format":2}', "its seal does not fit"),
    ],
)
def test_bytes_that_are_no_entry_are_told_as_what_they_are(data: bytes, words: str) -> None:
    made = MemoryLedger()
    made.stored[UNIT, 1] = data
    where, sentence = told(made)
    assert where == place(1)
    assert words in sentence


# -- what a chain says ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "digest", "reason"),
    [
        (Status.DEPLOYED, "d", ""),
        (Status.HELD, "d", ""),
        (Status.DEPLOYED, "e", "its files changed"),
        (Status.HELD, "e", "its files changed"),
        (Status.DESTROYED, "d", ""),
        (Status.DESTROYED, "e", "its files changed since it was destroyed"),
        (Status.DESTROYING, "d", ""),
        (Status.DESTROYING, "e", ""),
        (Status.FORGOTTEN, "d", "it was forgotten, and the repository has it again"),
    ],
)
def test_a_unit_is_pending_when_its_digest_is_not_the_settled_one(
    status: Status, digest: str, reason: str
) -> None:
    assert pending(entry(UNIT, status), digest) == reason


@pytest.mark.parametrize("digest", ["d", "e"])
def test_an_announced_apply_stays_pending_whatever_the_files_are(digest: str) -> None:
    assert pending(entry(UNIT, Status.APPLYING), digest) == (
        "an apply of commit c0ffee0000 was announced at 2026-01-01 00:00 UTC and has not ended"
    )


def test_a_unit_without_an_entry_is_pending() -> None:
    assert pending(None, "d") == "never deployed"


def test_only_what_ended_without_an_error_is_settled() -> None:
    assert {s for s in Status if settled(entry(UNIT, s))} == {
        Status.DEPLOYED,
        Status.DESTROYED,
        Status.FORGOTTEN,
    }


def chain_of(*entries: Entry) -> list[Entry]:
    made = MemoryLedger()
    for item in entries:
        made.append(read_chain(made, UNIT), item)
    return read_chain(made, UNIT)


def reviewed(status: Status) -> Entry:
    return entry(UNIT, status, evidence=Evidence(reviewed=True))


def test_the_last_deployment_skips_held_ones_and_ends_at_a_destruction() -> None:
    def last(*statuses: Status) -> int | None:
        found = last_deployed(read_chain(shelf(*statuses), UNIT))
        return found.number if found else None

    assert last(Status.DEPLOYED, Status.HELD) == 1
    assert last(Status.DEPLOYED, Status.DESTROYED, Status.HELD) is None
    assert last() is None


def test_what_may_stand_was_brought_by_the_last_apply_that_was_announced() -> None:
    chain = read_chain(shelf(Status.DEPLOYED, Status.APPLYING, Status.DESTROYING), UNIT)
    assert last_applied(chain) == chain[1]
    assert last_applied([]) is None


def test_only_a_reviewed_deployment_or_a_destruction_moves_what_is_reviewed() -> None:
    chain = chain_of(
        reviewed(Status.APPLYING),
        reviewed(Status.DEPLOYED),
        reviewed(Status.APPLYING),
        reviewed(Status.HELD),
        entry(UNIT, Status.DEPLOYED),
        reviewed(Status.APPLYING),
    )
    assert last_reviewed(chain) == chain[1]
    assert last_reviewed(chain[:1]) is None
    gone = [*chain, entry(UNIT, Status.DESTROYED), entry(UNIT, Status.DEPLOYED)]
    assert last_reviewed(gone) == gone[6]
    assert last_reviewed([*chain, reviewed(Status.FORGOTTEN)]) == chain[1]


def test_what_was_made_and_approved_since_a_deployment_is_listed() -> None:
    made = [object_hash(b"k", name) for name in ("i-1", "i-2", "i-3")]
    by_hand = Evidence("rec-2", True, dispatch="https://run/8", dispatched_by="carol")
    chain = chain_of(
        entry(UNIT, Status.DEPLOYED, objects=(made[0],), evidence=Evidence("rec-1", True)),
        entry(UNIT, Status.APPLYING, evidence=by_hand),
        entry(UNIT, Status.HELD, objects=(made[1],), evidence=by_hand),
        entry(UNIT, Status.APPLYING, objects=(made[2],), evidence=Evidence("rec-3", True)),
    )
    assert made_since(chain, chain[0]) == {made[1], made[2]}
    assert made_since(chain, None) == set(made)
    assert reviews_since(chain, chain[0]) == ("rec-2",)
    assert reviews_since(chain, chain[2]) == ()
    gone = [*chain, entry(UNIT, Status.DESTROYING, evidence=by_hand)]
    assert reviews_since(gone, chain[3]) == (), "what may be destroyed may not be applied"
    assert entries_since(chain, chain[2]) == (chain[3],)


def test_an_object_is_named_by_a_hash_that_only_its_units_key_makes() -> None:
    assert object_hash(b"k", "i-1") != object_hash(b"l", "i-1")
    assert object_hash(b"k", "i-1") != object_hash(b"k", "i-2")
    assert len(object_hash(b"k", "\udc80")) == 32


def test_the_genesis_is_the_first_entry() -> None:
    assert genesis(MemoryLedger(), UNIT) is None
    made = shelf(*FOUR)
    assert genesis(made, UNIT) == read_chain(made, UNIT)[0]
    assert genesis(made, UNIT).time == TIME  # type: ignore[union-attr]
