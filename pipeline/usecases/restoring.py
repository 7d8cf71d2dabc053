"""Bring back what destroys of a unit took out of its buckets, from the newest backups.

Wherever an emptying or an earlier restore stopped, afterwards the newest kept version of each
object is its current one, unless something was written since: that stays, and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.adapters.aws import backup
from pipeline.adapters.aws.backup import Version
from pipeline.adapters.aws.buckets import Bucket
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.usecases.manifests import Kept, folder_of, read_manifest
from pipeline.usecases.site import Site


@dataclass(slots=True)
class Restored:
    """What came back, what was there already, and what only a person can bring back."""

    unit: UnitId
    objects: int = 0
    there: int = 0
    other: list[str] = field(default_factory=list)  # whose current version is none that was kept
    gone: list[str] = field(default_factory=list)  # buckets that are not there
    snapshots: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Backup:
    """What one backup has of an object, the newest version first."""

    time: datetime
    kept: tuple[Kept, ...]

    @property
    def copies(self) -> list[Kept]:
        """The versions that can be brought back, the newest first."""
        return [one for one in self.kept if one.stored_at]

    @property
    def deleted(self) -> bool:
        """Whether the object was deleted when the backup was taken."""
        return any(one.latest and not one.stored_at for one in self.kept)


def restore(site: Site, unit: UnitId) -> Restored:
    """Bring every object back, version by version. Raises ``no-backup`` when there is none."""
    store = Bucket(site.aws, site.stores.names.state_bucket)
    done, found = Restored(unit), dict[tuple[str, str], list[_Backup]]()
    for name in _manifests(site, store, unit):
        manifest = read_manifest(store, name)
        done.snapshots += manifest.snapshots
        groups: dict[tuple[str, str], list[Kept]] = {}
        for kept in manifest.objects:
            groups.setdefault((kept.bucket, kept.key), []).append(kept)
        for which, each in groups.items():
            found.setdefault(which, []).append(_Backup(manifest.time, tuple(each)))
    here = {bucket: backup.present(site.aws, bucket) for bucket in {b for b, _ in found}}
    done.gone = sorted(bucket for bucket, now in here.items() if now is None)
    for (bucket, key), backups in found.items():
        now = here[bucket]
        if now is not None:
            one = _Object(site, store.name, bucket, key, now.get(key, []))
            one.restore(_newest(site, store.name, backups), done)
    return done


def _manifests(site: Site, store: Bucket, unit: UnitId) -> list[str]:
    """The names of all manifests, the newest first."""
    names = [key for key in store.keys(folder_of(site, unit)) if key.endswith("/manifest.json")]
    if not names:
        raise failure(
            "no-backup",
            f"There is no backup of {unit}: nothing was emptied, or it was destroyed with "
            "--no-backup.",
            f"s3://{store.name}/{folder_of(site, unit)}",
        )
    return names[::-1]


def _newest(site: Site, source: str, backups: Sequence[_Backup]) -> _Backup:
    """The backup that has the newest version of an object: the newest backup that has the object.

    Unless what it has is what an emptying or a restore left half-way: then the one before it.
    """
    for one, older in zip(backups, [*backups[1:], None], strict=True):
        if older is None or not _half(site, source, one, older):
            return one
    raise AssertionError("an object in no backup")  # pragma: no cover


def _half(site: Site, source: str, one: _Backup, older: _Backup) -> bool:
    top = next((kept for kept in one.kept if kept.latest), None)
    if top is None or not top.stored_at:
        return False
    left = any(k.id and (k.id, k.etag) == (top.id, top.etag) for k in older.kept if not k.latest)
    return left or bool(backup.older_copy(site.aws, source, top.stored_at))


@dataclass(frozen=True, slots=True)
class _Object:
    """One object as it is now. ``source`` is the bucket of the copies."""

    site: Site
    source: str
    bucket: str
    key: str
    now: list[Version]

    def restore(self, kept: _Backup, done: Restored) -> None:
        """Bring back what is missing of it, unless something newer than the backup is current."""
        current = next((version for version in self.now if version.latest), None)
        if current is not None and not self._left(current, kept):
            done.there += 1
            if self._other(current, kept):
                done.other.append(f"{self.bucket}/{self.key}")
            return
        missing = list(self._missing(kept))
        if missing or (current is not None and not self._on_top(current, kept)):
            self._bring_back(kept, missing)
            done.objects += 1
        else:
            done.there += 1

    def _left(self, version: Version, kept: _Backup) -> bool:
        """Whether an emptying left the version, or an earlier restore that did not end made it."""
        return self._stood(version, kept) or bool(self._marked(version))

    def _stood(self, version: Version, kept: _Backup) -> bool:
        """Whether the version was there when the backup was taken."""
        if _told(kept):
            return any(one.is_made_of(version) for one in kept.kept)
        return version.modified <= kept.time

    def _marked(self, version: Version) -> str:
        if version.marker:
            return ""
        return backup.older_copy(self.site.aws, self.bucket, self.key, version.id)

    def _other(self, current: Version, kept: _Backup) -> bool:
        """Whether the current version cannot be what a whole restore has brought back.

        That has brought back as many versions as are kept, the newest as long as it was, and a
        marker on top where one was.
        """
        newest = next(iter(kept.copies), None)
        if newest is not None and not current.marker and newest.size not in (None, current.size):
            return True
        since = [v for v in self.now if not v.marker and not self._stood(v, kept)]
        return len(since) < len(kept.copies) or current.marker is not kept.deleted

    def _missing(self, kept: _Backup) -> Iterator[Kept]:
        """The copies of which no version is there, the oldest first."""
        stood = [v for v in self.now if self._stood(v, kept)]
        marks = {self._marked(v) for v in self.now if v not in stood}
        copies = kept.copies[::-1]
        if not _told(kept):  # versions were deleted from the newest to the oldest then
            copies = copies[sum(1 for v in stood if not v.marker) :]
        for one in copies:
            if one.name not in marks and not any(one.is_made_of(v) for v in stood):
                yield one

    def _on_top(self, current: Version, kept: _Backup) -> bool:
        """Whether the current version, which was left, is the newest kept; nothing is missing."""
        if kept.deleted:
            return current.marker
        return not current.marker and not self._marked(current)

    def _bring_back(self, kept: _Backup, missing: Sequence[Kept]) -> None:
        """What is missing, the oldest first, and the newest on top of it all.

        What was deleted is deleted again. Until that is done the current version is marked.
        """
        newest = None if kept.deleted else next(iter(kept.copies), None)
        for one in missing:
            if one is not newest:
                self._copy(one, older=one.name)
        if newest is not None:
            self._copy(newest)
        elif kept.deleted:
            backup.mark_deleted(self.site.aws, self.bucket, self.key)

    def _copy(self, kept: Kept, older: str = "") -> None:
        backup.copy_back(self.site.aws, self.source, kept.stored_at, self.bucket, self.key, older)


def _told(kept: _Backup) -> bool:
    """Whether the backup says of which versions its copies were made."""
    return all(one.id for one in kept.kept)
