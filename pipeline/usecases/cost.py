"""The monthly cost of planned units, and whether it stays within their budgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.adapters.git import GitTree, snapshot
from pipeline.config import StackConfig, load_estate
from pipeline.domain.cost import PriceTable, check_usage, estimate, read_prices
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.results import CostLineReport, CostReport, PlanReport, path_of, read, write


def price_table() -> PriceTable:
    """The table in the pipeline's own folder: a pull request cannot change it for itself."""
    return read_prices((files("pipeline") / "data" / "prices.toml").read_text(encoding="utf-8"))


def cost_units(root: Path, work: Path, units: Sequence[UnitId]) -> list[CostReport]:
    """Estimate planned units, write and return their reports. Raises ``bad-config``, ``usage``."""
    table = price_table()
    estate = load_estate(GitTree(root, snapshot(root)))
    reports = []
    for unit in units:
        config: StackConfig = estate.stack(unit).config
        check_usage(config.usage, f"terraform/envs/{unit.stack}/stack.toml")
        plan = read(path_of(work, PlanReport, unit), PlanReport)
        report = CostReport(
            unit=str(unit),
            error=plan.error,
            budget=config.budget(unit.workspace),
            prices_dated=table.dated.isoformat(),
        )
        if not plan.error:
            found = estimate(_plan(work, unit), config.usage, table)
            report = report.model_copy(
                update={
                    "before": round(found.before, 2),
                    "after": round(found.after, 2),
                    "lines": [CostLineReport.of(line) for line in found.lines],
                    "unpriced": list(found.unpriced),
                    "free": dict(found.free),
                }
            )
        reports.append(read(write(work, report), CostReport))  # without secrets
    return reports


def _plan(work: Path, unit: UnitId) -> dict[str, Any]:
    file = work / "private" / unit.slug / "plan.json"
    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        raise failure(
            "usage",
            "There is no readable plan of this unit.",
            where=str(unit),
            remedy="Run `pipeline plan` for it first.",
        ) from None
    return document
