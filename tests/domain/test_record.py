"""Plan records: unreadable without the key, unbendable with it, readable for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.coverage import cover
from pipeline.domain.hashing import Hasher
from pipeline.domain.model import ABSENT, UNKNOWN, Action, Place, UnitId
from pipeline.domain.record import (
    PlanRecord,
    Purpose,
    Reviewed,
    make_record,
    open_record,
)
from pipeline.errors import Failure
from tests.domain.plans import NOON, UNIT, change, facts, keep, output, plan

SECRET = "correct horse battery"
GOLDEN = Path(__file__).parent / "golden"
GOLDEN_KEY = b"the key of a golden record"


def sealed(key: bytes = b"k", **more: Any) -> PlanRecord:
    body = {"password": SECRET, "doc": f'{{"{SECRET} as key": 1}}'}
    before = {"id": SECRET, "n": 1}
    fresh = plan(
        change("a.x", "create", None, body, {"id": True}),
        change("a.y", "delete", before),
        change("a.y", "delete", before, deposed="ab12"),
        keep("a.z", before, importing={"id": SECRET}, previous_address="a.old"),
    )
    return make_record(fresh, key, facts("r", **more))


def opened(data: bytes, key: bytes = b"k", id: str = "r", unit: UnitId = UNIT) -> Reviewed:
    return open_record(data, key, id=id, unit=unit)


def refused(data: bytes, key: bytes = b"k", id: str = "r", unit: UnitId = UNIT) -> str:
    with pytest.raises(Failure) as told:
        opened(data, key, id, unit)
    assert told.value.reason == "record-damaged"
    return str(told.value)


def test_nothing_about_values_keys_or_ids_can_be_read() -> None:
    text = sealed().to_bytes().decode()
    assert SECRET not in text
    assert "password" not in text


def test_the_same_value_has_another_hash_under_another_key_and_at_another_path() -> None:
    hashes = {
        Hasher(b"1").value("/a", "x"),
        Hasher(b"2").value("/a", "x"),
        Hasher(b"1").value("/b", "x"),
        Hasher(b"1").path("/a"),
        Hasher(b"1").identity("x"),
        Hasher(b"1").imported("x"),
    }
    assert len(hashes) == 6


def test_unknown_leaves_are_told_in_the_open_and_absent_ones_are_not() -> None:
    assert list(sealed().changes[0].leaves.values()).count("?") == 1
    assert Hasher(b"k").value("/a", UNKNOWN) == "?"
    assert len(Hasher(b"k").value("/a", ABSENT)) == 32


def test_each_change_says_which_object_it_concerns() -> None:
    created, deleted, left, adopted = sealed().changes
    assert created.identity == ""
    assert deleted.identity == left.identity == adopted.identity == Hasher(b"k").identity(
        f"a id {SECRET}"
    )  # fmt: skip
    assert (deleted.deposed, left.deposed) == ("", "ab12")
    assert adopted.previous_address == "a.old"
    assert adopted.import_id
    assert adopted.leaves == {}


def test_a_read_is_no_part_of_a_record() -> None:
    assert make_record(plan(change("d.x", "read", None, {})), b"k", facts()).changes == ()


def test_a_record_opens_with_its_own_key_only() -> None:
    assert opened(sealed().to_bytes()).record == sealed()
    assert "was changed" in refused(sealed().to_bytes(), key=b"other")


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("format", 1),
        ("purpose", Purpose.REVIEW),
        ("pull_request", 2),
        ("head", "bent"),
        ("base_ref", "bent"),
        ("commit", "bent"),
        ("configuration", "bent"),
        ("digest", "bent"),
        ("image_tree", "bent"),
        ("account", "bent"),
        ("region", "bent"),
        ("modules", "bent"),
        ("actor", "bent"),
        ("time", NOON.replace(hour=1)),
        ("serial", 8),
        ("lineage", "bent"),
        ("terraform_version", "bent"),
        ("verdict", "fail"),
        ("reasons", ("bent",)),
        ("results", {"plan": "bent"}),
        ("landings", ("bent",)),
        ("findings", (("rule", "a.x"),)),
        ("changes", ()),
    ],
)
def test_every_field_is_sealed(field: str, other: object) -> None:
    assert "was changed" in refused(sealed().model_copy(update={field: other}).to_bytes())


def test_the_facts_of_a_record_are_those_of_its_plan_and_its_run() -> None:
    fresh = plan(place=Place("1", "eu-west-1", "m"))
    made = make_record(fresh, b"k", facts(landings=("c1",), findings=(("R", "a.x"),)))
    assert (made.account, made.region, made.modules) == ("1", "eu-west-1", "m")
    assert (made.unit, made.serial, made.lineage, made.terraform_version) == (
        "web/prod", 7, "line", "1.11.4",
    )  # fmt: skip
    assert (made.landings, made.findings) == (("c1",), (("R", "a.x"),))


def test_a_record_under_another_name_or_unit_is_refused() -> None:
    assert "is r of web/prod" in refused(sealed().to_bytes(), id="s")
    assert "is r of web/prod" in refused(sealed().to_bytes(), unit=UnitId("web", "dev"))


def test_one_byte_more_or_less_is_refused() -> None:
    data = sealed().to_bytes()
    for bent in (data + b" ", data + b"\n", b" " + data, data[:-1], data[1:]):
        refused(bent)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"seal":"' + b"0" * 64 + b'"}'])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    refused(data)


def test_a_record_of_a_later_tool_is_told_as_unreadable() -> None:
    later = sealed().model_copy(update={"format": 3, "seal": ""})
    later = later.model_copy(update={"seal": Hasher(b"k").seal(later.to_bytes())})
    assert "cannot be read" in refused(later.to_bytes())


@settings(max_examples=500)
@given(st.data())
def test_a_record_with_one_bit_changed_is_rejected(data: st.DataObject) -> None:
    stored = bytearray(sealed().to_bytes())
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << (bit % 8)
    refused(bytes(stored))


# -- what was stored stays readable ----------------------------------------------------------------


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def test_a_record_of_format_1_is_read_and_covers_nothing() -> None:
    data = golden("record-1.json")
    identity = json.loads(data)["id"]
    old = opened(data, GOLDEN_KEY, identity)
    assert (old.record.format, old.record.pull_request) == (1, 12)
    assert old.record.changes[0].action is Action.CREATE
    verdict = cover(plan(), old)
    assert not verdict.covered
    assert "format 1" in verdict.mismatches[0]
    assert "was changed" in refused(data.replace(b"create", b"update", 1), GOLDEN_KEY, identity)


def test_a_record_of_format_2_is_read_as_it_was_written() -> None:
    data = golden("record-2.json")
    kept = opened(data, GOLDEN_KEY, "r2").record
    assert kept.purpose is Purpose.MERGE_GROUP
    assert [c.address for c in kept.changes] == ["a.x", "a.y", "a.y", "a.new", "a.in", "output.url"]
    again = make_record(
        plan(
            change("a.x", "create", None, {"n": 1, "doc": '{"a": [1, 2.5]}'}, {"id": True}),
            change("a.y", "replace", {"id": "i", "n": "é"}, {"n": "ü"}),
            change("a.y", "delete", {"id": "h"}, deposed="ab12"),
            keep("a.new", {"id": "k", "n": 1}, previous_address="a.old"),
            keep("a.in", {"id": "l"}, importing={"id": "l"}),
            outputs={"url": output("create", None, "http://x")},
        ),
        GOLDEN_KEY,
        facts("r2", purpose=Purpose.MERGE_GROUP, reasons=("none",), results={"plan": "0" * 64}),
    )
    assert again.to_bytes() == data


def test_a_record_of_format_2_that_tells_of_sets_is_read_as_it_was_written() -> None:
    data = golden("record-2-sets.json")
    [kept] = opened(data, GOLDEN_KEY, "r3").record.changes
    assert [len(elements) for elements in kept.sets.values()] == [2]
    assert len(kept.fillable) == 1
    half_known = change(
        "a.x", "create", None, {"l": ["é", None], "m": {}}, {"l": [False, True], "m": {"x": True}}
    )
    assert make_record(plan(half_known), GOLDEN_KEY, facts("r3")).to_bytes() == data


def test_a_list_with_something_unknown_is_told_in_hashes_and_nothing_else_is_added() -> None:
    words = {"l": [SECRET, None], "m": {}}
    unknown = {"l": [False, True], "m": {"x": True}}
    made = make_record(plan(change("a.x", "create", None, words, unknown)), b"k", facts("r"))
    data = made.to_bytes()
    assert SECRET not in data.decode()
    [kept] = opened(data).record.changes
    place = Hasher(b"k").path
    assert kept.sets == {
        place("/l"): ({place("/l/[0]"): kept.leaves[place("/l/[0]")]}, {place("/l/[1]"): "?"})
    }
    assert kept.fillable == (place("/m"),)
    plain = make_record(plan(change("a.x", "create", None, {"l": [1]})), b"k", facts("r"))
    assert b"sets" not in plain.to_bytes()
    assert b"fillable" not in plain.to_bytes()
