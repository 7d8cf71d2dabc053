"""What lies beside Terraform's states in the state bucket: locks, who runs, states to rescue.

A lock object (``….tflock``) holds Terraform's LockInfo (internal/states/statemgr/locker.go): ID,
Operation, Who, Created. It cannot carry our run, so an apply first leaves a marker beside it, and
takes it back when it has ended without leaving its lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.adapters.aws.buckets import Bucket, Object
from pipeline.adapters.aws.session import Aws, code_of, told
from pipeline.domain.nested import parse_json


@dataclass(frozen=True, slots=True)
class StateLock:
    """Who holds a state: Terraform's lock id, operation, user@host, time.

    ``torn`` when the object is not what Terraform writes: empty, half a document, no document at
    all, or one without these fields; what could not be read is empty then. ``etag`` and
    ``modified`` are the object's own.
    """

    id: str
    operation: str
    who: str
    created: str
    torn: bool
    etag: str
    modified: datetime

    @classmethod
    def of(cls, found: Object) -> StateLock:
        """Read a lock object."""
        try:
            info = parse_json(found.body)
        except ValueError:
            info = None
        fields: dict[str, Any] = info if isinstance(info, dict) else {}
        given = [fields.get(name) for name in ("ID", "Operation", "Who", "Created")]
        texts = [value if isinstance(value, str) else "" for value in given]
        torn = not all(texts) or _moment(texts[3]) is None
        return cls(texts[0], texts[1], texts[2], texts[3], torn, found.etag, found.modified)

    @property
    def time(self) -> datetime | None:
        """When it was taken."""
        return _moment(self.created)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text[:19] + "+00:00")
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Marker:
    """Which run of ours was about to apply: of GitHub (run, attempt) or a process on a host.

    ``plan`` is the plan file it applies, by which its terraform is found among the processes.
    ``started`` is empty once its apply has ended, and with it its lock.
    """

    run_id: str = ""
    attempt: int = 0
    url: str = ""
    host: str = ""
    pid: int = 0
    plan: str = ""
    started: str = ""

    def same_run(self, other: Marker) -> bool:
        """Whether both are of one run at GitHub, or of one process elsewhere."""
        if self.run_id or other.run_id:
            return (self.run_id, self.attempt) == (other.run_id, other.attempt)
        return (self.host, self.pid, self.plan) == (other.host, other.pid, other.plan)

    def may_hold(self, lock: StateLock) -> bool:
        """Whether the lock was taken on the marker's host, after it was left."""
        try:
            began = datetime.fromisoformat(self.started)
        except ValueError:
            return False
        return (
            lock.time is not None
            and lock.time >= began
            and lock.who.rpartition("@")[2] == self.host
        )


@dataclass(frozen=True, slots=True)
class Making:
    """An object that an apply makes: its id, "" while it is being made, and the id of the object
    that was at its address before, "" for none."""

    identity: str
    before: str = ""


_MADE_FORMAT = 2


def _markers(body: bytes | None) -> list[Marker]:
    try:
        return [Marker(**one) for one in parse_json(body or b"[]")]
    except (ValueError, TypeError):
        return []


#: Markers that are kept: of who waits for a lock beside who holds it.
MARKERS = 5


@dataclass(frozen=True, slots=True)
class StateFiles:
    """The objects of one unit's state; ``key`` is the state's own."""

    bucket: Bucket
    key: str

    def exists(self) -> bool:
        """Whether the unit has a state at all."""
        from botocore.exceptions import ClientError

        with told(f"S3 HeadObject {self.bucket.name}/{self.key}"):
            try:
                self.bucket.aws.s3.head_object(Bucket=self.bucket.name, Key=self.key)
            except ClientError as error:
                if code_of(error) in ("404", "NoSuchKey", "NoSuchBucket"):
                    return False
                raise
        return True

    def read(self) -> dict[str, Any]:
        """The stored state (format 4); it holds values. Empty where there is none."""
        body = self.bucket.get(self.key)
        found: dict[str, Any] = parse_json(body) if body else {}
        return found

    def serial(self) -> int | None:
        """The serial of the stored state, None without one."""
        state = self.read()
        return int(state["serial"]) if state else None

    def keep_made(self, made: Mapping[str, Making]) -> None:
        """Write down what an apply has made so far, by address."""
        objects = {address: asdict(one) for address, one in made.items()}
        body = json.dumps({"format": _MADE_FORMAT, "objects": objects}).encode()
        with told(f"S3 PutObject {self.key}.made"):
            self.bucket.aws.s3.put_object(
                Bucket=self.bucket.name, Key=f"{self.key}.made", Body=body
            )

    def made(self) -> dict[str, Making]:
        """What an apply that was killed had made; empty after one that ended by itself.

        Format 1 had no number and no ids of what was there before: address -> id.
        """
        try:
            found = parse_json(self.bucket.get(f"{self.key}.made") or b"{}")
            if "format" not in found:
                return {str(address): Making(str(name)) for address, name in found.items()}
            return {str(address): Making(**one) for address, one in found["objects"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return {}

    def lock(self) -> StateLock | None:
        """The lock that is held now, if any."""
        found = self.bucket.look(f"{self.key}.tflock")
        return StateLock.of(found) if found else None

    def clear_lock(self, lock: StateLock) -> bool:
        """Delete the lock if it is still this very object."""
        return self.bucket.delete_if(f"{self.key}.tflock", lock.etag)

    def mark(self, marker: Marker) -> None:
        """Say that this run is about to apply; once for all its steps."""
        self._change(lambda known: [marker, *(m for m in known if not m.same_run(marker))])

    def unmark(self, marker: Marker) -> None:
        """Take that back: the run has left no lock."""
        self._change(lambda known: [m for m in known if not m.same_run(marker)])

    def markers(self) -> list[Marker]:
        """The runs that are about to apply, or were killed in it; the latest first."""
        return _markers(self.bucket.get(self._run))

    @property
    def _run(self) -> str:
        return f"{self.key}.run"

    def _change(self, change: Callable[[list[Marker]], list[Marker]]) -> None:
        while True:  # whoever else writes it meanwhile keeps his own
            found = self.bucket.look(self._run)
            known = _markers(found.body if found else None)
            wanted = change(known)[:MARKERS]
            if wanted == known:
                return
            body = json.dumps([asdict(one) for one in wanted]).encode()
            if self.bucket.put_if(self._run, body, found.etag if found else None):
                return

    def keep_errored(self, file: Path, name: str) -> str:
        """Store a state that Terraform could not, encrypted by KMS; returns its S3 address."""
        key = f"errored/{self.key}/{name}"
        with told(f"S3 PutObject {key}"):
            self.bucket.aws.s3.put_object(
                Bucket=self.bucket.name,
                Key=key,
                Body=file.read_bytes(),
                ServerSideEncryption="aws:kms",
            )
        return f"s3://{self.bucket.name}/{key}"


def state_files(aws: Aws, bucket: str, key: str) -> StateFiles:
    """The objects of one state."""
    return StateFiles(Bucket(aws, bucket), key)
