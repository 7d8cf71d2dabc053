"""A ledger in memory, stored as bytes like in its bucket, with the heads that lie beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipeline.domain import ledger_formats as formats
from pipeline.domain.ledger import Entry, Status, append
from pipeline.domain.model import UnitId

TIME = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryLedger:
    """Every unit's entries by number; implements ``LedgerReader``, and appends."""

    def __init__(self, renamed: Mapping[UnitId, UnitId] | None = None) -> None:
        self.stored: dict[tuple[UnitId, int], bytes] = {}
        self.anchors: dict[UnitId, bytes] = {}
        self.renamed = dict(renamed or {})

    def stored_as(self, unit: UnitId) -> UnitId:
        return self.renamed.get(unit, unit)

    def unrenamed(self) -> MemoryLedger:
        found = MemoryLedger()
        found.stored, found.anchors = self.stored, self.anchors
        return found

    def units(self) -> list[UnitId]:
        return sorted({unit for unit, _ in self.stored} | self.anchors.keys())

    def numbers(self, unit: UnitId) -> list[int]:
        name = self.stored_as(unit)
        return [number for found, number in self.stored if found == name]

    def read(self, unit: UnitId, number: int) -> bytes:
        return self.stored[self.stored_as(unit), number]

    def key(self, unit: UnitId) -> bytes:
        return f"key of {self.stored_as(unit)}".encode()

    def anchor(self, unit: UnitId) -> bytes | None:
        return self.anchors.get(self.stored_as(unit))

    def append(self, chain: Sequence[Entry], entry: Entry) -> Entry:
        unit = UnitId.parse(entry.unit)
        name = self.stored_as(unit)
        made, data = append(chain, replace(entry, unit=str(name)), self.key(unit))
        assert (name, made.number) not in self.stored, "another writer was faster"
        self.stored[name, made.number] = data
        self.anchors[name] = formats.write_anchor(made, self.key(unit))
        return made


def entry(unit: UnitId, status: Status = Status.DEPLOYED, digest: str = "d", **more: Any) -> Entry:
    """An entry with what a test does not speak about filled in."""
    values = {"commit": "c0ffee0000", "time": TIME, **more}
    return Entry(unit=str(unit), status=status, digest=digest, **values)
