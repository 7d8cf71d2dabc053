"""Wherever an emptying or a restore stops, the next restore makes each newest version current."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.aws import backup
from pipeline.adapters.aws.buckets import Bucket
from pipeline.errors import Failure
from pipeline.usecases.backups import back_up
from pipeline.usecases.manifests import Manifest, read_manifest
from pipeline.usecases.restoring import restore
from pipeline.usecases.site import Site
from tests.usecases.conftest import Repository
from tests.usecases.test_backups import BUCKET, DOOMED, UNIT, bodies, now, put, s3
from tests.usecases.test_orphans import site_of

__all__ = ["s3"]
GOLDEN = Path(__file__).parent / "golden/backup-1.json"
FOLDER = "errored/env/dev/shelf/backups/20260701-100000"

#: What was done to an object, one after the other: a text was written, or it was deleted.
HISTORIES = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.lists(st.sampled_from(["1", "2", "3", None]), max_size=3).map(lambda more: ["0", *more]),
    min_size=1,
)


class Killed(Exception):
    """The runner is gone."""


@contextmanager
def killed(site: Site, after: int) -> Iterator[None]:
    """Stop at the change of a bucket that comes after so many."""
    seen = itertools.count()

    def each(**_: Any) -> None:
        if next(seen) == after:
            raise Killed

    events = site.aws.s3.meta.events
    names = ["PutObject", "CopyObject", "DeleteObject", "DeleteObjects"]
    for name in names:
        events.register(f"before-call.s3.{name}", each, unique_id=name)
    try:
        yield
    except Killed:
        pass
    finally:
        for name in names:
            events.unregister(f"before-call.s3.{name}", unique_id=name)


def wipe(site: Site, *buckets: str) -> None:
    for bucket in buckets:
        backup.delete_versions(site.aws, bucket, list(backup.versions(site.aws, bucket)))


def live(s3: Any, histories: dict[str, list[str | None]]) -> None:
    for key, history in histories.items():
        for text in history:
            if text is None:
                s3.delete_object(Bucket=BUCKET, Key=key)
            else:
                put(s3, key, text.encode())


def ends(histories: dict[str, list[str | None]]) -> dict[str, bytes]:
    return {key: each[-1].encode() for key, each in histories.items() if each[-1] is not None}


@pytest.fixture
def site(values: Repository, s3: Any) -> Site:
    return site_of(values)


def each_example(count: int) -> Any:
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@each_example(12)
@given(histories=HISTORIES, data=st.data())
def test_after_any_part_of_an_emptying_and_of_a_restore_the_newest_kept_version_is_current(
    histories: dict[str, list[str | None]], data: st.DataObject, site: Site, s3: Any
) -> None:
    wipe(site, BUCKET, site.stores.names.state_bucket)
    live(s3, histories)
    taken = back_up(site, UNIT, DOOMED)
    lost = data.draw(st.lists(st.sampled_from(taken.found[BUCKET]), unique=True))
    if lost:
        objects = [{"Key": version.key, "VersionId": version.id} for version in lost]
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    for after in data.draw(st.lists(st.integers(0, 8), max_size=2)):
        with killed(site, after):
            restore(site, UNIT)
    restore(site, UNIT)
    assert now(s3) == ends(histories)
    for key, history in histories.items():
        if wanted := {text.encode() for text in history if text is not None}:
            assert set(bodies(s3, key)) == wanted
    assert restore(site, UNIT).objects == 0, "again it changes nothing"


@each_example(10)
@given(histories=HISTORIES, after=st.integers(0, 6))
def test_wherever_an_emptying_stops_no_older_version_has_become_the_current_one(
    histories: dict[str, list[str | None]], after: int, site: Site, s3: Any
) -> None:
    wipe(site, BUCKET, site.stores.names.state_bucket)
    live(s3, histories)
    taken = back_up(site, UNIT, DOOMED, keep=False)
    with pytest.MonkeyPatch.context() as patch, killed(site, after):
        patch.setattr(backup, "_BATCH", 1)
        taken.empty(site)
    wanted = ends(histories)
    assert now(s3).items() <= wanted.items()


def test_a_restore_that_was_killed_is_no_newer_backup_for_the_next_destroy(
    site: Site, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "a", b"old", b"new")
    back_up(site, UNIT, DOOMED).empty(site)
    with killed(site, 1):
        restore(site, UNIT)
    assert now(s3) == {"a": b"old"}
    later = datetime.now(UTC) + timedelta(minutes=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return later

    monkeypatch.setattr("pipeline.usecases.backups.datetime", Later)
    back_up(site, UNIT, DOOMED).empty(site)
    restore(site, UNIT)
    assert now(s3) == {"a": b"new"}
    assert s3.head_object(Bucket=BUCKET, Key="a")["Metadata"] == {"said": "new"}


def test_what_was_written_since_the_backup_is_named_and_left(
    values: Repository, site: Site, s3: Any
) -> None:
    put(s3, "a", b"old", b"new")
    put(s3, "b", b"b")
    back_up(site, UNIT, DOOMED).empty(site)
    put(s3, "a", b"since")
    told = values.pipeline("restore", str(UNIT))
    assert told.code == 0
    assert "1 objects restored, 1 were there already" in told.out
    assert f"newer than the backup: {BUCKET}/a" in told.out
    assert now(s3) == {"a": b"since", "b": b"b"}


def test_of_a_bucket_without_versions_what_was_written_since_is_told_from_what_was_left(
    site: Site, s3: Any
) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    put(s3, "a", b"kept")
    put(s3, "b", b"kept")
    back_up(site, UNIT, DOOMED)
    put(s3, "a", b"since")
    done = restore(site, UNIT)
    assert (done.objects, done.there, done.other) == (0, 2, [f"{BUCKET}/a"])
    assert now(s3) == {"a": b"since", "b": b"kept"}


@pytest.fixture
def old(site: Site, s3: Any) -> Bucket:
    """A backup of the first format, of an emptying that began with the newest versions."""
    store = Bucket(site.aws, site.stores.names.state_bucket)
    for number, text in enumerate(["new", "old", "gone"], 1):
        store.put_new(f"{FOLDER}/{BUCKET}/{number:08d}", text.encode())
    manifest = json.loads(GOLDEN.read_text())
    manifest["time"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    store.put_new(f"{FOLDER}/manifest.json", json.dumps(manifest).encode())
    return store


def test_a_backup_of_the_first_format_mends_what_its_emptying_left_half_way(
    old: Bucket, site: Site, s3: Any
) -> None:
    put(s3, "a", b"old")
    assert restore(site, UNIT).objects == 2
    assert now(s3) == {"a": b"new"}
    assert bodies(s3, "a") == [b"old", b"new"]
    assert bodies(s3, "gone") == [b"gone"]


def test_manifests_of_every_format_can_be_read_and_others_are_refused(
    site: Site, s3: Any, stores: dict[str, str]
) -> None:
    store = Bucket(site.aws, stores["state"])
    store.put_new("golden", GOLDEN.read_bytes())
    found = read_manifest(store, "golden")
    assert (found.format, len(found.objects), found.objects[0].id) == (1, 4, "")
    assert Manifest(unit=str(UNIT), time=found.time).format == 2
    for number, text in enumerate(['{"format": 3}', "{}", "no JSON", '{"format": 2}']):
        store.put_new(f"bad-{number}", text.encode())
        with pytest.raises(Failure, match=r"manifest cannot be read") as caught:
            read_manifest(store, f"bad-{number}")
        assert caught.value.reason == "no-backup"


@pytest.mark.parametrize("copied", ["backup", "restore"])
def test_a_large_object_keeps_its_metadata(
    copied: str, site: Site, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"x" * (9 * 1024 * 1024)  # from 8 MB on, boto3 copies in parts
    about = {"ContentType": "text/plain", "Metadata": {"said": "x"}}
    s3.put_object(Bucket=BUCKET, Key="a", Body=body, **about)
    back_up(site, UNIT, DOOMED).empty(site)
    if copied == "restore":
        restore(site, UNIT)
        found = s3.head_object(Bucket=BUCKET, Key="a")
    else:
        store = Bucket(site.aws, site.stores.names.state_bucket)
        [copy] = [key for key in store.keys("errored/") if not key.endswith(".json")]
        found = s3.head_object(Bucket=store.name, Key=copy)
    assert {name: found[name] for name in about} == about
