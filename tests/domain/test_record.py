"""Plan records: unreadable without the key, unbendable with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.domain.record import Hasher, PlanRecord, make_record, open_record
from pipeline.errors import Failure
from tests.domain.plans import UNIT, change, plan

SECRET = "correct horse battery"


def sealed(key: bytes = b"k", **more: str) -> PlanRecord:
    body = {"password": SECRET, "doc": f'{{"{SECRET} as key": 1}}'}
    facts = {"id": "r", "head": "h", "base": "b", "digest": "d"} | more
    fresh = plan(change("a.x", "create", None, body, {"id": True}))
    return make_record(fresh, key, time=datetime(2026, 1, 1, tzinfo=UTC), **facts)  # type: ignore[arg-type]


def test_nothing_about_values_or_their_keys_can_be_read() -> None:
    text = sealed().to_bytes().decode()
    assert SECRET not in text
    assert "password" not in text


def test_the_same_value_has_another_hash_under_another_key_and_at_another_path() -> None:
    hashes = {
        Hasher(b"1").value("/a", "x"),
        Hasher(b"2").value("/a", "x"),
        Hasher(b"1").value("/b", "x"),
        Hasher(b"1").path("/a"),
    }
    assert len(hashes) == 4


def test_unknown_leaves_are_told_in_the_open() -> None:
    assert list(sealed().changes[0].leaves.values()).count("?") == 1


def refused(record: PlanRecord, key: bytes = b"k", id: str = "r") -> str:
    with pytest.raises(Failure) as told:
        open_record(record.to_bytes(), key, id=id, unit=UNIT)
    assert told.value.reason == "record-damaged"
    return str(told.value)


def test_a_record_opens_with_its_own_key_only() -> None:
    opened = open_record(sealed().to_bytes(), b"k", id="r", unit=UNIT)
    assert opened.record == sealed()
    assert "was changed" in refused(sealed(), key=b"other")


def test_every_field_is_sealed() -> None:
    for field in ("head", "base", "digest", "lineage", "terraform_version"):
        assert "was changed" in refused(sealed().model_copy(update={field: "bent"}))
    fewer = sealed().model_copy(update={"changes": ()})
    assert "was changed" in refused(fewer)


def test_a_record_under_another_name_is_refused() -> None:
    assert "is r of web/prod" in refused(sealed(), id="s")


def test_a_record_spelled_differently_is_refused() -> None:
    with pytest.raises(Failure):
        open_record(sealed().to_bytes() + b" ", b"k", id="r", unit=UNIT)


def test_a_record_that_is_no_record_is_refused() -> None:
    with pytest.raises(Failure):
        open_record(b"{}", b"k", id="r", unit=UNIT)
