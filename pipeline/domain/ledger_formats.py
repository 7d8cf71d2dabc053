"""The stored bytes of ledger entries, in every format that was ever written.

The field ``format`` comes first and decides the reader; bytes are hashed as they are stored. Format
1 had no seal. Format 2 is sealed with the unit's key (:mod:`pipeline.domain.seal`).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.domain.ledger_entry import Entry, Evidence, Status
from pipeline.domain.nested import parse_json
from pipeline.domain.seal import opened, sealed

Model = TypeVar("Model", bound=BaseModel)

#: The format that is written.
CURRENT = 2


class Key(Protocol):
    """Gives the unit's key when something sealed is read: asking for it costs a call of KMS."""

    def __call__(self) -> bytes: ...


class Unreadable(Exception):
    """Why bytes are no entry, as a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a chain as it was last known, kept beside the state: number, hash, format."""

    number: int
    hash: str
    format: int


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Format1(_Stored):
    format: int
    unit: str
    number: int = Field(ge=1)
    status: Status
    commit: str
    digest: str
    time: datetime
    serial: int
    image: str
    image_digest: str
    evidence: tuple[str, ...]
    run_url: str
    reason: str
    previous: str

    def entry(self) -> Entry:
        """Everything of this format was applied by its review, so it counts as reviewed.

        Its serial was 0 where nobody had asked for it.
        """
        values = {**dict(self), "serial": self.serial or None}
        values["evidence"] = Evidence(record=", ".join(self.evidence), reviewed=True)
        return Entry(**values)


class _StoredEvidence(_Stored):
    record: str
    reviewed: bool
    self_reviewed: bool
    approvals: tuple[str, ...]
    dispatch: str
    dispatched_by: str


class _Format2(_Stored):
    format: int
    unit: str
    number: int = Field(ge=1)
    status: Status
    commit: str
    digest: str
    configuration: str
    time: datetime
    serial: int | None
    image: str
    image_digest: str
    evidence: _StoredEvidence
    objects: tuple[str, ...]
    run_url: str
    reason: str
    previous: str

    def entry(self) -> Entry:
        return Entry(**{**dict(self), "evidence": Evidence(**dict(self.evidence))})


class _StoredAnchor(_Stored):
    format: int
    unit: str
    number: int = Field(ge=1)
    hash: str


def document(entry: Entry) -> dict[str, Any]:
    """The entry as JSON shows it, in the order in which it is stored."""
    values = asdict(entry)
    names = [name for name in _Format2.model_fields if name in values]
    values["time"] = entry.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {name: values[name] for name in names}


def write(entry: Entry, key: bytes) -> bytes:
    """The bytes to store, sealed."""
    return sealed(document(replace(entry, format=CURRENT)), key, "ledger-entry")


def read(data: bytes, key: Key) -> Entry:
    """An entry of any format with the hash of its bytes; raises :class:`Unreadable`."""
    number = _format(data)
    if number == 1:
        found = _parse(_Format1, data).entry()
    elif number == CURRENT:
        found = _parse(_Format2, _opened(data, key, "ledger-entry")).entry()
    else:
        raise Unreadable(f"it has format {number}, which this version cannot read")
    return replace(found, hash=hashed(data))


def write_anchor(entry: Entry, key: bytes) -> bytes:
    """What is kept beside the state when ``entry`` is a chain's head, sealed."""
    values = {
        "format": entry.format,
        "unit": entry.unit,
        "number": entry.number,
        "hash": entry.hash,
    }
    return sealed(values, key, "ledger-head")


def read_anchor(data: bytes, key: Key, unit: str) -> Anchor:
    """The anchor of a unit's chain; raises :class:`Unreadable`."""
    found = _parse(_StoredAnchor, _opened(data, key, "ledger-head"))
    if found.unit != unit:
        raise Unreadable(f"it is of {found.unit}")
    return Anchor(found.number, found.hash, found.format)


def hashed(data: bytes) -> str:
    """SHA-256 of stored bytes: the next entry's ``previous``."""
    return hashlib.sha256(data).hexdigest()


def _format(data: bytes) -> int:
    try:
        found = parse_json(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is no JSON") from error
    number = found.get("format") if isinstance(found, dict) else None
    if type(number) is not int:
        raise Unreadable("it does not say its format")
    return number


def _opened(data: bytes, key: Key, purpose: str) -> bytes:
    body = opened(data, key(), purpose)
    if body is None:
        raise Unreadable("its seal does not fit: its bytes were changed, or it is another unit's")
    return body


def _parse(model: type[Model], data: bytes) -> Model:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise Unreadable(f"{error.error_count()} of its fields are wrong") from error
