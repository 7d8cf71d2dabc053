"""``pipeline cost``: what planned units cost a month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit

if TYPE_CHECKING:
    from pipeline.results import CostReport


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units that were planned: stack/workspace.")],
    monthly: Annotated[
        bool, typer.Option("--monthly", help="Show each line of the month after the plan.")
    ] = False,
) -> Exit:
    """Monthly cost before and after; exit 1 when a budget is exceeded.

    A plan holds the whole unit, changed or not: with --monthly every priced line is shown, by
    service, at low and at typical usage (usage.toml of the stack).
    """
    from pipeline.cli.units import parse_units
    from pipeline.usecases.cost import cost_units

    reports = cost_units(here.root, here.work, parse_units(units))
    rows = []
    for report in reports:
        if monthly:
            _month(here, report)
        budget = "none" if report.budget is None else f"{report.budget:.2f}"
        rows.append(
            (
                report.unit,
                f"{report.before:.2f}",
                f"{report.after:.2f}",
                f"{report.delta:+.2f}",
                budget,
                str(len(report.unpriced)),
            )
        )
        for address in report.unpriced:
            here.out.say(f"{report.unit}: no price is known for {address}; it is not in the sum.")
        if report.over_budget:
            text = f"{report.unit} would cost ${report.after:.2f} a month; its budget is ${budget}."
            here.out.say(text)
            here.out.annotate("error", text, f"terraform/envs/{report.unit_id.stack}/stack.toml")
    columns = ("unit", "before", "after", "change", "budget", "unpriced")
    here.out.table("US dollars a month", columns, rows)
    here.out.emit({"units": [report.model_dump(mode="json") for report in reports]})
    return Exit.FOUND if any(r.over_budget or r.error for r in reports) else Exit.OK


def _month(here: Here, report: CostReport) -> None:
    columns = ("service", "resource", "price", "assumption", "low", "typical")
    here.out.table(f"{report.unit}: US dollars a month", columns, list(_lines(report)))


def _lines(report: CostReport) -> Iterable[tuple[str, ...]]:
    known = [line for line in report.lines if line.service]
    for line in sorted(known, key=lambda line: (line.service, -(line.after or 0))):
        # what is at 0 says only that something is counted elsewhere
        if line.after is None or line.after or line.low:
            money = [f"{m:.2f}" if m is not None else "?" for m in (line.low, line.after)]
            yield (line.service, line.address, line.what, line.assumption, *money)
    yield ("all", "", "", "", f"{report.low:.2f}", f"{report.after:.2f}")
