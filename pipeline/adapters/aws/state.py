"""What lies beside Terraform's states in the state bucket: locks, who runs, states to rescue.

A lock object (``….tflock``) holds Terraform's LockInfo (internal/states/statemgr/locker.go): ID,
Operation, Who, Created. It cannot carry our run, so an apply first leaves a marker beside it, and
takes it back when it has ended without leaving its lock.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.adapters.aws.buckets import Bucket
from pipeline.adapters.aws.session import Aws, code_of, told


@dataclass(frozen=True, slots=True)
class StateLock:
    """Who holds a state: Terraform's lock id, operation, user@host, time."""

    id: str
    operation: str
    who: str
    created: str

    @property
    def time(self) -> datetime | None:
        """When it was taken."""
        try:
            return datetime.fromisoformat(self.created[:19] + "+00:00")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Marker:
    """Which run of ours was about to apply: of GitHub (run, attempt) or a process on a host.

    ``plan`` is the plan file it applies, by which its terraform is found among the processes.
    """

    run_id: str = ""
    attempt: int = 0
    url: str = ""
    host: str = ""
    pid: int = 0
    plan: str = ""
    started: str = ""

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

    def serial(self) -> int | None:
        """The serial of the stored state, None without one."""
        body = self.bucket.get(self.key)
        return int(json.loads(body)["serial"]) if body else None

    def lock(self) -> StateLock | None:
        """The lock that is held now, if any."""
        body = self.bucket.get(f"{self.key}.tflock")
        if body is None:
            return None
        try:
            info: dict[str, Any] = json.loads(body)
        except ValueError:
            info = {}
        return StateLock(
            str(info.get("ID", "")),
            str(info.get("Operation", "")),
            str(info.get("Who", "")),
            str(info.get("Created", "")),
        )

    def clear_lock(self, lock_id: str) -> bool:
        """Delete the lock if it is still this one."""
        held = self.lock()
        if held is None or held.id != lock_id:
            return False
        with told(f"S3 DeleteObject {self.key}.tflock"):
            self.bucket.aws.s3.delete_object(Bucket=self.bucket.name, Key=f"{self.key}.tflock")
        return True

    def mark(self, marker: Marker) -> None:
        """Say that this run is about to apply."""
        self._put_markers([marker, *self.markers()])

    def unmark(self, marker: Marker) -> None:
        """Take that back: the run has left no lock."""
        self._put_markers([one for one in self.markers() if one != marker])

    def markers(self) -> list[Marker]:
        """The runs that are about to apply, or were killed in it; the latest first."""
        body = self.bucket.get(f"{self.key}.run")
        try:
            return [Marker(**one) for one in json.loads(body or "[]")]
        except (ValueError, TypeError):
            return []

    def _put_markers(self, markers: list[Marker]) -> None:
        with told(f"S3 PutObject {self.key}.run"):
            self.bucket.aws.s3.put_object(
                Bucket=self.bucket.name,
                Key=f"{self.key}.run",
                Body=json.dumps([asdict(one) for one in markers[:MARKERS]]).encode(),
            )

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
