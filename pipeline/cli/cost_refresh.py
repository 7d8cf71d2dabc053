"""``pipeline cost refresh``: the price table, read anew from the AWS Price List."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    table: Annotated[
        Path | None, typer.Option(help="The table to rewrite; default: the pipeline's own.")
    ] = None,
) -> Exit:
    """Ask AWS for every price and rewrite the table; exit 1 when a price could not be found.

    Needs credentials that may call pricing:GetProducts. Prices that are not in the list stay.
    """
    from datetime import UTC, datetime

    from pipeline.usecases.prices import TABLE, refresh

    file = table or TABLE
    results = refresh(file, datetime.now(UTC).date())
    changed = [r for r in results if r.after.usd != r.before.usd]
    rows = [
        (
            r.key,
            f"{r.before.usd:g}",
            f"{r.after.usd:g}",
            f"{(r.after.usd / r.before.usd - 1) * 100:+.1f} %",
            r.after.unit,
        )
        for r in changed
    ]
    here.out.table("Prices that changed", ("price", "was", "is", "change", "per"), rows)
    failed = [r for r in results if r.problem]
    for r in failed:
        text = f"{r.key} keeps {r.before.usd:g}: {r.problem}."
        here.out.say(text)
        here.out.annotate("warning", text, str(file))
    same = len(results) - len(changed) - len(failed)
    here.out.say(f"{len(changed)} changed, {same} are the same, {len(failed)} not found: {file}.")
    here.out.emit(
        {
            "table": str(file),
            "prices": [
                {"price": r.key, "was": r.before.usd, "is": r.after.usd, "problem": r.problem}
                for r in results
            ],
        }
    )
    return Exit.FOUND if failed else Exit.OK
