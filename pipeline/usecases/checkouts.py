"""Which checkout is judged, and which one judges."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.model import UnitId


@dataclass(frozen=True, slots=True)
class Checkouts:
    """``root`` is judged; ``referee`` judges: its policies, and its files are "before"."""

    root: Path
    referee: Path
    work: Path

    @property
    def policies(self) -> Path:
        return self.referee / "policies"

    def plan_file(self, unit: UnitId) -> Path:
        return self.work / "private" / unit.slug / "plan.json"
