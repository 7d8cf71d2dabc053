"""The price table and how it is made current."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

from pipeline.adapters.aws.pricing import PriceList
from pipeline.domain.prices import (
    PriceTable,
    Refreshed,
    compare,
    read_prices,
    renew,
    write_prices,
)
from pipeline.errors import failure

#: In the pipeline's own folder: a pull request cannot change it for itself.
TABLE = Path(__file__).parents[1] / "data" / "prices.toml"


def price_table(file: Path = TABLE) -> PriceTable:
    """The prices that everything is counted with. Raises ``bad-config`` for a damaged table."""
    try:
        return read_prices(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise failure(
            "bad-config", f"The price table cannot be read: {error}.", str(file)
        ) from None


def refresh(file: Path, today: date) -> list[Refreshed]:
    """Ask AWS for every price that names an offer, and put a new table in place of the old one.

    Nothing is written unless every question was answered, and then in one step: whoever reads
    meanwhile sees the old table or the new one. A question that finds no price, or several,
    leaves its line as it was. Raises bad-config, no-credentials, unreachable, aws.
    """
    table = price_table(file)
    prices = PriceList()
    results = [
        compare(key, price, prices.products(price.offer, price.match))
        for key, price in table.prices.items()
        if price.offer
    ]
    _replace(file, write_prices(renew(table, results, today)))
    return results


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(text)
        Path(name).chmod(file.stat().st_mode & 0o777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
