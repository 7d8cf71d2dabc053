"""The ledger's bucket: a write whose answer was lost, and entries that were taken away."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from pipeline.adapters.aws.buckets import Bucket
from pipeline.domain.ledger import Status, read_chain
from pipeline.domain.model import UnitId
from pipeline.usecases.orphans import orphans
from pipeline.usecases.site import Site
from tests.usecases.conftest import Repository
from tests.usecases.test_orphans import GONE, removed, site_of, write

__all__ = ["removed"]
UNIT = UnitId("shelf", "dev")


def lose_the_answer(site: Site, operation: str) -> None:
    """The first request of this kind is carried out, and its answer never arrives."""
    seen: list[int] = []

    def send(request: Any, **_: Any) -> Any:
        if seen:
            return None  # botocore sends it
        seen.append(1)
        answer = URLLib3Session().send(request)
        assert answer.status_code < 300
        answer.status_code = 500
        return answer

    site.aws.s3.meta.events.register(f"before-send.s3.{operation}", send)


@pytest.fixture
def site(values: Repository, stores: dict[str, str]) -> Site:
    return site_of(values)


def test_an_entry_whose_answer_was_lost_is_our_own_and_not_somebody_elses(site: Site) -> None:
    lose_the_answer(site, "PutObject")
    made = write(site, UNIT, Status.DEPLOYED)
    assert read_chain(site.stores.ledger, UNIT) == [made]


def test_what_somebody_else_wrote_meanwhile_is_still_told_from_our_own(site: Site) -> None:
    bucket = Bucket(site.aws, site.stores.names.ledger_bucket)
    assert bucket.put_new("k", b"theirs")
    assert not bucket.put_new("k", b"ours")
    assert not bucket.put_new("k", b"theirs"), "the same text, but nothing was sent twice"


def test_a_deletion_whose_answer_was_lost_has_happened(site: Site) -> None:
    bucket = Bucket(site.aws, site.stores.names.state_bucket)
    bucket.put_new("k", b"lock")
    found = bucket.look("k")
    assert found is not None
    lose_the_answer(site, "DeleteObject")
    assert bucket.delete_if("k", found.etag)
    assert bucket.get("k") is None


def test_an_orphan_whose_entries_are_all_gone_is_told_by_its_head(removed: Repository) -> None:
    site = site_of(removed)
    store = site.stores.ledger
    for key in store.bucket.keys(f"{GONE}/"):
        site.aws.s3.delete_object(Bucket=store.bucket.name, Key=key)
    [found] = orphans(site.estate, store)
    assert found.unit == GONE
    assert "cut off" in found.damaged
