"""The cost reports of the estate, from plans against the local AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.domain.model import UnitId
from pipeline.results import CostReport
from pipeline.usecases.cost import cost_of
from pipeline.usecases.estates import working_estate
from pipeline.usecases.prices import price_table
from tests.terraform.stacks import ROOT, Stack

UNITS = tuple(
    UnitId.parse(text)
    for text in (
        "account/shared",
        "knowledgeweaver/dev",
        "knowledgeweaver/staging",
        "knowledgeweaver/prod",
    )
)
Plan = Mapping[str, Any]


def reports(plan: Callable[[UnitId], Plan]) -> dict[str, CostReport]:
    """What each unit costs, by its workspace."""
    estate, table = working_estate(ROOT), price_table()
    return {
        unit.workspace: cost_of(unit, plan(unit), estate.stack(unit).config, table)
        for unit in UNITS
    }


def plan_with(url: str, folder: Path) -> Callable[[UnitId], Plan]:
    """Plans units that are not there yet; ``folder`` is for Terraform's working files."""

    def plan(unit: UnitId) -> Plan:
        stack = Stack(unit.stack, unit.workspace, url, folder / unit.slug)
        stack.data.mkdir(parents=True)
        stack.init()
        return stack.plan()

    return plan
