"""docs/performance.md, made of what was measured and nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Row
from pipeline.adapters.tools import lock

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"

TEXT = """# Performance

Written by `make benchmarks`; do not edit. Each line is this project beside what you would use
without it, both on the same machine, in one run, taking turns; which one begins changes from round
to round. Times are medians over the rounds. The ratio is the median of the rounds' ratios, with the
smallest and the largest in brackets: two neighbours in time are compared, so that what else the
machine did in some rounds counts less. It can therefore differ from the quotient of the two times.
The times belong to one machine and one moment; the ratios are what you can expect elsewhere.

Measured {date} on {machine}.

{table}

## What the numbers mean

- **deploy** and **review** are what a merge and a pull request wait for. Both sides begin with
  nothing of the job before but the shared provider cache, as on a fresh runner, and each changes
  its own of two equal units (a network, a document store, alarms) in the local AWS. By
  hand means: `init`, `workspace select`, `plan -out`, `show -json`, and for a deploy `apply` of
  that file. The pipeline does more in the same time: it checks credentials and configuration before
  Terraform starts, and at a deploy it also reads the ledger, asks GitHub what was approved and
  holds every value against the plan record. It wins time back in two places: it needs no `workspace
  select`, and it lets Go's garbage collector run less often (`GOGC=400`) in Terraform and the
  provider, for more memory.
- **both jobs** is the price of keeping no plan file: the pipeline plans a second time at the merge.
  Whoever carries one plan file from review to merge saves that, stores every secret in it, and
  finds it stale as soon as another change is applied. There is no bar, because this is a decision.
- `pipeline check`, `cost` and `record` are steps of their own and not in these lines: plain
  Terraform has nothing like them.
- **policies**: checkov loads for seconds before it looks at anything. The pipeline loads it once
  for all units, the command once for each call. Given all plans in one call, the command is nearer;
  what remains is mostly that the pipeline reads plans as JSON where checkov reads them as YAML.
  The pipeline also judges the prior state in the same process (not timed here), so that new
  findings are told from old ones. The benchmark stops when the findings differ.
- **a document only**: `git diff` answers a smaller question (which files), the pipeline says that
  no unit is affected, and why. What counts is the time until such a pull request is through.
- **start**: what every call of the command costs, as often as a workflow has steps.

## Measure it yourself

```sh
make benchmarks                               # all of it; rewrites this page
.venv/bin/python -m benchmarks policy start   # some of it; only prints
```

The names are {names}. No account is needed.
The application has three of its own, which print only: `retrieval` (recall and milliseconds a
question, beside bm25s), `layout` (the page's graph of 2,000 names in a browser) and `app` (requests
a second beside a bare route, what traces cost, memory, the first answer).

All of it takes about {minutes} minutes, during which nothing else should run on the machine. When
this page was made, the load average of its {cores} cores was {before:.1f} at the beginning and
{after:.1f} at the end. No test asserts a speed; the command exits with 1 when a bar is missed.
"""


def clock(value: float) -> str:
    """Seconds in the unit that reads best."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def quotient(row: Row) -> str:
    """The ratio in words: how many times as fast or as long, with the rounds' extremes."""
    if row.ratio < 0.75:
        spread = sorted(1 / ratio for ratio in row.ratios)
        return f"{1 / row.ratio:.1f} times as fast ({spread[0]:.1f} to {spread[-1]:.1f})"
    low, high = min(row.ratios), max(row.ratios)
    digits = 2 if row.ratio < 10 else 0
    return f"{row.ratio:.{digits}f} times as long ({low:.{digits}f} to {high:.{digits}f})"


def bar(row: Row) -> str:
    """What was promised and whether it is kept."""
    word = "kept" if row.met else "**missed**"
    if row.within is not None:
        return f"at most {clock(row.within)}: {word}"
    if row.at_most is None:
        return "none"
    if row.at_most < 0.5:
        return f"at least {1 / row.at_most:.0f} times as fast: {word}"
    return f"at most {row.at_most:.2f} times as long: {word}"


def table(rows: Sequence[Row]) -> str:
    """All rows as a Markdown table."""
    lines = [
        "| what | ours | | the other | | ours is | bar |",
        "|---|---|---:|---|---:|---|---|",
    ]
    for row in rows:
        cells = [row.what, row.ours, clock(row.ours_median), row.other, clock(row.other_median)]
        lines.append(f"| {' | '.join([*cells, quotient(row), bar(row)])} |")
    return "\n".join(lines)


def _processor() -> str:
    try:
        found = Path("/proc/cpuinfo").read_text()
    except OSError:
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    lines = dict(line.split(":", 1) for line in found.splitlines() if ":" in line)
    names = {name.strip(): value.strip() for name, value in lines.items()}
    return names.get("model name") or platform.machine()


def write(rows: Sequence[Row], names: Sequence[str], before: float, took: float) -> None:
    """Rewrite the page."""
    machine = (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}, Terraform {lock()['terraform']['version']}"
    )
    PAGE.write_text(
        TEXT.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=machine,
            table=table(rows),
            names=", ".join(f"`{name}`" for name in names),
            minutes=round(took / 60),
            before=before,
            after=os.getloadavg()[0],
            cores=os.cpu_count(),
        )
    )
