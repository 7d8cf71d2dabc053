"""A site whose stores lie in memory: the real use cases run on it, without AWS, git and GitHub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pipeline.domain import ledger
from pipeline.domain import ledger_formats as formats
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from tests.redteam.histories.cloud_model import Cloud
from tests.redteam.histories.git_model import Commits, digest, unit_of

UNIT = UnitId("estate", "dev")


def key_of(name: str) -> bytes:
    """What KMS would make of a message."""
    return hashlib.sha256(name.encode()).digest()


@dataclass
class MemoryLedger:
    """A ledger and the head beside the state; implements what LedgerStore does."""

    entries: dict[int, bytes] = field(default_factory=dict)
    head: bytes | None = None

    def stored_as(self, unit: UnitId) -> UnitId:
        return unit

    def unrenamed(self) -> MemoryLedger:
        return self

    def units(self) -> list[UnitId]:
        return [UNIT] if self.entries else []

    def numbers(self, unit: UnitId) -> list[int]:
        return sorted(self.entries) if unit == UNIT else []

    def read(self, unit: UnitId, number: int) -> bytes:
        return self.entries[number]

    def key(self, unit: UnitId) -> bytes:
        return key_of(f"ledger:{unit}")

    def anchor(self, unit: UnitId) -> bytes | None:
        return self.head if unit == UNIT else None

    def append(self, chain: Sequence[ledger.Entry], entry: ledger.Entry) -> ledger.Entry:
        entry, body = ledger.append(chain, entry, self.key(UNIT))
        if entry.number in self.entries:
            raise failure("stale", "Somebody else wrote it.")
        self.entries[entry.number] = body
        self.head = formats.write_anchor(entry, self.key(UNIT))
        return entry


@dataclass
class MemoryRecords:
    """Plan records by id, with a key each."""

    stored: dict[str, bytes] = field(default_factory=dict)

    def key(self, unit: UnitId, record_id: str) -> str:
        return f"{unit}/{record_id}.json"

    def key_for(self, record_id: str) -> bytes:
        return key_of(f"plan-record:{record_id}")

    def put(self, unit: UnitId, record_id: str, body: bytes) -> str:
        assert record_id not in self.stored
        self.stored[record_id] = body
        return self.key(unit, record_id)

    def get(self, unit: UnitId, record_id: str) -> bytes | None:
        return self.stored.get(record_id)

    def ids(self, unit: UnitId, prefix: str = "") -> list[str]:
        return sorted(name for name in self.stored if name.startswith(prefix))


class Quiet:
    """An output that keeps nothing."""

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        yield

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: None


@dataclass
class MemorySite:
    """One commit checked out; what :class:`pipeline.usecases.site.Site` gives, in memory."""

    commits: Commits
    cloud: Cloud
    commit: str
    ledger: MemoryLedger
    records: MemoryRecords
    reviews: MemoryRecords
    work: Path
    run: str = ""
    out: Any = field(default_factory=Quiet)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def tree(self) -> Mapping[str, str]:
        return self.commits.tree(self.commit)

    @property
    def environ(self) -> dict[str, str]:
        return {"GITHUB_RUN_ID": self.run} if self.run else {}

    @property
    def stores(self) -> Any:
        return SimpleNamespace(ledger=self.ledger, records=self.records, reviews=self.reviews)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(review=SimpleNamespace(self_=False, approvals=1, bots=[]))

    @property
    def estate(self) -> Any:
        own = digest(unit_of(self.tree))
        return SimpleNamespace(
            digest=lambda unit: own,
            configuration=lambda unit: own,
            inputs=lambda unit: {},
            never_equal=lambda unit: [],
        )

    @property
    def github_or_none(self) -> Any:
        return SimpleNamespace(
            server="https://github.example",
            repository="a/b",
            sticky_comment=lambda number, marker, body: None,
        )

    github = github_or_none
    root = referee = Path("/nowhere")

    def stack(self, unit: UnitId) -> Any:
        return SimpleNamespace(config=SimpleNamespace(takes_image=False, rollout=None))

    def state(self, unit: UnitId) -> Any:
        nothing = lambda *given: None  # noqa: E731
        return SimpleNamespace(
            lock=nothing,
            mark=nothing,
            unmark=nothing,
            markers=list,
            made=dict,
            read=self.cloud.state,
        )

    def terraform(self, unit: UnitId) -> Any:
        return SimpleNamespace(drop_plan=lambda: None)

    def private(self, unit: UnitId) -> Path:
        return self.work

    def note(self, unit: UnitId, **values: Any) -> None:
        self.kept = values

    def noted(self, unit: UnitId) -> dict[str, Any]:
        return self.kept

    def forget(self, unit: UnitId) -> None:
        self.kept = {}
