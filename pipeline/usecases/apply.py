"""Plan again, hold every change against what was reviewed, and apply the fresh plan if it fits."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from pipeline.adapters.terraform import Terraform
from pipeline.adapters.terraform_process import JsonLine, OnLine
from pipeline.domain import ledger
from pipeline.domain.coverage import Coverage
from pipeline.domain.model import Finding, Plan, UnitId
from pipeline.domain.unknowns import unknown_settings
from pipeline.errors import Failure, Problem
from pipeline.results import ChangeReport
from pipeline.usecases.announce import announced, await_turn, entry_of
from pipeline.usecases.basis import Basis, Expected, Judged, basis_of, expected_of, judge
from pipeline.usecases.behind import not_behind, not_destroyed
from pipeline.usecases.checkouts import Checkouts
from pipeline.usecases.committed import as_committed
from pipeline.usecases.journal import Journal, tell_lost
from pipeline.usecases.made import made_by
from pipeline.usecases.plan import Planned, make_plan, without_secrets
from pipeline.usecases.policy import Fresh, judge_again, judge_applied
from pipeline.usecases.site import Site
from pipeline.usecases.uncovered import ask, tell, tell_late
from pipeline.usecases.unlock import locked

Result = Literal["applied", "nothing", "uncovered"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an apply; ``record`` is the id of what still wants a review.

    ``failing`` is what no review lifts, ``late`` what the policies found only when the apply had
    made it known.
    """

    unit: UnitId
    result: Result
    coverage: Coverage | None = None
    record: str = ""
    shown: tuple[ChangeReport, ...] = ()
    text: str = ""
    basis: Basis | None = None
    failing: tuple[Finding, ...] = ()
    late: tuple[Finding, ...] = ()


def apply(site: Site, unit: UnitId, reviewed: str = "") -> Applied:
    """Bring the unit to the checked-out commit as far as it was reviewed.

    ``reviewed`` is the id of the record that this run, a dispatch, has named. Raises
    ``superseded``, ``locked``, ``ledger-damaged``, ``record-damaged``, ``not-covered`` for a
    dispatch that does not count, ``findings`` for what no review lifts, ``terraform`` and the like.
    """
    try:
        return _apply(site, unit, reviewed)
    except Failure as error:
        if error.reason != "stale":
            raise
    site.out.say(f"{unit}: another apply came first and changed the state; this one plans again")
    return _apply(site, unit, reviewed)


def _apply(site: Site, unit: UnitId, reviewed: str) -> Applied:
    site.forget(unit)  # what an earlier step of this job ended is not what this one will end
    as_committed(site, unit)
    chain = tuple(await_turn(site, unit))
    not_behind(site, unit, chain)
    if not reviewed:
        not_destroyed(site, unit, chain)
    basis = basis_of(site, unit, chain, reviewed)
    tell_lost(site, unit)
    with site.out.step(f"Planning {unit}"):
        planned = make_plan(site, unit, keep=True)
    try:
        return _decide(site, basis, planned)
    except Failure as error:
        raise without_secrets(error, planned) from error
    finally:
        site.terraform(unit).drop_plan()


def _decide(site: Site, basis: Basis, planned: Planned) -> Applied:
    plan, unit = planned.plan, basis.unit
    assert plan is not None  # noqa: S101 - make_plan raises instead
    if plan.empty:
        evidence = basis.evidence(basis.unfinished)
        _note(site, basis, "nothing", evidence, datetime.now(UTC), plan.serial or None)
        return Applied(unit, "nothing", basis=basis)
    judged = judge(site, basis, plan)
    expected = expected_of(basis, judged.decision)
    fresh = _policies(site, planned, plan, judged, expected)
    if not (judged.coverage.covered and basis.reviewed):
        found = ask(site, basis, planned, judged, fresh.failing, expected)
        # what the next steps need comes first: a text that cannot be written fails nothing
        site.out.outputs(result="uncovered", record=found.record)
        tell(site, basis, found)
        return Applied(
            unit,
            "uncovered",
            judged.coverage,
            found.record,
            found.shown,
            found.text,
            basis,
            fresh.failing,
        )
    if fresh.failing:
        raise _refused(fresh.failing)
    _carry_out(site, basis, judged, plan)
    late = _afterwards(site, basis, planned, fresh.told | expected)
    return Applied(unit, "applied", judged.coverage, basis=basis, late=late)


def _policies(
    site: Site, planned: Planned, plan: Plan, judged: Judged, expected: Expected
) -> Fresh:
    """What the policies say about the fresh plan and did not say at its review."""
    at = Checkouts(site.root, site.referee, site.work)
    with site.out.step(f"Checking {plan.unit}"):
        return judge_again(at, planned.document, plan, expected, judged.retried, date.today())


def _afterwards(site: Site, basis: Basis, planned: Planned, told: Expected) -> tuple[Finding, ...]:
    """What the policies say about settings that only the apply made known.

    It stands by now, so it stops nothing; whoever merged it is told.
    """
    if not unknown_settings(planned.document):
        return ()
    unit = basis.unit
    at = Checkouts(site.root, site.referee, site.work)
    with site.out.step(f"Checking what is known of {unit} since the apply"):
        values = site.terraform(unit).values()
        found = judge_applied(at, unit, planned.document, values, told, date.today())
    if found:
        tell_late(site, basis, found)
    return found


def _refused(failing: tuple[Finding, ...]) -> Failure:
    problems = [
        Problem(f"{f.rule}: {f.message}", f"{f.file}:{f.line}" if f.file else f.address, f.remedy)
        for f in failing
    ]
    told = Problem("Nothing was applied: this was not known, or not there, when it was reviewed.")
    return Failure("findings", *problems, told)


def _carry_out(site: Site, basis: Basis, judged: Judged, plan: Plan) -> None:
    """Announce, apply, and leave for the next step what is to be settled."""
    unit = basis.unit
    evidence = basis.evidence(judged.coverage.record)
    entry = entry_of(site, unit, ledger.Status.APPLYING, evidence)
    with announced(site, unit, basis.chain, entry) as told:
        try:
            run_apply(site, unit)
        except Failure as error:
            _half_done(site, unit, (*basis.chain, told), plan, error)
            raise
    serial, objects = made_by(site, unit, plan)
    _note(site, basis, "applied", evidence, entry.time, serial, objects)


def _half_done(
    site: Site, unit: UnitId, chain: tuple[ledger.Entry, ...], plan: Plan, error: Failure
) -> None:
    """Say in the ledger what a failed apply has made; the failure itself is told, not this."""
    try:
        serial, objects = made_by(site, unit, plan)
        entry = replace(
            entry_of(site, unit, ledger.Status.APPLYING, chain[-1].evidence),
            serial=serial,
            objects=objects,
            reason=f"the apply ended with an error ({error.reason})",
        )
        site.stores.ledger.append(chain, entry)
    except Failure as other:
        site.out.say(f"{unit}: the ledger could not be told of it: {other}")


def _note(
    site: Site,
    basis: Basis,
    result: Result,
    evidence: ledger.Evidence,
    began: datetime,
    serial: int | None,
    objects: tuple[str, ...] = (),
) -> None:
    """Leave for the next step of this job what ended well: ``pipeline rollout`` settles it."""
    unit = basis.unit
    site.note(
        unit,
        result=result,
        commit=site.commit,
        digest=site.estate.digest(unit),
        after=len(basis.chain),
        began=began.isoformat(),
        evidence=asdict(evidence),
        serial=serial,
        objects=list(objects),
    )


def run_apply(site: Site, unit: UnitId) -> None:
    """Apply the unit's plan file under the state lock; rescue a state that cannot be stored.

    The caller has left the run's marker, so that whoever meets the lock learns whose it is.
    """
    terraform = site.terraform(unit)
    journal = Journal(site.state(unit), lambda error: _stored(terraform, error))
    hearing = replace(terraform, on_line=_both(terraform.on_line, journal.hear))
    try:
        with site.out.step(f"Applying {unit}"), journal.open():
            hearing.apply()
    except Failure as error:
        if error.reason == "locked":
            raise locked(site, unit) from error
        if terraform.errored_state.exists():
            raise _rescue(site, unit, error) from error
        raise


def _stored(terraform: Terraform, error: Failure) -> bool:
    """Whether a failed Terraform ended by itself and could store what it had done."""
    return error.reason != "killed" and not terraform.errored_state.exists()


def _both(one: OnLine | None, other: OnLine) -> OnLine:
    def hear(line: JsonLine) -> None:
        other(line)
        if one is not None:
            one(line)

    return hear


def _rescue(site: Site, unit: UnitId, error: Failure) -> Failure:
    file = site.terraform(unit).errored_state
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}.tfstate"
    try:
        kept = site.state(unit).keep_errored(file, name)
    except Failure:
        # the store that failed Terraform fails us too: the file is all there is
        kept = str(file)
    else:
        file.unlink()
    return Failure(
        error.reason,
        *error.problems,
        Problem(
            f"Terraform could not store the state of {unit}; it is kept at {kept}.",
            str(unit),
            "Push it with `terraform state push` before anything else is applied.",
        ),
    )
