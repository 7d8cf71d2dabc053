"""Destroy a unit: confirmed, unprotected, its plan reviewed by a second person, backed up.

Nothing is changed before all of that holds and the state is free. The ledger says "destroying"
before the first change, so a destruction that stops half-way is told until the next one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.adapters.aws.ecs import deregister, is_revision
from pipeline.adapters.aws.tags import Leftover, leftovers
from pipeline.adapters.github import run_url
from pipeline.config import find_line
from pipeline.domain import ledger
from pipeline.domain.ledger import Entry, Evidence, Status
from pipeline.domain.model import Action, UnitId
from pipeline.domain.nested import parse_json
from pipeline.errors import Failure, Problem, failure
from pipeline.results import PlanReport, plan_report, write
from pipeline.usecases.announce import announced, await_turn
from pipeline.usecases.apply import run_apply
from pipeline.usecases.backups import Backup, Doomed, back_up
from pipeline.usecases.behind import not_behind, not_over
from pipeline.usecases.committed import as_committed
from pipeline.usecases.destroy_review import hold_against, record_destroy, second_person
from pipeline.usecases.journal import tell_lost
from pipeline.usecases.located import located
from pipeline.usecases.orphans import retired
from pipeline.usecases.plan import Planned, make_plan, without_secrets
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import explain, locked, unmark


@dataclass(slots=True)
class Destroyed:
    """What a destroy did, or would do; ``record`` is the id of what a second person has to name."""

    unit: UnitId
    environment: str
    report: PlanReport
    record: str = ""
    applied: bool = False
    backups: list[str] = field(default_factory=list)
    left: list[Leftover] = field(default_factory=list)

    @property
    def problems(self) -> list[Leftover]:
        """Leftovers that do not go by themselves."""
        return [item for item in self.left if not item.leaving]


@dataclass(frozen=True, slots=True)
class _Doom:
    """One destruction. ``site`` is the checkout, ``there`` has the unit's files under ``name``."""

    site: Site
    unit: UnitId
    there: Site
    name: UnitId

    @property
    def orphan(self) -> bool:
        return self.there is not self.site

    def entry(self, status: Status, evidence: Evidence) -> Entry:
        """An entry about it. An orphan has no files, so any that come back have changed."""
        return Entry(
            unit=str(self.name),
            status=status,
            commit=self.site.commit,
            digest="" if self.orphan else self.site.estate.digest(self.unit),
            time=datetime.now(UTC),
            evidence=evidence,
            run_url=run_url(self.site.environ),
        )


def destroy(
    site: Site,
    unit: UnitId,
    confirm: str,
    *,
    reviewed: str = "",
    plan_only: bool = False,
    backups: bool = True,
) -> Destroyed:
    """Destroy the unit as the record ``reviewed`` says; without one, plan it and leave a record.

    Works on an orphan from the commit that was last applied. ``plan_only`` changes nothing either
    way. Raises ``confirmation``, ``protected``, ``superseded``, ``locked`` or ``not-covered``
    before anything is changed.
    """
    if confirm != str(unit):
        raise failure(
            "confirmation",
            f"The confirmation {confirm!r} is not {str(unit)!r}.",
            remedy="Type the unit's name exactly; nothing was changed.",
        )
    with located(site, unit) as (there, name):
        doom = _Doom(site, unit, there, name)
        allowed(doom)
        acts = bool(reviewed) and not plan_only
        reader = there.stores.ledger
        chain = ledger.read_chain(reader, name) if plan_only else await_turn(there, name)
        not_behind(site, unit, chain)
        if acts and not doom.orphan:
            as_committed(site, unit)
        planned = make_plan(there, name, destroy=True, read_only=not acts, keep=acts)
        try:
            return _as_planned(doom, chain, planned, reviewed, plan_only=plan_only, backups=backups)
        except Failure as error:
            raise without_secrets(error, planned) from error
        finally:
            there.terraform(name).drop_plan()


def _as_planned(
    doom: _Doom,
    chain: Sequence[Entry],
    planned: Planned,
    reviewed: str,
    *,
    plan_only: bool,
    backups: bool,
) -> Destroyed:
    there, name, plan = doom.there, doom.name, planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    report = plan_report(plan, there.estate.digest(name), planned.secrets)
    write(there.work, report, planned.secrets)
    environment = there.stack(name).config.environment(name.workspace)
    done = Destroyed(doom.unit, environment, report)
    last = chain[-1] if chain else None
    if plan.empty and last is not None and _released(doom, last):
        # of that commit, and with the evidence of that
        if not plan_only:
            done.applied = True
            _close(doom, chain, replace(last, status=Status.DESTROYED))
            done.left = _left(there, name)
        return done
    if not reviewed:
        done.record = record_destroy(there, name, plan).id
        return done
    record = hold_against(there, name, plan, reviewed)
    if last is None or (last.status, last.evidence.record) != (Status.DESTROYING, reviewed):
        not_over(record, name, chain)
    if plan_only:
        return done
    evidence = second_person(doom.site, record)
    tell_lost(there, name)
    # first, since a backup that fails has changed nothing, and is no destruction begun
    taken = back_up(there, name, _doomed(there, name, planned), keep=backups)
    done.backups = taken.taken
    if explain(there, name) is not None:  # backups may take long
        raise locked(there, name)
    entry = doom.entry(Status.DESTROYING, evidence)
    with announced(there, name, chain, entry) as told:
        _carry_out(doom, taken, backups)
    done.applied = True
    _close(doom, [*chain, told], replace(entry, status=Status.DESTROYED))
    done.left = _left(there, name)
    return done


def _left(there: Site, name: UnitId) -> list[Leftover]:
    """What the unit's tags still name, after its task definitions' revisions are put away.

    Terraform leaves those registered, so that a rollback finds the one of before.
    """
    found = leftovers(there.aws, name)
    revisions = [item.arn for item in found if is_revision(item.arn) and not item.leaving]
    if not revisions:
        return found
    deregister(there.aws, revisions)
    return leftovers(there.aws, name)


def _released(doom: _Doom, last: Entry) -> bool:
    """Whether what a second person released has ended: begun then, or done with the same files."""
    same = last.digest == doom.entry(Status.DESTROYED, last.evidence).digest
    return last.status is Status.DESTROYING or (last.status is Status.DESTROYED and same)


def _carry_out(doom: _Doom, taken: Backup, backups: bool) -> None:
    """Empty the buckets, destroy. The state was free a moment ago."""
    there, name = doom.there, doom.name
    taken.empty(there)
    try:
        run_apply(there, name)
    except Failure as error:
        if not any(taken.found.values()):
            raise
        kept = (
            f"What was taken out of its buckets comes back by `pipeline restore {doom.unit}`."
            if backups
            else "Its buckets were emptied without a backup, as --no-backup asked for."
        )
        raise Failure(error.reason, *error.problems, Problem(kept)) from error


def _close(doom: _Doom, chain: Sequence[Entry], entry: Entry) -> None:
    """Write that it is destroyed, unless the ledger says so of the same files."""
    last = chain[-1] if chain else None
    if last is None or (last.status, last.digest) != (entry.status, entry.digest):
        serial = doom.there.state(doom.name).serial()
        entry = replace(entry, time=datetime.now(UTC), serial=serial)
        doom.there.stores.ledger.append(chain, entry)
    unmark(doom.there, doom.name)


def allowed(doom: _Doom) -> None:
    """Raise ``protected`` when the unit may not be destroyed; needs no Terraform.

    An orphan is as protected as it was when it was last applied, unless a reviewed
    ``[[tool.pipeline.retired]]`` entry lifts that.
    """
    there, name = doom.there, doom.name
    stack = there.stack(name)
    lifted = doom.orphan and getattr(retired(doom.site.settings, doom.unit), "action", "") == (
        "unprotect"
    )
    if stack.config.protected(name.workspace) and not lifted:
        path = f"{stack.folder}/stack.toml"
        text = (there.estate.tree.read(path) or b"").decode(errors="replace")
        line = find_line(text, ("workspace", name.workspace, "protected"))
        remedy = "Lift the protection by a merged change first; nothing was changed."
        if doom.orphan:
            remedy = (
                f'Merge a [[tool.pipeline.retired]] entry with unit = "{doom.unit}", action = '
                '"unprotect" and a why first; nothing was changed.'
            )
        where = f"{path}:{line}" + (f" of {there.commit[:10]}" if doom.orphan else "")
        raise failure("protected", f"{doom.unit} is protected.", where, remedy)
    standing = [u for u in _dependents(doom) if _stands(there, u)]
    if standing:
        raise Failure(
            "protected",
            *(Problem(f"{u} depends on {doom.unit} and still stands.", str(u)) for u in standing),
            Problem("Destroy these first; nothing was changed."),
        )


def _dependents(doom: _Doom) -> list[UnitId]:
    """Units that depend on it, by the files with which it was applied and by those of now."""
    found: dict[UnitId, None] = {}
    sites = [doom.there] if doom.there is doom.site else [doom.there, doom.site]
    for site in sites:
        for stack in site.estate.stacks.values():
            if doom.name.stack in stack.config.depends_on:
                found |= dict.fromkeys(
                    u
                    for u in stack.units
                    if u.workspace == doom.name.workspace
                    or doom.name.workspace not in stack.workspaces
                )
    return list(found)


def _stands(site: Site, unit: UnitId) -> bool:
    return ledger.standing(ledger.head(site.stores.ledger, unit))


def _doomed(site: Site, unit: UnitId, planned: Planned) -> Doomed:
    """Type and last values of every resource that will be deleted."""
    assert planned.plan is not None  # noqa: S101 - make_plan raises instead
    wanted = {c.address for c in planned.plan.changes if c.action is Action.DELETE}
    document = parse_json((site.private(unit) / "plan.json").read_text())
    return [
        (item["type"], item["change"]["before"] or {})
        for item in document.get("resource_changes", [])
        if item["address"] in wanted
    ]
