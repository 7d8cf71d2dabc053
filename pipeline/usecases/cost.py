"""The monthly cost of planned units, and whether it stays within their budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.adapters.git import GitTree, snapshot
from pipeline.config import load_estate
from pipeline.domain.cost import estimate
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_json
from pipeline.domain.prices import PriceTable
from pipeline.errors import failure
from pipeline.results import CostLineReport, CostReport, PlanReport, path_of, read, write
from pipeline.settings import StackConfig
from pipeline.usecases.prices import price_table


def cost_units(root: Path, work: Path, units: Sequence[UnitId]) -> list[CostReport]:
    """Estimate planned units, write and return their reports. Raises ``bad-config``, ``usage``."""
    table = price_table()
    estate = load_estate(GitTree(root, snapshot(root)))
    reports = []
    for unit in units:
        config: StackConfig = estate.stack(unit).config
        plan = read(path_of(work, PlanReport, unit), PlanReport)
        if plan.error:
            report = CostReport(
                unit=str(unit), error=plan.error, budget=config.budget(unit.workspace)
            )
        else:
            report = cost_of(unit, _plan(work, unit), config, table)
        reports.append(read(write(work, report), CostReport))  # without secrets
    return reports


def cost_of(
    unit: UnitId, plan: Mapping[str, Any], config: StackConfig, table: PriceTable
) -> CostReport:
    """The report on one plan (``terraform show -json``)."""
    found = estimate(plan, config.assumed(unit.workspace), table)
    return CostReport(
        unit=str(unit),
        budget=config.budget(unit.workspace),
        prices_dated=table.dated.isoformat(),
        before=round(found.before, 2),
        after=round(found.after, 2),
        low=round(found.low, 2),
        lines=[CostLineReport.of(line) for line in found.lines],
        unpriced=list(found.unpriced),
        free=dict(found.free),
    )


def _plan(work: Path, unit: UnitId) -> dict[str, Any]:
    file = work / "private" / unit.slug / "plan.json"
    try:
        document: dict[str, Any] = parse_json(file.read_bytes())
    except (OSError, ValueError):
        raise failure(
            "usage",
            "There is no readable plan of this unit.",
            where=str(unit),
            remedy="Run `pipeline plan` for it first.",
        ) from None
    return document
