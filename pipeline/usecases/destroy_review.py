"""Who reviewed a destruction: its plan is recorded, and a second person's dispatch names it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from pipeline.domain.coverage import Coverage, cover
from pipeline.domain.ledger import Evidence
from pipeline.domain.model import Plan, UnitId
from pipeline.domain.record import PlanRecord, Purpose, RecordFacts, make_record, record_id
from pipeline.errors import Failure, Problem, failure
from pipeline.usecases.landings import dispatched
from pipeline.usecases.record import open_stored
from pipeline.usecases.site import Site

WORKFLOW = "destroy.yml"


def record_destroy(site: Site, unit: UnitId, plan: Plan) -> PlanRecord:
    """Seal the plan of a destruction for its review; ``site`` has the unit's files."""
    env = site.environ
    run = f"{env.get('GITHUB_RUN_ID', 'local')}-{env.get('GITHUB_RUN_ATTEMPT', '0')}"
    store = site.stores.reviews
    identity = record_id(site.commit, f"{run}-{secrets.token_hex(4)}")
    takes_image = site.stack(unit).config.takes_image
    facts = RecordFacts(
        id=identity,
        purpose=Purpose.DESTROY,
        head=site.commit,
        commit=site.commit,
        time=datetime.now(UTC),
        digest=site.estate.digest(unit),
        actor=env.get("GITHUB_ACTOR", ""),  # who dispatched it, whoever ran it again
        verdict="pass",  # of a destruction nothing is judged but who reviewed it
    )
    image = site.image() if takes_image else ""
    record = make_record(plan, store.key_for(identity), facts, image)
    store.put(unit, identity, record.to_bytes())
    return record


def hold_against(site: Site, unit: UnitId, plan: Plan, identity: str) -> PlanRecord:
    """The record, when it is one of a destruction of the unit and the fresh plan is what it says.

    Raises ``record-damaged``, and ``not-covered`` with everything that is not the same.
    """
    reviewed = open_stored(site.stores.reviews, unit, identity)
    record = reviewed.record
    if record.purpose is not Purpose.DESTROY:
        raise failure(
            "not-covered",
            f"Plan record {identity} was made for a {record.purpose}, not for a destruction.",
            str(unit),
            _ANEW,
        )
    takes_image = site.stack(unit).config.takes_image
    coverage = cover(plan, reviewed, image=site.image() if takes_image else "")
    if not coverage.covered:
        raise Failure("not-covered", *_differences(coverage), Problem(_ANEW))
    return record


_ANEW = "Nothing was changed. Run the destroy without a record, which shows what it means now."


def _differences(coverage: Coverage) -> list[Problem]:
    return [
        *(Problem(sentence) for sentence in coverage.mismatches),
        *(Problem(f"{j.reason}.", j.change.address) for j in coverage.uncovered),
        *(Problem(f"{missing.what}.", missing.address) for missing in coverage.missing),
    ]


def second_person(site: Site, record: PlanRecord) -> Evidence:
    """Who released the destruction, as the ledger keeps it.

    It has to be a dispatch of destroy.yml by another person than the one whose run made the record;
    where ``[tool.pipeline.review]`` says ``self``, anybody's word will do, also on a laptop. Raises
    ``not-covered``.
    """
    alone, run = site.settings.review.self_, site.environ.get("GITHUB_RUN_ID", "")
    if not run:
        if alone:
            return Evidence(record.id, reviewed=True, self_reviewed=True)
        raise _refused("Only a dispatch at GitHub says who reviewed it.")
    found = dispatched(site, run, (), WORKFLOW)
    if found.refused:
        raise _refused(found.refused)
    same = found.by.lower() == record.actor.lower()
    app = record.actor.endswith("[bot]")  # anybody who may run a job can have it ask
    if not alone and (same or app or not record.actor):
        asked = f"{found.by} asked for it" if same else "nobody is known to have asked for it"
        asked = f"{record.actor}, which asked for it, is no first" if app else asked
        raise _refused(f"The word of a second person is needed, but {asked}.")
    return Evidence(
        record.id,
        reviewed=True,
        self_reviewed=same,
        dispatch=found.url,
        dispatched_by=found.by,
    )


def _refused(why: str) -> Failure:
    return failure(
        "not-covered",
        f"This review does not count: {why}",
        remedy=f"Nothing was changed. Let another person dispatch {WORKFLOW} with the same record.",
    )
