"""What a destroy takes out of buckets is kept before, and one command brings it back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.usecases.backups import back_up
from pipeline.usecases.restoring import restore
from tests.usecases.conftest import REGION, Repository
from tests.usecases.test_orphans import site_of

UNIT = UnitId("shelf", "dev")
BUCKET = "shelf-dev"
DOOMED = [("aws_s3_bucket", {"bucket": BUCKET}), ("terraform_data", {})]


@pytest.fixture
def s3(aws: Callable[[str], Any], stores: dict[str, str]) -> Any:
    client = aws("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def put(s3: Any, key: str, *bodies: bytes) -> None:
    for body in bodies:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"said": body.decode()})


def now(s3: Any) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {o["Key"]: s3.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read() for o in listed}


def bodies(s3: Any, key: str) -> list[bytes]:
    """All versions of an object, the oldest first."""
    found = s3.list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
    return [
        s3.get_object(Bucket=BUCKET, Key=key, VersionId=v["VersionId"])["Body"].read()
        for v in found[::-1]
    ]


def test_every_version_comes_back_in_its_order_and_what_was_deleted_stays_deleted(
    values: Repository, s3: Any
) -> None:
    long = "k" * 1000  # as long as S3 allows, nearly
    put(s3, "a/b", b"1", b"2", b"3")
    put(s3, long, b"long")
    put(s3, "gone", b"x")
    s3.delete_object(Bucket=BUCKET, Key="gone")
    before, site = now(s3), site_of(values)
    taken = back_up(site, UNIT, DOOMED)
    taken.empty(site)
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)

    done = restore(site, UNIT)
    assert (done.objects, done.there, done.gone) == (3, 0, [])
    assert now(s3) == before
    assert bodies(s3, "a/b") == [b"1", b"2", b"3"]
    assert s3.head_object(Bucket=BUCKET, Key="a/b")["Metadata"] == {"said": "3"}
    assert bodies(s3, "gone") == [b"x"]
    assert restore(site, UNIT).there == 3, "again it changes nothing"
    assert bodies(s3, "a/b") == [b"1", b"2", b"3"]


def test_what_was_written_after_the_backup_is_neither_deleted_nor_overwritten(
    values: Repository, s3: Any
) -> None:
    put(s3, "a", b"old")
    put(s3, "b", b"old")
    site = site_of(values)
    taken = back_up(site, UNIT, DOOMED)
    put(s3, "late", b"new")
    put(s3, "a", b"newer")
    taken.empty(site)
    assert now(s3) == {"late": b"new", "a": b"newer"}
    restore(site, UNIT)
    assert now(s3) == {"late": b"new", "a": b"newer", "b": b"old"}


def test_of_several_backups_the_newest_that_has_an_object_gives_it_back(
    values: Repository, s3: Any
) -> None:
    site = site_of(values)
    put(s3, "a", b"first")
    put(s3, "only in the first", b"1")
    back_up(site, UNIT, DOOMED).empty(site)
    time.sleep(1.1)  # a backup is named by its second
    put(s3, "a", b"second")
    back_up(site, UNIT, DOOMED).empty(site)
    time.sleep(1.1)
    back_up(site, UNIT, DOOMED).empty(site)  # of nothing
    restore(site, UNIT)
    assert now(s3) == {"a": b"second", "only in the first": b"1"}


def test_without_a_backup_that_is_said_plainly(values: Repository, s3: Any) -> None:
    site = site_of(values)
    with pytest.raises(Failure) as caught:
        restore(site, UNIT)
    assert caught.value.reason == "no-backup"
    put(s3, "a", b"1")
    taken = back_up(site, UNIT, DOOMED, keep=False)
    assert taken.taken == []
    taken.empty(site)
    assert now(s3) == {}
    told = values.pipeline("restore", str(UNIT))
    assert told.code == 1
    assert "There is no backup of shelf/dev" in told.err
    assert "--no-backup" in told.err


def test_a_bucket_that_is_gone_is_named(values: Repository, s3: Any) -> None:
    site = site_of(values)
    put(s3, "a", b"1")
    back_up(site, UNIT, DOOMED).empty(site)
    s3.delete_bucket(Bucket=BUCKET)
    told = values.pipeline("restore", str(UNIT))
    assert told.code == 1
    assert f"The bucket {BUCKET} is gone" in told.err
