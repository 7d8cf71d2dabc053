"""Plan records: what a plan left behind for its review, without a readable value.

Each record has a key of its own (KMS makes it; here it is only bytes). With it every changed
leaf's path and value are hashed (HMAC-SHA-256, cut to 128 bits as RFC 2104 section 5 allows) and
the stored bytes are sealed. Without the key nobody can test a guess; with one bit changed the
record is refused.

``format`` says how the bytes are read: what is sealed is what is stored, so a record outlives
every change of these classes. Format 1 knew too little to decide over an apply; it can be read.
What joined format 2 later is left out where there is nothing to say, so that records with and
without it are read alike; without it a record is judged as strictly as when it was written.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from pipeline.domain.canonical import ancestors
from pipeline.domain.hashing import UNKNOWN_LEAF, Hasher
from pipeline.domain.model import Action, LeafValue, Plan, UnitId
from pipeline.domain.nested import parse_json
from pipeline.domain.setlike import elements, may_be_empty, unsettled
from pipeline.errors import Failure, failure

FORMAT = 2

#: Nothing is set by these, so their leaves need no review of their own.
SETS_NOTHING = frozenset({Action.DELETE, Action.FORGET, Action.NO_OP, Action.READ})


class Purpose(StrEnum):
    """What a record was made for."""

    PULL_REQUEST = "pull-request"
    MERGE_GROUP = "merge-group"
    REVIEW = "review"  # of what an apply found uncovered
    DESTROY = "destroy"


class RecordedChange(BaseModel):
    """One object: ``leaves`` maps the hash of a path to the hash of its value.

    ``identity`` is the keyed hash of which object it was, ``import_id`` of what is imported;
    "" where there was none.

    ``sets`` are the lists that hold something unknown and may be sets: by the hash of the list's
    path all of its elements, those that stay as they are included, each as ``leaves`` is.
    ``fillable`` are the hashed paths of the maps that hold only what is unknown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    action: Action
    previous_address: str | None = None
    deposed: str = ""
    type: str = ""
    identity: str = ""
    import_id: str = ""
    leaves: dict[str, str] = {}
    sets: dict[str, tuple[dict[str, str], ...]] = {}
    fillable: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What was added later is stored only where it says something."""
        written: dict[str, Any] = write(self)
        later = ("sets", "fillable")
        return {key: value for key, value in written.items() if value or key not in later}

    @property
    def place(self) -> tuple[str, str]:
        """What it is compared by: the address, and which of its objects."""
        return self.address, self.deposed


class PlanRecord(BaseModel):
    """A plan as its reviewers approved it, with the verdict of its checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    id: str
    unit: str
    purpose: Purpose
    pull_request: int | None = None
    head: str  # the pull request's head; of a review or a destroy the commit of the default branch
    base_ref: str = ""
    commit: str = ""  # whose files were planned
    configuration: str = ""  # the unit digest without the image tree
    digest: str = ""
    image_tree: str = ""
    account: str = ""
    region: str = ""
    modules: str = ""
    actor: str = ""  # who pushed the head, by the event
    time: datetime
    serial: int = 0
    lineage: str = ""
    terraform_version: str = ""
    verdict: Literal["pass", "fail"] = "fail"
    reasons: tuple[str, ...] = ()
    results: dict[str, str] = {}  # report kind -> SHA-256 of the public file's bytes
    landings: tuple[str, ...] = ()  # of a review: the commits that it stands for
    findings: tuple[tuple[str, str], ...] = ()  # (rule, address): known or excepted at review
    changes: tuple[RecordedChange, ...] = ()
    seal: str = ""

    def to_bytes(self) -> bytes:
        """The bytes that are stored."""
        return self.model_dump_json().encode()


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a record says beside its plan; each as :class:`PlanRecord` has it."""

    id: str
    purpose: Purpose
    head: str
    time: datetime
    pull_request: int | None = None
    base_ref: str = ""
    commit: str = ""
    configuration: str = ""
    digest: str = ""
    image_tree: str = ""
    actor: str = ""
    verdict: Literal["pass", "fail"] = "fail"
    reasons: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    landings: tuple[str, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An opened record: its changes and the key to compare leaves with."""

    record: PlanRecord
    key: bytes

    def says(self, change: RecordedChange, path: str) -> str | None:
        """What the change says about a leaf: its hash, ``?``, or None when it says nothing."""
        return told(change.leaves, Hasher(self.key), path)


def told(leaves: Mapping[str, str], hasher: Hasher, path: str) -> str | None:
    """What recorded leaves say about a path: a hash, ``?``, or None.

    A leaf below something that was unknown as a whole was unknown itself.
    """
    own = leaves.get(hasher.path(path))
    if own is not None:
        return own
    parents = (leaves.get(hasher.path(parent)) for parent in ancestors(path))
    return UNKNOWN_LEAF if UNKNOWN_LEAF in parents else None


def record_id(head: str, nonce: str) -> str:
    """The id of a record: the planned commit, so that it can be looked up, and what makes it
    unique, such as the run's id and attempt."""
    return f"{head}-{nonce}"


def make_record(plan: Plan, key: bytes, facts: RecordFacts, image: str = "") -> PlanRecord:
    """Seal a plan. ``image`` is the image reference the plan was made with, "" without one."""
    hasher = Hasher(key, image)
    given = {name: getattr(facts, name) for name in RecordFacts.__slots__}
    record = PlanRecord(
        **given,
        unit=str(plan.unit),
        account=plan.place.account,
        region=plan.place.region,
        modules=plan.place.modules,
        serial=plan.serial,
        lineage=plan.lineage,
        terraform_version=plan.terraform_version,
        changes=tuple(_recorded(plan, hasher)),
    )
    return record.model_copy(update={"seal": hasher.seal(record.to_bytes())})


def _recorded(plan: Plan, hasher: Hasher) -> Iterator[RecordedChange]:
    for change in plan.changes:
        if change.action is Action.READ:
            continue
        still = change.action in SETS_NOTHING
        leaves = () if still else change.leaves
        live = None if still else plan.standing.get(change.address)
        ends = live.leaves if live is not None else {}
        yield RecordedChange(
            address=change.address,
            action=change.action,
            previous_address=change.previous_address,
            deposed=change.deposed,
            type=change.type,
            identity=hasher.identity(change.identity),
            import_id=hasher.imported(change.import_id),
            leaves={hasher.path(x.path): hasher.value(x.path, x.after) for x in leaves},
            sets={hasher.path(path): _elements(ends, path, hasher) for path in unsettled(ends)},
            fillable=tuple(hasher.path(path) for path in may_be_empty(ends)),
        )


def _elements(
    leaves: Mapping[str, LeafValue], path: str, hasher: Hasher
) -> tuple[dict[str, str], ...]:
    """The elements of a list with hashed leaves; each says where in the list it stood."""
    found = enumerate(elements(leaves, path))
    whole = ({f"{path}/[{at}]{below}": x for below, x in one.items()} for at, one in found)
    return tuple({hasher.path(at): hasher.value(at, x) for at, x in one.items()} for one in whole)


# -- reading ----------------------------------------------------------------------------------


class _FirstChange(BaseModel):
    """A change of format 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    action: Action
    previous_address: str | None
    leaves: dict[str, str]


class _First(BaseModel):
    """Format 1, written until 2026-11."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    id: str
    unit: str
    head: str
    base: str  # the merge base's commit; nothing compares it any more
    digest: str
    time: datetime
    pull_request: int | None
    serial: int
    lineage: str
    terraform_version: str
    changes: tuple[_FirstChange, ...]
    seal: str

    def upgraded(self) -> PlanRecord:
        """The record in today's words; its format still says that it covers nothing."""
        changes = tuple(RecordedChange(**change.model_dump()) for change in self.changes)
        kept = self.model_dump(exclude={"base", "changes"})
        return PlanRecord(**kept, purpose=Purpose.PULL_REQUEST, changes=changes)


#: How the stored bytes of every format end: with the seal, over the same bytes without it.
_SEALED = re.compile(rb'(.*"seal":")([0-9a-f]{64})("})', re.DOTALL)


def open_record(data: bytes, key: bytes, *, id: str, unit: UnitId) -> Reviewed:
    """Read a stored record; raises ``record-damaged`` unless every bit is as it was sealed."""
    where = f"{unit.stack}/{unit.workspace}/{id}.json"
    found = _SEALED.fullmatch(data)
    if found is None:
        raise _damaged("The plan record cannot be read.", where)
    start, seal, end = found.groups()
    if not hmac.compare_digest(Hasher(key).seal(start + end), seal.decode()):
        raise _damaged("The plan record was changed.", where)
    try:
        record = _read(data)
    except ValueError as error:
        raise _damaged("The plan record cannot be read.", where) from error
    if record.id != id or record.unit != str(unit):
        raise _damaged(f"The plan record is {record.id} of {record.unit}.", where)
    return Reviewed(record, key)


def _damaged(sentence: str, where: str) -> Failure:
    remedy = "Restore the object's earlier version (the bucket is versioned), or plan again."
    return failure("record-damaged", sentence, where, remedy)


def _read(data: bytes) -> PlanRecord:
    written = parse_json(data).get("format")
    if written == 1:
        return _First.model_validate_json(data).upgraded()
    if written == FORMAT:
        return PlanRecord.model_validate_json(data)
    raise ValueError(f"format {written} is newer than this tool")
