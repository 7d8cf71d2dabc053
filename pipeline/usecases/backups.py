"""What a destroy would lose, kept before a bucket is emptied.

:mod:`pipeline.usecases.restoring` brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.adapters.aws import backup
from pipeline.adapters.aws.backup import Version
from pipeline.adapters.aws.buckets import Bucket
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.usecases.manifests import Kept, Manifest, folder_of
from pipeline.usecases.site import Site

#: Type and last values of resources that will be deleted.
Doomed = Sequence[tuple[str, dict[str, Any]]]


@dataclass(slots=True)
class Backup:
    """A backup in words, and the versions of each bucket that may now be deleted."""

    taken: list[str] = field(default_factory=list)
    found: dict[str, list[Version]] = field(default_factory=dict)

    def empty(self, site: Site) -> None:
        """Empty the buckets, which AWS deletes only when they are empty.

        What was written since they were listed stays, so that nothing is lost that was not kept;
        AWS refuses to delete such a bucket, and the next destroy goes on.
        """
        for bucket, listed in self.found.items():
            backup.delete_versions(site.aws, bucket, listed)


def back_up(site: Site, unit: UnitId, doomed: Doomed, *, keep: bool = True) -> Backup:
    """Keep what holds data; ``keep=False`` only lists what is going to be deleted."""
    done = Backup()
    for kind, values in doomed:
        if kind == "aws_s3_bucket":
            bucket = str(values["bucket"])
            done.found[bucket] = list(backup.versions(site.aws, bucket))
    if not keep:
        return done
    now = datetime.now(UTC)
    folder = f"{folder_of(site, unit)}{now:%Y%m%d-%H%M%S}"
    objects = [kept for bucket in done.found for kept in _copies(site, bucket, folder, done)]
    snapshots = tuple(_snapshots(site, unit, doomed, f"{now:%Y%m%d-%H%M%S}"))
    done.taken += snapshots
    if objects or snapshots:
        manifest = Manifest(unit=str(unit), time=now, objects=tuple(objects), snapshots=snapshots)
        store = Bucket(site.aws, site.stores.names.state_bucket)
        if not store.put_new(f"{folder}/manifest.json", manifest.model_dump_json().encode()):
            raise failure("aws", "Another backup was taken in the same second.", folder)
    return done


def _copies(site: Site, bucket: str, folder: str, done: Backup) -> list[Kept]:
    target, kept = site.stores.names.state_bucket, []
    for number, version in enumerate(done.found[bucket], 1):
        copy = "" if version.marker else f"{folder}/{bucket}/{number:08d}"
        if copy:
            backup.copy_version(site.aws, bucket, version, target, copy)
        kept.append(
            Kept(
                bucket=bucket,
                key=version.key,
                latest=version.latest,
                stored_at=copy,
                id=version.id,
                etag=version.etag,
                size=version.size,
            )
        )
    count = sum(1 for one in kept if one.stored_at)
    done.taken.append(f"{count} object versions of {bucket} in s3://{target}/{folder}/")
    return kept


def _snapshots(site: Site, unit: UnitId, doomed: Doomed, stamp: str) -> list[str]:
    taken = []
    for kind, values in doomed:
        if kind == "aws_ebs_volume":
            snapshot = backup.snapshot_volume(site.aws, str(values["id"]), str(unit))
            taken.append(f"snapshot {snapshot} of volume {values['id']}")
        elif kind == "aws_db_instance":
            name = f"{values['identifier']}-{stamp}"
            backup.snapshot_database(site.aws, str(values["identifier"]), name, str(unit))
            taken.append(f"snapshot {name} of database {values['identifier']}")
    return taken
