"""Findings grouped for reading: what one edit would cure is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.results.schema import FindingReport


@dataclass(frozen=True, slots=True)
class Group:
    """The same finding at the same place: in several units, or in several instances."""

    finding: FindingReport
    addresses: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def place(self) -> str:
        f = self.finding
        return f"{f.file}:{f.line}" if f.file and f.line else f.file or f.address


def grouped(findings: Iterable[FindingReport]) -> list[Group]:
    """Findings that one edit would cure, together; the order of the first of each is kept."""
    found: dict[tuple[str, ...], list[FindingReport]] = {}
    for f in findings:
        place = f"{f.file}:{f.line}" if f.file else f.address
        key = (f.rule, place, f.message if not f.address else "", f.excepted, str(f.new))
        found.setdefault(key, []).append(f)
    return [
        Group(
            many[0],
            tuple(dict.fromkeys(f.address for f in many if f.address)),
            tuple(dict.fromkeys(f.unit for f in many if f.unit)),
        )
        for many in found.values()
    ]
