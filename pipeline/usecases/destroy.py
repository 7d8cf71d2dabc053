"""Destroy a unit: confirmed, unprotected, nothing depends on it, backed up; then what is left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.adapters.aws import backup
from pipeline.adapters.aws.tags import Leftover, leftovers
from pipeline.adapters.github import run_url
from pipeline.config import find_line
from pipeline.domain import ledger
from pipeline.domain.model import Action, UnitId
from pipeline.errors import Failure, Problem, failure
from pipeline.results import PlanReport, plan_report, write
from pipeline.usecases.behind import not_behind
from pipeline.usecases.plan import Planned, make_plan, without_secrets
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import await_lock, locked, marked


@dataclass(slots=True)
class Destroyed:
    """What a destroy did (or, plan only, would do)."""

    unit: UnitId
    report: PlanReport
    applied: bool = False
    backups: list[str] = field(default_factory=list)
    left: list[Leftover] = field(default_factory=list)

    @property
    def problems(self) -> list[Leftover]:
        """Leftovers that do not go by themselves."""
        return [item for item in self.left if not item.leaving]


def destroy(
    site: Site, unit: UnitId, confirm: str, *, plan_only: bool = False, backups: bool = True
) -> Destroyed:
    """Destroy the unit; the ledger's entry keeps it away until its files change.

    Raises ``confirmation``, ``protected``, ``superseded`` or ``locked`` before anything.
    """
    allowed(site, unit, confirm)
    chain = ledger.read_chain(site.stores.ledger, unit)
    not_behind(site, unit, chain)
    if not plan_only:
        await_lock(site, unit)
    planned = make_plan(site, unit, destroy=True, read_only=plan_only, keep=not plan_only)
    assert planned.plan is not None  # noqa: S101 - make_plan raises instead
    report = plan_report(planned.plan, site.estate.digest(unit), planned.secrets)
    write(site.work, report, planned.secrets)
    done = Destroyed(unit, report)
    if plan_only:
        return done
    terraform = site.terraform(unit)
    try:
        doomed = _doomed(site, unit, planned)
        done.backups = _secure(site, unit, doomed, backups)
        with marked(site, unit):
            terraform.apply()
    except Failure as error:
        told = locked(site, unit) if error.reason == "locked" else error
        raise without_secrets(told, planned) from error
    finally:
        terraform.drop_plan()
    done.applied = True
    entry = _entry(site, unit)
    if not chain or (chain[-1].status, chain[-1].digest) != (entry.status, entry.digest):
        site.stores.ledger.append(chain, entry)
    done.left = leftovers(site.aws, unit)
    return done


def allowed(site: Site, unit: UnitId, confirm: str) -> None:
    """Raise when the unit may not be destroyed; needs no Terraform."""
    stack = site.stack(unit)
    if confirm != str(unit):
        raise failure(
            "confirmation",
            f"The confirmation {confirm!r} is not {str(unit)!r}.",
            remedy="Type the unit's name exactly; nothing was changed.",
        )
    if stack.config.protected(unit.workspace):
        path = f"{stack.folder}/stack.toml"
        text = (site.estate.tree.read(path) or b"").decode(errors="replace")
        line = find_line(text, ("workspace", unit.workspace, "protected"))
        raise failure(
            "protected",
            f"{unit} is protected.",
            f"{path}:{line}",
            "Lift the protection by a merged change first; nothing was changed.",
        )
    standing = [u for u in _dependents(site, unit) if _stands(site, u)]
    if standing:
        raise Failure(
            "protected",
            *(Problem(f"{u} depends on {unit} and still stands.", str(u)) for u in standing),
            Problem("Destroy these first; nothing was changed."),
        )


def _dependents(site: Site, unit: UnitId) -> list[UnitId]:
    found: list[UnitId] = []
    for stack in site.estate.stacks.values():
        if unit.stack in stack.config.depends_on:
            found += [
                u
                for u in stack.units
                if u.workspace == unit.workspace or unit.workspace not in stack.workspaces
            ]
    return found


def _stands(site: Site, unit: UnitId) -> bool:
    last = ledger.head(site.stores.ledger, unit)
    return last is not None and last.status is not ledger.Status.DESTROYED


def _doomed(site: Site, unit: UnitId, planned: Planned) -> list[tuple[str, dict[str, Any]]]:
    """Type and last values of every resource that will be deleted."""
    assert planned.plan is not None  # noqa: S101 - make_plan raises instead
    wanted = {c.address for c in planned.plan.changes if c.action is Action.DELETE}
    document = json.loads((site.private(unit) / "plan.json").read_text())
    return [
        (item["type"], item["change"]["before"] or {})
        for item in document.get("resource_changes", [])
        if item["address"] in wanted
    ]


def _secure(
    site: Site, unit: UnitId, doomed: list[tuple[str, dict[str, Any]]], backups: bool
) -> list[str]:
    """Back up what holds data, then empty the buckets, which AWS deletes only when empty."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = site.stores.names.state_bucket
    prefix = f"errored/backups/{unit.workspace}/{unit.stack}/{stamp}"
    taken: list[str] = []
    for kind, values in doomed:
        if kind == "aws_s3_bucket":
            bucket = str(values["bucket"])
            if backups:
                count = backup.copy_versions(site.aws, bucket, target, prefix)
                taken.append(f"{count} object versions of {bucket} in s3://{target}/{prefix}/")
            backup.empty(site.aws, bucket)
        elif kind == "aws_ebs_volume" and backups:
            snapshot = backup.snapshot_volume(site.aws, str(values["id"]), str(unit))
            taken.append(f"snapshot {snapshot} of volume {values['id']}")
        elif kind == "aws_db_instance" and backups:
            name = f"{values['identifier']}-{stamp}"
            backup.snapshot_database(site.aws, str(values["identifier"]), name, str(unit))
            taken.append(f"snapshot {name} of database {values['identifier']}")
    return taken


def _entry(site: Site, unit: UnitId) -> ledger.Entry:
    return ledger.Entry(
        unit=str(unit),
        status=ledger.Status.DESTROYED,
        commit=site.commit,
        digest=site.estate.digest(unit),
        time=datetime.now(UTC),
        run_url=run_url(site.environ),
    )
