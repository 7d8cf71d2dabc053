"""``pipeline cost``: what planned units cost a month."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units that were planned: stack/workspace.")],
) -> Exit:
    """Monthly cost before and after; exit 1 when a budget is exceeded."""
    from pipeline.cli.units import parse_units
    from pipeline.usecases.cost import cost_units

    reports = cost_units(here.root, here.work, parse_units(units))
    rows = []
    for report in reports:
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
