"""What a backup holds, in every format in which that was ever written down.

Format 1 did not say which version a copy was made of. Format 2 does, by its id, ETag and size.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.adapters.aws.backup import Version
from pipeline.adapters.aws.buckets import Bucket
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_json
from pipeline.errors import Failure, failure
from pipeline.usecases.site import Site

#: The format that is written, and those that can be read.
CURRENT = 2
_READ = (1, CURRENT)


class Kept(BaseModel):
    """One version of an object, or a delete marker (``stored_at`` is empty then).

    ``id`` and ``etag`` say which version it was; an id alone does not where a bucket keeps no
    versions. Format 1 has neither, nor the size.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str
    key: str
    latest: bool
    stored_at: str = ""
    id: str = ""
    etag: str = ""
    size: int | None = None

    @property
    def name(self) -> str:
        """The copy's folder and number, by which a restored older version is marked."""
        parts = self.stored_at.split("/")
        return f"{parts[-3]}/{parts[-1]}" if len(parts) > 2 else ""

    def is_made_of(self, version: Version) -> bool:
        """Whether this is a copy of that version."""
        return bool(self.id) and (self.id, self.etag) == (version.id, version.etag)


class Manifest(BaseModel):
    """What a backup holds, of each key the newest version first. Written when all is there.

    A key may be as long as S3 allows, so a copy has a number for its name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = CURRENT
    unit: str
    time: datetime
    objects: tuple[Kept, ...] = ()
    snapshots: tuple[str, ...] = ()


def folder_of(site: Site, unit: UnitId) -> str:
    """Where the unit's backups are kept in the state's bucket, with the slash."""
    name = site.stores.ledger.stored_as(unit)
    return f"errored/env/{name.workspace}/{name.stack}/backups/"


def read_manifest(store: Bucket, name: str) -> Manifest:
    """A manifest of any format; raises ``no-backup`` for what cannot be read."""
    data = store.get(name) or b""
    number = _format(data)
    if number not in _READ:
        said = "does not say its format" if number is None else f"has format {number}"
        raise _unreadable(name, f"it {said}, which this version cannot read")
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        raise _unreadable(name, f"{error.error_count()} of its fields are wrong") from error


def _format(data: bytes) -> int | None:
    try:
        found: Any = parse_json(data)
    except ValueError:
        return None
    number = found.get("format") if isinstance(found, Mapping) else None
    return number if type(number) is int else None


def _unreadable(name: str, why: str) -> Failure:
    return failure("no-backup", f"The backup's manifest cannot be read: {why}.", name)
