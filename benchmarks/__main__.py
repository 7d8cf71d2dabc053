"""Measure, side by side. Without names everything, and docs/performance.md is written anew."""

from __future__ import annotations

import importlib
import os
import sys
import time

from benchmarks import app, layout, page, retrieval
from benchmarks.measure import Row

NAMES = ("start", "affected", "policy", "overhead")
#: The application's: with options and bars of their own, and no part of the page.
OWN = {"retrieval": retrieval.main, "layout": layout.main, "app": app.main}


def measure(names: list[str]) -> list[Row]:
    """The rows of these benchmarks, told as they come."""
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", flush=True)
        found: list[Row] = importlib.import_module(f"benchmarks.{name}").rows()
        for row in found:
            print(f"  {row.what}\n    ours: {row.ours} {page.clock(row.ours_median)}")
            print(f"    the other: {row.other} {page.clock(row.other_median)}")
            print(f"    ours is {page.quotient(row)}; bar: {page.bar(row)}", flush=True)
        rows += found
    return rows


def main(arguments: list[str]) -> int:
    """0 when every bar is kept, 1 when one is missed, 2 for a name that is not there."""
    if arguments and arguments[0] in OWN:
        return OWN[arguments[0]](arguments[1:])
    unknown = sorted(set(arguments) - set(NAMES))
    if unknown:
        print(
            f"No benchmark {', '.join(unknown)}; there are {', '.join([*NAMES, *OWN])}.",
            file=sys.stderr,
        )
        return 2
    # Python keeps its bytecode unless told otherwise; without it every start would compile again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    load, started = os.getloadavg()[0], time.monotonic()
    rows = measure(arguments or list(NAMES))
    if not arguments:
        page.write(rows, NAMES, load, time.monotonic() - started)
        print(f"Wrote {page.PAGE.relative_to(page.PAGE.parents[1])}.")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
