"""Which results of a run are those that a sealed record holds the digests of.

The jobs of a pull request are the pull request's: it may add some that upload artifacts under any
name. So names decide nothing here. A file counts for a unit when its SHA-256 stands in the newest
record of that unit, pull request and head; the record's verdict decides, and the files are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.model import UnitId
from pipeline.domain.record import PlanRecord, Purpose
from pipeline.domain.secrets import known_from_environment
from pipeline.errors import Failure
from pipeline.results import (
    CostReport,
    FindingsReport,
    GraphReport,
    PlanReport,
    RecordReport,
    Report,
    UnitResult,
    read,
)
from pipeline.usecases.record import records_of
from pipeline.usecases.request import Request
from pipeline.usecases.site import Site

#: Bytes of the largest file that is looked at: no result of 10,000 resources comes near.
LARGEST = 64 * 1_048_576

KINDS: dict[str, type[Report]] = {
    kind.kind: kind for kind in (PlanReport, FindingsReport, CostReport, GraphReport)
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit's results, and what keeps it from being ready, each as a part of a sentence."""

    result: UnitResult
    reasons: tuple[str, ...]


def by_digest(folder: Path) -> dict[str, Path]:
    """Every file below a folder by the SHA-256 of its bytes."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.json")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            found[hashlib.sha256(path.read_bytes()).hexdigest()] = path
    return found


def newest(site: Site, unit: UnitId, request: Request) -> PlanRecord | None:
    """The newest record of a unit for this request: of a pull request and its head, or of the
    merge queue's entry of one, which is recorded under the head of that pull request."""
    head, number, purpose = request.head, request.number, Purpose.PULL_REQUEST
    if request.event == "merge_group":
        purpose, number = Purpose.MERGE_GROUP, request.queued
        head = site.github.pull(number).head if number is not None else head
    wanted = (purpose, number, head)
    records = (item.record for item in records_of(site, unit, head))
    mine = [r for r in records if (r.purpose, r.pull_request, r.head) == wanted]
    return mine[-1] if mine else None


def take(site: Site, unit: UnitId, request: Request, files: Mapping[str, Path]) -> Taken:
    """The unit's results as far as its record holds them. Raises what AWS answers."""
    try:
        record = newest(site, unit, request)
    except Failure as error:
        if error.reason != "record-damaged":
            raise
        return Taken(UnitResult(unit), (f"the plan record of {unit} is damaged: {error}",))
    if record is None:
        told = f"{unit} has no plan record of commit {request.head[:10]}"
        return Taken(UnitResult(unit), (told,))
    if record.commit != site.commit:
        told = f"the newest plan record of {unit} is of another merge, {record.commit[:10]}"
        return Taken(UnitResult(unit), (f"{told}: run the workflow again",))
    known = known_from_environment(site.environ)
    found: dict[str, Report] = {}
    reasons: list[str] = []
    for name, digest in sorted(record.results.items()):
        kind = KINDS.get(name)
        if kind is None:
            continue
        try:
            report = read(files[digest], kind, known)
        except KeyError:
            reasons.append(f"the {name} of {unit} is not what its record holds the digest of")
        except Failure as error:
            reasons.append(f"the {name} of {unit} cannot be read: {str(error).rstrip('.')}")
        else:
            if report.unit_id == unit:
                found[name] = report
            else:
                reasons.append(f"the {name} that the record of {unit} names is of {report.unit}")
    if record.verdict != "pass":
        judged = record.reasons or ("its checks failed",)
        reasons = [*(_of(unit, reason) for reason in judged), *reasons]
    elif "plan" not in record.results:
        reasons.append(f"the record of {unit} names no plan")
    return Taken(_result(unit, found, record, site), tuple(reasons))


def _of(unit: UnitId, reason: str) -> str:
    reason = reason.rstrip(".")
    return reason if str(unit) in reason else f"{unit}: {reason}"


def _result(
    unit: UnitId, found: Mapping[str, Report], record: PlanRecord, site: Site
) -> UnitResult:
    plan, findings = found.get("plan"), found.get("findings")
    cost, graph = found.get("cost"), found.get("graph")
    return UnitResult(
        unit,
        plan if isinstance(plan, PlanReport) else None,
        findings if isinstance(findings, FindingsReport) else None,
        cost if isinstance(cost, CostReport) else None,
        RecordReport(
            unit=str(unit),
            record=record.id,
            key=site.stores.names.records_key,
            head=record.head,
            base=record.commit,
            digest=record.digest,
            pull_request=record.pull_request,
            changes=len(record.changes),
            leaves=sum(len(change.leaves) for change in record.changes),
        ),
        graph if isinstance(graph, GraphReport) else None,
    )
