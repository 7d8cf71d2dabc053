"""Units that a pull request takes out of the repository while something of them may run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.errors import Failure
from pipeline.settings import RetiredConfig, StackConfig
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Removed:
    """A unit that is gone from the files: what keeps the pull request back, or what to know."""

    unit: UnitId
    reason: str = ""
    note: str = ""


def renamed_away(after: Estate[StackConfig]) -> frozenset[UnitId]:
    """Old names under which a renamed stack goes on."""
    return frozenset(
        UnitId(stack.config.renamed_from, workspace)
        for stack in after.stacks.values()
        if stack.config.renamed_from
        for workspace in stack.workspaces
    )


def removed(
    site: Site, gone: Sequence[UnitId], after: Estate[StackConfig], retired: Iterable[RetiredConfig]
) -> list[Removed]:
    """What the ledger says of each unit that is gone. Raises what AWS answers."""
    given_up = {entry.unit: entry for entry in retired}
    renamed = renamed_away(after)
    return [
        Removed(unit, note=f"{unit} goes on under its stack's new name.")
        if unit in renamed
        else _judged(site, unit, given_up.get(str(unit)))
        for unit in gone
    ]


def _judged(site: Site, unit: UnitId, retired: RetiredConfig | None) -> Removed:
    try:
        entry = ledger.head(site.stores.ledger, unit)
    except Failure as error:
        if error.reason != "ledger-damaged":
            raise
        return Removed(unit, f"the ledger of the removed unit {unit} is damaged: {error}")
    if not ledger.standing(entry):
        state = entry.status.value if entry else "never deployed"
        return Removed(unit, note=f"{unit} is removed from the repository; it is {state}.")
    if retired is not None:
        return Removed(unit, note=_retired(unit, retired))
    return Removed(
        unit,
        f"{unit} is removed from the repository but still deployed: destroy it first, "
        f"or retire it in [tool.pipeline]",
    )


def _retired(unit: UnitId, retired: RetiredConfig) -> str:
    why = retired.why.rstrip(".")
    if retired.action == "forget":
        return f"{unit} is forgotten; what it deployed goes on running unwatched. Why: {why}."
    return f"{unit} is no longer protected: `pipeline destroy {unit}` takes it away. Why: {why}."
