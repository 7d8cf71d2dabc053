"""Plan records: what a plan left behind for its review, without a readable value.

Each record has a key of its own (KMS makes it; here it is only bytes). With it every changed
leaf's path and value are hashed (HMAC-SHA-256, cut to 128 bits as RFC 2104 section 5 allows) and
the whole record is sealed. Without the key nobody can test a guess; with one bit changed the
record is refused.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.domain.canonical import ancestors, canonical
from pipeline.domain.model import UNKNOWN, Action, Change, LeafValue, Plan, UnitId
from pipeline.errors import failure

#: Stands for the hash of a leaf that is known only after apply.
UNKNOWN_LEAF = "?"

#: Stands for the image reference within a leaf, so that the text around it can be compared.
IMAGE = "\x00image\x00"

#: Nothing is set by these, so their leaves need no review of their own.
SETS_NOTHING = frozenset({Action.DELETE, Action.FORGET})


class RecordedChange(BaseModel):
    """One address: ``leaves`` maps the hash of a path to the hash of its value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    action: Action
    previous_address: str | None = None
    leaves: dict[str, str] = {}


class PlanRecord(BaseModel):
    """A plan as its reviewers approved it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = 1
    id: str
    unit: str
    head: str  # commit that was planned and approved
    base: str
    digest: str  # unit digest
    time: datetime
    pull_request: int | None = None
    serial: int = 0
    lineage: str = ""
    terraform_version: str = ""
    changes: tuple[RecordedChange, ...] = ()
    seal: str = ""

    def to_bytes(self) -> bytes:
        """The bytes that are stored."""
        return self.model_dump_json().encode()


@dataclass(frozen=True, slots=True)
class Hasher:
    """Keyed hashes of one record. ``image`` is the image reference its plan was made with."""

    key: bytes
    image: str = ""

    def path(self, path: str) -> str:
        """The hash of a leaf's path."""
        return self._hash(f"path\0{path}")

    def value(self, path: str, value: LeafValue) -> str:
        """The hash of a leaf's value, bound to its path; unknown is told in the open."""
        if value is UNKNOWN:
            return UNKNOWN_LEAF
        text = canonical(value)
        if self.image:
            text = text.replace(self.image, IMAGE)
        return self._hash(f"leaf\0{path}\0{text}")

    def seal(self, record: PlanRecord) -> str:
        """The seal over everything but the seal itself."""
        body = record.model_copy(update={"seal": ""}).to_bytes()
        return hmac.new(self.key, b"seal\0" + body, hashlib.sha256).hexdigest()

    def _hash(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return hmac.new(self.key, data, hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An opened record: its changes and the key to compare leaves with."""

    record: PlanRecord
    key: bytes

    def decides(self, change: RecordedChange, path: str) -> str | None:
        """What the change says about a leaf: its hash, ``?``, or None when it says nothing.

        A leaf below something that was unknown as a whole was unknown itself.
        """
        hasher = Hasher(self.key)
        own = change.leaves.get(hasher.path(path))
        if own is not None:
            return own
        parents = (change.leaves.get(hasher.path(parent)) for parent in ancestors(path))
        return UNKNOWN_LEAF if UNKNOWN_LEAF in parents else None


def record_id(head: str, nonce: str) -> str:
    """The id of a record: the planned commit, so that it can be looked up, and what makes it
    unique, such as the run's id and attempt."""
    return f"{head}-{nonce}"


def make_record(
    plan: Plan,
    key: bytes,
    *,
    id: str,
    head: str,
    base: str,
    digest: str,
    time: datetime,
    pull_request: int | None = None,
    image: str = "",
) -> PlanRecord:
    """Seal a plan. ``image`` is the image reference the plan was made with, "" without one."""
    hasher = Hasher(key, image)
    record = PlanRecord(
        id=id,
        unit=str(plan.unit),
        head=head,
        base=base,
        digest=digest,
        time=time,
        pull_request=pull_request,
        serial=plan.serial,
        lineage=plan.lineage,
        terraform_version=plan.terraform_version,
        changes=tuple(_recorded(plan.changes, hasher)),
    )
    return record.model_copy(update={"seal": hasher.seal(record)})


def _recorded(changes: Iterable[Change], hasher: Hasher) -> Iterable[RecordedChange]:
    for change in changes:
        leaves = () if change.action in SETS_NOTHING else change.leaves
        yield RecordedChange(
            address=change.address,
            action=change.action,
            previous_address=change.previous_address,
            leaves={hasher.path(x.path): hasher.value(x.path, x.after) for x in leaves},
        )


def open_record(data: bytes, key: bytes, *, id: str, unit: UnitId) -> Reviewed:
    """Read a stored record; raises ``record-damaged`` unless every bit is as it was sealed."""
    where = f"{unit.stack}/{unit.workspace}/{id}.json"
    remedy = "Restore the object's earlier version (the bucket is versioned), or plan again."
    try:
        record = PlanRecord.model_validate_json(data)
    except ValidationError as error:
        raise failure("record-damaged", "The plan record cannot be read.", where, remedy) from error
    sealed = hmac.compare_digest(Hasher(key).seal(record), record.seal)
    if not sealed or record.to_bytes() != data:
        raise failure("record-damaged", "The plan record was changed.", where, remedy)
    if record.id != id or record.unit != str(unit):
        told = f"The plan record is {record.id} of {record.unit}."
        raise failure("record-damaged", told, where, remedy)
    return Reviewed(record, key)
