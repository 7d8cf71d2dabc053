"""Write the plan records of planned units: what their review will be held to."""

from __future__ import annotations

import secrets
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
from pipeline.errors import Failure, Problem, failure
from pipeline.results import PlanReport, RecordReport, path_of, read, write
from pipeline.usecases.plan import read_plan
from pipeline.usecases.site import Site


def write_record(
    site: Site, store: RecordStore, plan: Plan, *, head: str, base: str, pull_request: int | None
) -> PlanRecord:
    """Seal a plan under a key of its own and store it."""
    env = site.environ
    run = f"{env.get('GITHUB_RUN_ID', 'local')}-{env.get('GITHUB_RUN_ATTEMPT', '0')}"
    identity = record_id(head, f"{run}-{secrets.token_hex(4)}")
    takes_image = site.stack(plan.unit).config.takes_image
    record = make_record(
        plan,
        store.key_for(identity),
        RecordFacts(
            id=identity,
            purpose=Purpose.REVIEW if pull_request is None else Purpose.PULL_REQUEST,
            head=head,
            time=datetime.now(UTC),
            pull_request=pull_request,
            commit=base,
            digest=site.estate.digest(plan.unit),
            verdict="pass",
        ),
        image=site.image() if takes_image else "",
    )
    store.put(plan.unit, identity, record.to_bytes())
    return record


def record_units(
    site: Site, units: list[UnitId], *, head: str, base: str, pull_request: int | None
) -> list[RecordReport]:
    """Record every unit; refuses all of them when one was not planned without a failure."""
    failed: list[Problem] = []
    for unit in units:
        if read(path_of(site.work, PlanReport, unit), PlanReport).error:
            failed.append(Problem(f"The plan of {unit} failed, so there is nothing to record."))
    if failed:
        raise Failure("usage", *failed)
    found: list[RecordReport] = []
    for unit in units:
        plan = read_plan(site, unit)
        record = write_record(
            site, site.stores.records, plan, head=head, base=base, pull_request=pull_request
        )
        report = RecordReport(
            unit=str(unit),
            record=record.id,
            key=site.stores.names.records_key,
            head=head,
            base=base,
            digest=record.digest,
            pull_request=pull_request,
            changes=len(record.changes),
            leaves=sum(len(change.leaves) for change in record.changes),
        )
        write(site.work, report)
        found.append(report)
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
