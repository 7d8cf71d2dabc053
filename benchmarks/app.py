"""What the application's server adds to the work of its store: ``python -m benchmarks app``.

The measurement itself runs in the application's environment (app/evaluation/serving.py); here the
bars are held against what comes out.
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.retrieval import DATA, evaluated

#: The share of a bare route's requests a second, at least.
SHARE = 0.8
#: A question's time with traces, of that without, at most.
TRACED = 1.10
#: MiB after all requests, and how many more than after a tenth of them, at most.
RESIDENT, GROWN = 350.0, 10.0
#: Seconds from the start to the first answer, at most.
FIRST = 2.0


def main(arguments: list[str]) -> int:
    """0 when every bar is kept, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks app", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="those of the memory's row")
    chosen = parser.parse_args(arguments)
    report = evaluated("serving", [str(DATA), "--requests", str(chosen.requests)])
    missed = 0
    for line, kept in told(report):
        print(f"{line}: {'kept' if kept else 'missed'}")
        missed += not kept
    return 1 if missed else 0


def told(report: dict[str, Any]) -> list[tuple[str, bool]]:
    """Each figure with its bar, and whether that is kept."""
    first, rate, traced, memory = (
        report[name] for name in ("first", "throughput", "tracing", "memory")
    )
    return [
        (
            f"first answer {first['seconds']} s after the start (bar: {FIRST} s)",
            first["seconds"] <= FIRST,
        ),
        (
            f"{rate['ours_per_second']} requests a second beside {rate['bare_per_second']} of a "
            f"bare route: {rate['share']} of it (bar: {SHARE})",
            rate["share"] >= SHARE,
        ),
        (
            f"{traced['on_ms']} ms a question with traces, {traced['off_ms']} ms without: "
            f"{traced['ratio']} times as long (bar: {TRACED})",
            traced["ratio"] <= TRACED,
        ),
        (
            f"{memory['late_mib']} MiB after {memory['requests']} requests (bar: {RESIDENT})",
            memory["late_mib"] <= RESIDENT,
        ),
        (
            f"{memory['grown_mib']} MiB more than after a tenth of them (bar: {GROWN})",
            memory["grown_mib"] <= GROWN,
        ),
    ]
