"""Write and read plan records: what a plan left behind for its review, sealed with the verdict."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.adapters.aws.stores import RecordStore
from pipeline.domain.model import Plan, UnitId
from pipeline.domain.record import (
    PlanRecord,
    Purpose,
    RecordFacts,
    Reviewed,
    make_record,
    open_record,
    record_id,
)
from pipeline.errors import failure
from pipeline.results import (
    CostReport,
    FindingsReport,
    GraphReport,
    PlanReport,
    RecordReport,
    Report,
    UnitResult,
    path_of,
    read,
    write,
)
from pipeline.results.verdict import unit_reasons
from pipeline.usecases.plan import read_plan
from pipeline.usecases.site import Site

#: The public files whose bytes a record vouches for.
_RESULTS: tuple[type[Report], ...] = (PlanReport, FindingsReport, CostReport, GraphReport)


@dataclass(frozen=True, slots=True)
class Proposed:
    """For what a record is made: as GitHub's event, or the default branch, says."""

    purpose: Purpose
    head: str
    commit: str
    pull_request: int | None = None
    base_ref: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was judged: the reasons against it, the findings that count as known, the files."""

    reasons: tuple[str, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    landings: tuple[str, ...] = ()


def write_record(
    site: Site, store: RecordStore, plan: Plan, proposed: Proposed, sealed: Sealed
) -> PlanRecord:
    """Seal a plan and the verdict on it under a key of its own, and store it."""
    env = site.environ
    run = f"{env.get('GITHUB_RUN_ID', 'local')}-{env.get('GITHUB_RUN_ATTEMPT', '0')}"
    identity = record_id(proposed.head, f"{run}-{secrets.token_hex(4)}")
    takes_image = site.stack(plan.unit).config.takes_image
    facts = RecordFacts(
        id=identity,
        purpose=proposed.purpose,
        head=proposed.head,
        time=datetime.now(UTC),
        pull_request=proposed.pull_request,
        base_ref=proposed.base_ref,
        commit=proposed.commit,
        configuration=site.estate.configuration(plan.unit),
        digest=site.estate.digest(plan.unit),
        image_tree=site.app_tree if takes_image else "",
        actor=proposed.actor,
        verdict="fail" if sealed.reasons else "pass",
        reasons=sealed.reasons,
        results=dict(sealed.results),
        landings=sealed.landings,
        findings=sealed.findings,
    )
    image = site.image() if takes_image else ""
    record = make_record(plan, store.key_for(identity), facts, image)
    store.put(plan.unit, identity, record.to_bytes())
    return record


def record_units(site: Site, units: list[UnitId], proposed: Proposed) -> list[RecordReport]:
    """Record every unit with the verdict of its checks, a red or failed one as well.

    What the report later shows it takes only with the digest that stands in the record.
    """
    found: list[RecordReport] = []
    for unit in units:
        result = _result(site, unit)
        failed = result.plan is None or bool(result.plan.error)
        plan = Plan(unit, ()) if failed else read_plan(site, unit)
        reasons = tuple(unit_reasons(result))
        listed = result.findings.findings if result.findings else []
        known = {(f.rule, f.address) for f in listed if f.address and not f.failing}
        sealed = Sealed(reasons, tuple(sorted(known)), tuple(_digests(site, unit)))
        record = write_record(site, site.stores.records, plan, proposed, sealed)
        report = RecordReport(
            unit=str(unit),
            record=record.id,
            key=site.stores.names.records_key,
            head=record.head,
            base=record.commit,
            digest=record.digest,
            pull_request=record.pull_request,
            changes=len(record.changes),
            leaves=sum(len(change.leaves) for change in record.changes),
        )
        write(site.work, report)
        found.append(report)
    return found


def _result(site: Site, unit: UnitId) -> UnitResult:
    """What the steps before left of a unit; a stage that left nothing is missing."""

    def maybe(kind: type[Report]) -> Report | None:
        path = path_of(site.work, kind, unit)
        return read(path, kind) if path.is_file() else None

    plan, findings, cost = (maybe(kind) for kind in (PlanReport, FindingsReport, CostReport))
    return UnitResult(
        unit,
        plan if isinstance(plan, PlanReport) else None,
        findings if isinstance(findings, FindingsReport) else None,
        cost if isinstance(cost, CostReport) else None,
    )


def _digests(site: Site, unit: UnitId) -> list[tuple[str, str]]:
    """Kind and SHA-256 of each public file of a unit."""
    found = []
    for kind in _RESULTS:
        path = path_of(site.work, kind, unit)
        if path.is_file():
            found.append((kind.kind, hashlib.sha256(path.read_bytes()).hexdigest()))
    return found


def open_stored(store: RecordStore, unit: UnitId, identity: str) -> Reviewed:
    """A stored record, its seal checked. Raises ``record-damaged``, also when there is none."""
    data = store.get(unit, identity)
    if data is None:
        raise failure(
            "record-damaged",
            "There is no such plan record.",
            store.key(unit, identity),
            "Take the id from the summary of the run that asked for the review.",
        )
    return open_record(data, store.key_for(identity), id=identity, unit=unit)


def records_of(site: Site, unit: UnitId, head: str) -> list[Reviewed]:
    """All records of a unit for a planned commit, oldest first (a run may be repeated)."""
    store = site.stores.records
    found = [open_stored(store, unit, item) for item in store.ids(unit, prefix=f"{head}-")]
    return sorted(found, key=lambda item: item.record.time)
