"""Plan units: guard, init, plan, parse; a redacted report and the private JSON for the checks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipeline.adapters.terraform import Terraform
from pipeline.domain.exact import loads
from pipeline.domain.file_arguments import Reading
from pipeline.domain.model import Place, Plan, UnitId
from pipeline.domain.nested import parse_json
from pipeline.domain.plan import parse_plan
from pipeline.domain.secrets import known_from_environment, known_from_plan, scrub
from pipeline.errors import Failure, failure
from pipeline.results import failed_plan, plan_report, write
from pipeline.usecases.guarding import judge_plan
from pipeline.usecases.side_by_side import side_by_side
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Planned:
    """A unit's plan, or why there is none; ``secrets`` are the values to keep out of sight.

    Neither a plan nor a failure: an empty plan that was not asked for. ``document`` is the plan as
    Terraform's JSON output format describes it.
    """

    unit: UnitId
    plan: Plan | None
    failure: Failure | None = None
    secrets: frozenset[str] = frozenset()
    document: dict[str, Any] = field(default_factory=dict)


def plan_units(site: Site, units: list[UnitId], *, destroy: bool = False) -> list[Planned]:
    """Plan every unit; a failure of one does not stop the others.

    Exceptions are what concerns all: no credentials, an unreachable endpoint, an interrupt.
    """
    for unit in units:
        site.stack(unit)
    return side_by_side(site, "Planning", units, lambda unit: _one(site, unit, destroy))


def _one(site: Site, unit: UnitId, destroy: bool) -> Planned:
    digest = site.estate.digest(unit)
    try:
        planned = make_plan(site, unit, destroy=destroy, read_only=True)
    except Failure as error:
        if error.reason in ("no-credentials", "unreachable", "interrupted"):
            raise
        write(site.work, failed_plan(unit, error, digest))
        return Planned(unit, None, error)
    assert planned.plan is not None  # noqa: S101 - make_plan raises instead
    report = plan_report(planned.plan, digest, planned.secrets)
    told = {"never_equal": never_equal(site, unit)}
    write(site.work, report.model_copy(update=told), planned.secrets)
    return planned


def never_equal(site: Site, unit: UnitId) -> list[str]:
    """What of the unit's files differs at every plan, each with its place."""
    return [f"{name} at {file}:{line}" for file, line, name in site.estate.never_equal(unit)]


def make_plan(
    site: Site,
    unit: UnitId,
    *,
    destroy: bool = False,
    read_only: bool = False,
    keep: bool = False,
    unless_empty: bool = False,
) -> Planned:
    """Make and parse one plan. The plan file is dropped unless it is kept to be applied.

    ``read_only``: a state that is not there yet is not created either (see ``Terraform``).
    ``unless_empty``: a plan without changes and drift is not read, which takes seconds.
    """
    site.judged(unit)
    scratch = read_only and not site.state(unit).exists()
    terraform = site.terraform(unit, scratch=scratch)
    terraform.init()
    differs = terraform.plan(destroy=destroy)
    if unless_empty and not differs:
        terraform.drop_plan()
        return Planned(unit, None)
    try:
        head = terraform.planned_state()
        text = terraform.show()
        document = _document(unit, text)
        judge_plan(document, _reading(site, unit, terraform), unit, site.allowance(unit))
    except BaseException:
        terraform.drop_plan()
        raise
    finally:
        if not keep:
            terraform.drop_plan()
    _keep(site, unit, "plan.json", text)
    names = site.stores.names
    place = Place(names.account, names.region, terraform.modules_digest())
    made_from = {"serial": head.serial, "lineage": head.lineage, "place": asdict(place)}
    _keep(site, unit, "state.json", json.dumps(made_from))
    secrets = known_from_plan(document) | known_from_environment(site.environ)
    plan = parse_plan(document, unit, head.serial, head.lineage, place=place)
    plan = replace(plan, warnings=(*plan.warnings, *terraform.warned))
    return Planned(unit, plan, secrets=frozenset(secrets), document=document)


def without_secrets(error: Failure, planned: Planned) -> Failure:
    """The failure as it may be told: what AWS refuses, it repeats, values included."""
    known = planned.secrets
    told = (
        replace(p, sentence=scrub(p.sentence, known)[0], remedy=scrub(p.remedy, known)[0])
        for p in error.problems
    )
    return Failure(error.reason, *told)


def read_plan(site: Site, unit: UnitId) -> Plan:
    """The plan that an earlier step of this job left in the private folder."""
    folder = site.private(unit)
    try:
        document = loads((folder / "plan.json").read_text())
        state = parse_json((folder / "state.json").read_text())
    except OSError as error:
        raise failure(
            "usage", f"There is no plan of {unit}.", remedy=f"Run `pipeline plan {unit}` first."
        ) from error
    return parse_plan(
        document, unit, state["serial"], state["lineage"], place=Place(**state["place"])
    )


def _reading(site: Site, unit: UnitId, terraform: Terraform) -> Reading:
    stack = site.stack(unit)
    roots = (site.root, site.root.resolve(), terraform.base)
    inputs = frozenset(site.estate.inputs(unit))
    return Reading(site.estate.tree, stack.folder, inputs, tuple(map(str, roots)),
                   (str(terraform.data_dir / "modules"),))  # fmt: skip


def _document(unit: UnitId, text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = loads(text)
    except ValueError as error:
        raise failure(
            "bad-hcl",
            f"The plan cannot be read: it is {error}.",
            str(unit),
            "Write the values that nest so deeply as text, or split the modules.",
        ) from None
    return document


def _keep(site: Site, unit: UnitId, name: str, text: str) -> None:
    file = site.private(unit) / name
    file.touch(mode=0o600)
    file.write_text(text)
