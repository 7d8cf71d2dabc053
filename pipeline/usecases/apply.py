"""Plan again, hold every change against what was reviewed, and apply the fresh plan if it fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from pipeline.domain import ledger
from pipeline.domain.coverage import Coverage, cover
from pipeline.domain.model import Plan, UnitId
from pipeline.domain.record import Reviewed
from pipeline.domain.secrets import scrub
from pipeline.errors import Failure, Problem
from pipeline.results import ChangeReport, plan_report
from pipeline.usecases.behind import not_behind, not_destroyed
from pipeline.usecases.merged import Merged, merged_since, reviewed_by
from pipeline.usecases.plan import Planned, make_plan, without_secrets
from pipeline.usecases.record import open_stored, write_record
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import await_lock, locked, marked

Result = Literal["applied", "nothing", "uncovered"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an apply; ``record`` is the id of what still wants a review."""

    unit: UnitId
    result: Result
    coverage: Coverage | None = None
    record: str = ""
    shown: tuple[ChangeReport, ...] = ()
    merged: tuple[Merged, ...] = ()


def apply(site: Site, unit: UnitId, reviewed: str = "") -> Applied:
    """Bring the unit to the checked-out commit as far as it was reviewed.

    ``reviewed`` is the id of the record that a review environment has approved; it alone counts
    then. Raises ``superseded``, ``locked``, ``ledger-damaged``, ``record-damaged``, ``terraform``
    and the like.
    """
    try:
        return _apply(site, unit, reviewed)
    except Failure as error:
        if error.reason != "stale":
            raise
    site.out.say(f"{unit}: another apply came first and changed the state; this one plans again")
    return _apply(site, unit, reviewed)


def _apply(site: Site, unit: UnitId, reviewed: str) -> Applied:
    chain = ledger.read_chain(site.stores.ledger, unit)
    not_behind(site, unit, chain)
    if not reviewed:
        not_destroyed(site, unit, chain)
    deployed = ledger.last_deployed(chain)
    await_lock(site, unit)
    merged: list[Merged] = []
    if reviewed:
        records = [open_stored(site.stores.reviews, unit, reviewed)]
    else:
        merged = merged_since(site, deployed.commit if deployed else None)
        records = reviewed_by(site, unit, merged)
    with site.out.step(f"Planning {unit}"):
        planned = make_plan(site, unit, keep=True)
    try:
        return _decide(site, unit, planned, records, merged)
    except Failure as error:
        raise without_secrets(error, planned) from error
    finally:
        site.terraform(unit).drop_plan()


def _decide(
    site: Site, unit: UnitId, planned: Planned, records: list[Reviewed], merged: list[Merged]
) -> Applied:
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    if plan.empty:
        site.note(unit, result="nothing", serial=plan.serial, evidence=[])
        return Applied(unit, "nothing")
    takes_image = site.stack(unit).config.takes_image
    image = site.image() if takes_image else ""
    coverage = cover(plan, records[-1] if records else None, image=image)
    if not coverage.covered:
        return _uncovered(site, unit, planned, coverage, merged)
    run_apply(site, unit)
    evidence = [coverage.record] if coverage.record else []
    site.note(unit, result="applied", serial=site.state(unit).serial(), evidence=evidence)
    return Applied(unit, "applied", coverage, merged=tuple(merged))


def _uncovered(
    site: Site, unit: UnitId, planned: Planned, coverage: Coverage, merged: list[Merged]
) -> Applied:
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    record = write_record(
        site, site.stores.reviews, plan, head=site.commit, base=site.commit, pull_request=None
    )
    shown = _shown(plan, coverage, planned.secrets)
    done = Applied(unit, "uncovered", coverage, record.id, shown, tuple(merged))
    text = scrub(markdown(done), planned.secrets)[0]
    site.out.summary(text)
    for item in merged:
        marker = f"<!-- delivery:uncovered {unit} -->\n"
        site.github.sticky_comment(item.pull.number, marker, marker + text)
    return done


def run_apply(site: Site, unit: UnitId) -> None:
    """Apply the unit's plan file under the state lock; rescue a state that cannot be stored."""
    terraform = site.terraform(unit)
    try:
        with site.out.step(f"Applying {unit}"), marked(site, unit):
            terraform.apply()
    except Failure as error:
        if error.reason == "locked":
            raise locked(site, unit) from error
        if terraform.errored_state.exists():
            raise _rescue(site, unit, error) from error
        raise


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


def _shown(plan: Plan, coverage: Coverage, secrets: frozenset[str]) -> tuple[ChangeReport, ...]:
    """Exactly what was never reviewed, made readable without secrets."""
    changes = tuple(replace(j.change, leaves=j.uncovered) for j in coverage.uncovered)
    return tuple(plan_report(replace(plan, changes=changes, drift=()), "", secrets).changes)


def markdown(done: Applied) -> str:
    """The uncovered changes for a summary and a comment."""
    reasons = {
        j.change.address: j.reason for j in (done.coverage.uncovered if done.coverage else ())
    }
    lines = [
        f"### {done.unit}: nobody reviewed {len(done.shown)} of its changes",
        "",
        "Nothing was applied. Approving the review environment of this run applies exactly this:",
        "",
    ]
    for change in done.shown:
        lines.append(f"- **{change.action}** `{change.address}`: {reasons.get(change.address, '')}")
        lines += [f"  - `{x.path}`: `{x.before!r}` → `{x.after!r}`" for x in change.leaves[:40]]
        if len(change.leaves) > 40:
            lines.append(f"  - and {len(change.leaves) - 40} more values")
    return "\n".join([*lines, "", f"Plan record `{done.record}`"])
