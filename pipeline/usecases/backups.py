"""What a destroy would lose: kept before a bucket is emptied, and brought back by one command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.adapters.aws import backup
from pipeline.adapters.aws.backup import Version
from pipeline.adapters.aws.buckets import Bucket
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.usecases.site import Site

#: Type and last values of resources that will be deleted.
Doomed = Sequence[tuple[str, dict[str, Any]]]


class Kept(BaseModel):
    """One version of an object, or a delete marker (``stored_at`` is empty then)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str
    key: str
    latest: bool
    stored_at: str = ""


class Manifest(BaseModel):
    """What a backup holds, of each key the newest version first. Written when all is there.

    A key may be as long as S3 allows, so a copy has a number for its name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = 1
    unit: str
    time: datetime
    objects: tuple[Kept, ...] = ()
    snapshots: tuple[str, ...] = ()


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


def _folder(site: Site, unit: UnitId) -> str:
    name = site.stores.ledger.stored_as(unit)
    return f"errored/env/{name.workspace}/{name.stack}/backups/"


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
    folder = f"{_folder(site, unit)}{now:%Y%m%d-%H%M%S}"
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
        kept.append(Kept(bucket=bucket, key=version.key, latest=version.latest, stored_at=copy))
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


@dataclass(slots=True)
class Restored:
    """What came back, what was there already, and what only a person can bring back."""

    unit: UnitId
    objects: int = 0
    there: int = 0
    gone: list[str] = field(default_factory=list)  # buckets that are not there
    snapshots: list[str] = field(default_factory=list)


def restore(site: Site, unit: UnitId) -> Restored:
    """Bring back what destroys of the unit took out of its buckets, from the newest backups.

    An object that has any version now is left alone. Raises ``no-backup`` when there is none.
    """
    store = Bucket(site.aws, site.stores.names.state_bucket)
    names = [key for key in store.keys(_folder(site, unit)) if key.endswith("/manifest.json")]
    if not names:
        raise failure(
            "no-backup",
            f"There is no backup of {unit}: nothing was emptied, or it was destroyed with "
            "--no-backup.",
            f"s3://{store.name}/{_folder(site, unit)}",
        )
    done, here, back = Restored(unit), dict[str, set[str] | None](), set[tuple[str, str]]()
    for name in reversed(names):
        manifest = _manifest(store, name)
        done.snapshots += manifest.snapshots
        groups: dict[tuple[str, str], list[Kept]] = {}
        for kept in manifest.objects:
            groups.setdefault((kept.bucket, kept.key), []).append(kept)
        for (bucket, key), history in groups.items():
            if bucket not in here:
                here[bucket] = backup.present(site.aws, bucket)
                done.gone += [bucket] if here[bucket] is None else []
            now = here[bucket]
            if now is None or (bucket, key) in back:
                continue
            if key in now:
                done.there += 1
            else:
                _bring_back(site, store.name, bucket, key, history)
                done.objects += 1
            back.add((bucket, key))
    return done


def _manifest(store: Bucket, name: str) -> Manifest:
    try:
        return Manifest.model_validate_json(store.get(name) or b"")
    except ValidationError as error:
        raise failure("no-backup", "The backup's manifest cannot be read.", name) from error


def _bring_back(site: Site, source: str, bucket: str, key: str, history: Sequence[Kept]) -> None:
    """Every version, the oldest first; what was deleted is deleted again on top of them."""
    for kept in reversed([one for one in history if one.stored_at]):
        backup.copy_back(site.aws, source, kept.stored_at, bucket, key)
    if any(kept.latest and not kept.stored_at for kept in history):
        backup.mark_deleted(site.aws, bucket, key)
