"""Is what runs what the repository says? Ledger, digest, fresh plan and running tasks, per unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.adapters.aws.ecs import images_of, read_service, running_revisions
from pipeline.domain import ledger
from pipeline.domain.ledger import Status
from pipeline.domain.model import Plan, UnitId
from pipeline.domain.rollout import short
from pipeline.errors import Failure
from pipeline.render.importance import ordered
from pipeline.render.leaves import in_a_line
from pipeline.results import plan_report
from pipeline.results.schema import ChangeReport
from pipeline.usecases.journal import lost
from pipeline.usecases.orphans import Orphan, in_repository, nothing_there, orphans, sentence
from pipeline.usecases.pending import left_so
from pipeline.usecases.plan import make_plan
from pipeline.usecases.rollout import service_facts
from pipeline.usecases.side_by_side import side_by_side
from pipeline.usecases.site import Site


@dataclass(slots=True)
class Proof:
    """What was checked of a unit: facts that hold, and differences; none means verified.

    ``planned`` has the change behind each of the differences that a plan found; ``stuck`` is what
    no deploy puts right: a held or half-destroyed unit, an orphan, a damaged ledger.
    """

    unit: UnitId
    held: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    planned: dict[str, ChangeReport] = field(default_factory=dict)
    drift: list[ChangeReport] = field(default_factory=list)
    stuck: bool = False

    @property
    def verified(self) -> bool:
        return not self.wrong


def verify(site: Site, units: list[UnitId]) -> list[Proof]:
    """Verify units; without any, every unit of the repository and every orphan.

    Raises ``bad-config`` when there is no unit at all.
    """
    left = [] if units else orphans(site.estate, site.stores.ledger)
    beside = {orphan.unit: orphan for orphan in left if in_repository(site, orphan.unit)}
    alone = [orphan.unit for orphan in left if orphan.unit not in beside]
    chosen = units or [*site.estate.units, *alone]
    if not chosen:
        raise nothing_there()
    proofs = side_by_side(site, "Verifying", chosen, lambda unit: verify_unit(site, unit))
    for proof in proofs:
        if proof.unit in beside:
            proof.wrong.append(sentence(site, beside[proof.unit]))
    return proofs


def verify_unit(site: Site, unit: UnitId) -> Proof:
    """All four checks of a unit; a damaged ledger is a difference like any other."""
    proof = Proof(unit)
    entry = _ledger(site, unit, proof)
    if entry is None or not in_repository(site, unit) or not _planned(entry):
        return proof
    try:
        planned = make_plan(site, unit, read_only=True, unless_empty=True)
    except Failure as error:
        if error.reason in ("no-credentials", "unreachable", "interrupted"):
            raise
        proof.wrong.append(f"it cannot be planned: {error}")
        return proof
    if planned.plan is None:
        proof.held.append("a fresh plan is empty")
    else:
        _plan(planned.plan, planned.secrets, proof)
    proof.wrong += [one.sentence for one in lost(site, unit)]
    if site.stack(unit).config.rollout is not None:
        _tasks(site, unit, proof)
    return proof


def _planned(entry: ledger.Entry) -> bool:
    """Whether the unit should be there: a fresh plan of anything else says nothing."""
    return entry.status in (Status.APPLYING, Status.DEPLOYED, Status.HELD)


def _ledger(site: Site, unit: UnitId, proof: Proof) -> ledger.Entry | None:
    try:
        chain = ledger.read_chain(site.stores.ledger, unit)
    except Failure as error:
        if error.reason != "ledger-damaged":
            raise
        proof.stuck = True
        proof.wrong += [str(problem) for problem in error.problems]
        return None
    if not chain:
        proof.wrong.append("it was never deployed")
        return None
    last = chain[-1]
    proof.held.append(f"ledger: {len(chain)} entries, unbroken")
    if not in_repository(site, unit):
        _without_files(site, unit, last, proof)
    elif last.status is Status.HELD:
        told = left_so(last, site.estate.digest(unit))
        proof.stuck = bool(told)
        proof.wrong.append(told or f"it is held since {last.commit[:10]}: {last.reason}")
    elif last.status is Status.DESTROYING:
        proof.stuck = True
        proof.wrong.append(
            f"{ledger.open_end(last)}; go on with it: `pipeline destroy {unit} --confirm {unit}`"
        )
    elif ledger.open_end(last):
        proof.wrong.append(ledger.open_end(last))
    elif last.status is Status.DESTROYED:
        told = f"it was destroyed at {last.time:%Y-%m-%d %H:%M} UTC"
        if ledger.pending(last, site.estate.digest(unit)):
            proof.wrong.append(f"{told}, and its files changed since")
        else:
            proof.held.append(told)
    elif last.status is Status.FORGOTTEN:
        proof.wrong.append(ledger.pending(last, site.estate.digest(unit)))
    elif last.digest != site.estate.digest(unit):
        proof.wrong.append(
            f"the last deployment is of commit {last.commit[:10]}; the files differ since"
        )
    else:
        proof.held.append(f"digest {last.digest[:12]} of commit {last.commit[:10]} is deployed")
    return last


def _without_files(site: Site, unit: UnitId, last: ledger.Entry, proof: Proof) -> None:
    if ledger.standing(last):
        proof.stuck = True
        proof.wrong.append(sentence(site, Orphan(unit, last)))
    else:
        proof.held.append(f"it was {last.status} at {last.time:%Y-%m-%d %H:%M} UTC")


def _plan(plan: Plan, secrets: frozenset[str], proof: Proof) -> None:
    report = plan_report(plan, "", secrets)
    drifted = {change.address for change in report.drift}
    proof.drift = report.drift
    for change in report.changes:
        told = "drifted" if change.address in drifted else "differs"
        leaves = "; ".join(map(in_a_line, ordered(change.leaves)[:10]))
        said = f"{change.address} {told}: a deploy would {change.action} it"
        said += f" ({leaves})" if leaves else ""
        proof.wrong.append(said)
        proof.planned[said] = change
    if not report.changes:
        # what changed outside is not what the configuration decides: told, no difference
        proof.held.append("a fresh plan is empty")


def _tasks(site: Site, unit: UnitId, proof: Proof) -> None:
    try:
        facts = service_facts(site, unit)
    except Failure as error:
        proof.wrong.append(str(error))
        return
    service = read_service(site.aws, facts["cluster"], facts["service"])
    if service is None or service.primary is None:
        proof.wrong.append(f"the service {facts['service']} is gone")
        return
    primary = service.primary.task_definition
    image = site.image() if site.stack(unit).config.takes_image else ""
    if image and image not in images_of(site.aws, primary):
        proof.wrong.append(f"the service runs {short(primary)}, which is not of image {image}")
        return
    counts = running_revisions(site.aws, service)
    others = {short(arn): n for arn, n in counts.items() if arn != primary}
    if others:
        told = ", ".join(f"{n} of {arn}" for arn, n in sorted(others.items()))
        proof.wrong.append(f"tasks of other revisions run: {told}")
    elif counts.get(primary, 0) < service.primary.desired or not counts:
        proof.wrong.append(
            f"{counts.get(primary, 0)} of {service.primary.desired} tasks of {short(primary)} run"
        )
    else:
        proof.held.append(f"{counts[primary]} tasks run {short(primary)} {image}".rstrip())
