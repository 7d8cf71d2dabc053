"""Write and read the public files; everything written is scrubbed of secrets first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pipeline.adapters.work import private_folder
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.results.clean import clean
from pipeline.results.schema import (
    CostReport,
    FindingsReport,
    GraphReport,
    PlanReport,
    RecordReport,
    Report,
)

R = TypeVar("R", bound=Report)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """All files of one unit; None where a stage left nothing."""

    unit: UnitId
    plan: PlanReport | None = None
    findings: FindingsReport | None = None
    cost: CostReport | None = None
    record: RecordReport | None = None
    graph: GraphReport | None = None


def path_of(work: Path, kind: type[Report], unit: UnitId) -> Path:
    """Where a report of this kind lies below the work folder."""
    return work / "public" / f"{unit.slug}.{kind.kind}.json"


def write(work: Path, report: Report, known: Iterable[str] = ()) -> Path:
    """Write a report to the work folder, scrubbed of secrets; returns its path."""
    path = path_of(work, type(report), report.unit_id)
    private_folder(work)  # makes the work folder, which ignores itself
    path.parent.mkdir(exist_ok=True)
    document = clean(report, known).model_dump(mode="json")
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")  # half a surrogate pair
    return path


def read(path: Path, kind: type[R], known: Iterable[str] = ()) -> R:
    """Read one file, scrubbed; a damaged one is a failure that names the field."""
    try:
        # Renderers escape what they show, and an escaped secret is hard to find: so do it first.
        return clean(kind.model_validate_json(path.read_bytes()), known)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise failure(
            "internal",
            f"the result file does not fit its schema: {field}: {first['msg']}.",
            where=path.name,
            remedy="Run the stage that writes it again with this version of the pipeline.",
        ) from None
    except OSError as error:
        raise failure(
            "usage",
            f"the result file cannot be read: {error.strerror}.",
            where=path.name,
            remedy="Run `pipeline plan` for this unit first.",
        ) from None


def find(folder: Path, kind: type[R], known: Iterable[str] = ()) -> dict[UnitId, R]:
    """All reports of one kind below a folder, at any depth (downloaded artifacts nest)."""
    secrets = tuple(known)
    reports = (read(path, kind, secrets) for path in sorted(folder.rglob(f"*.{kind.kind}.json")))
    return {report.unit_id: report for report in reports}


def load(folder: Path, known: Iterable[str] = ()) -> list[UnitResult]:
    """Everything below a results folder, one entry a unit, in the order of their names."""
    secrets = tuple(known)
    plans = find(folder, PlanReport, secrets)
    findings = find(folder, FindingsReport, secrets)
    costs = find(folder, CostReport, secrets)
    records = find(folder, RecordReport, secrets)
    graphs = find(folder, GraphReport, secrets)
    units = sorted({*plans, *findings, *costs, *records})
    return [
        UnitResult(u, plans.get(u), findings.get(u), costs.get(u), records.get(u), graphs.get(u))
        for u in units
    ]
