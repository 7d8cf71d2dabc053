"""docs/cost.md and its picture: what a person wrote, and between the markers what is counted.

``python -m tests.terraform.cost_page`` plans all units against the local AWS and writes both;
``test_workspaces.py`` holds them to the plans.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import hcl2

from pipeline.domain.prices import PriceTable
from pipeline.domain.quantities import USAGE
from pipeline.results import CostReport
from pipeline.settings import UsageConfig
from pipeline.usecases.estates import working_estate
from pipeline.usecases.prices import price_table
from tests.terraform.cost_picture import THEMES, picture
from tests.terraform.cost_plans import plan_with, reports
from tests.terraform.cost_rows import ROWS, SEED, advice, by_row, by_service, steps
from tests.terraform.stacks import ENVS, ROOT

PAGE = ROOT / "docs" / "cost.md"
PICTURES = {theme: ROOT / f"docs/pictures/cost-{theme}.svg" for theme in THEMES}
OURS = ("dev", "staging", "prod")
DAYS = 365 / 12
DAILY = 5  # US dollars, the seed's alarm
Reports = Mapping[str, CostReport]


def page(text: str, found: Reports) -> str:
    """The page with every generated part written anew."""
    table = price_table()
    usage = working_estate(ROOT).stacks["knowledgeweaver"].config.usage
    makers: dict[str, Callable[[], str]] = {
        "month": lambda: _month(found),
        "seed": lambda: _seed(found),
        "within": lambda: _within(found["prod"], table),
        "advice": lambda: _advice(found, table),
        "daily": lambda: _daily(found),
        "services": lambda: _services(found),
        "lines": lambda: "\n\n".join(_lines(found[name]) for name in found),
        "usage": lambda: _usage(usage),
        "sources": lambda: _sources(found.values(), table),
    }
    for name, make in makers.items():
        pattern = rf"(<!-- {name}: generated -->\n).*?(<!-- end -->)"
        text, times = re.subn(
            pattern, lambda m, make=make: f"{m[1]}{make()}\n{m[2]}", text, flags=re.S
        )
        assert times == 1, f"docs/cost.md has no part {name!r}"
    return text


def drawn(found: Reports) -> dict[str, str]:
    """The picture of the three workspaces, by theme."""
    return {theme: picture({name: found[name] for name in OURS}, theme) for theme in THEMES}


def _month(found: Reports) -> str:
    rows = [
        (f"`{r.unit}`", _usd(r.low), f"**{_usd(r.after)}**", _usd(r.budget or 0), _missing(r))
        for r in found.values()
    ]
    both = [sum(getattr(r, name) for r in found.values()) for name in ("low", "after")]
    rows.append(("all", _usd(both[0]), f"**{_usd(both[1])}**", "", ""))
    return _table(("unit", "low", "typical", "budget", "without a price"), rows)


def _missing(report: CostReport) -> str:
    return ", ".join(f"`{address}`" for address in report.unpriced) or "nothing"


def _seed(found: Reports) -> str:
    sums = {name: by_row(found[name]) for name in OURS}

    def cells(names: Iterable[str]) -> list[str]:
        chosen = list(names)
        return [_usd(sum(sums[name][row] for row in chosen)) for name in reversed(OURS)]

    known = [row for row in ROWS if row.seed]
    unknown = [
        row for row in ROWS if not row.seed and any(s[row.name] >= 0.005 for s in sums.values())
    ]
    rows = [(row.name, row.seed, *cells([row.name])) for row in known]
    rows.append(
        ("**what it lists**", f"**{SEED[0]}-{SEED[1]}**", *map(_bold, cells(r.name for r in known)))
    )
    rows += [(row.name, "not there", *cells([row.name])) for row in unknown]
    rows.append(("**all**", "", *map(_bold, cells(row.name for row in ROWS))))
    return _table(("what", "first estimate", "prod", "staging", "dev"), rows)


def _within(prod: CostReport, table: PriceTable) -> str:
    left, rows = prod.after, [("as it is planned", "", _usd(prod.after), "", "")]
    reached = ""
    for step in steps(prod, table):
        left -= step.saves
        rows.append((step.what, _usd(step.saves), _usd(left), step.loses, step.where))
        if left <= SEED[1] and not reached:
            reached = step.what
    verdict = (
        f"As it is planned, prod costs US${prod.after - SEED[1]:.2f} more than the upper bound of "
        f"the first estimate, US${SEED[1]}. "
    )
    verdict += (
        f"It comes within it with all steps down to: {reached}."
        if reached
        else "It does not come within it, whatever one gives up."
    )
    columns = ("step", "saves", "then", "what one gives up", "where")
    return f"{verdict}\n\n{_table(columns, rows)}"


def _advice(found: Reports, table: PriceTable) -> str:
    given = advice(*(found[name] for name in OURS), table)
    rows = [
        (a.what, _usd(a.before), _usd(a.after), f"{100 * (1 - a.after / a.before):.0f} %", a.note)
        for a in given
    ]
    prod = found["prod"].after
    promised = [a for a in given if not a.what.startswith("Fargate Spot")]
    saved = sum(a.before - a.after for a in promised)
    share = sum(a.before for a in promised) / prod
    text = (
        f"All three promises together take US${saved:.2f} a month off prod: "
        f"{100 * saved / prod:.0f} % of its bill and not the 30 % of the first estimate, because "
        f"only {100 * share:.0f} % of the bill is something that can be "
        "promised. Load balancer, NAT, addresses, logs, metrics and storage have no such offer."
    )
    return _table(("what", "now", "then", "less", "mind"), rows) + f"\n\n{text}"


def _daily(found: Reports) -> str:
    rows = []
    limits = hcl2.loads((ENVS / "account" / "shared.tfvars").read_text())["budgets"]
    for name in OURS:
        day, limit = found[name].after / DAYS, limits[name].get("daily_usd", DAILY)
        assert day < limit, f"{name} would exceed its daily limit every day"
        rows.append((name, _usd(day), "exceeded" if day > DAILY else "kept", _usd(limit)))
    return _table(("workspace", "a usual day", f"US${DAILY} would be", "limit"), rows)


def _services(found: Reports) -> str:
    sums = {name: by_service(found[name]) for name in OURS}
    names = sorted(
        {s for one in sums.values() for s in one}, key=lambda s: -sums["prod"].get(s, (0, 0))[1]
    )
    rows = [
        (
            service,
            *(
                f"{low:.2f} to {typical:.2f}"
                for low, typical in (sums[n].get(service, (0, 0)) for n in OURS)
            ),
        )
        for service in names
    ]
    return _table(("service", *OURS), rows)


def _lines(report: CostReport) -> str:
    rows = [
        (
            line.service,
            f"`{line.address}`",
            line.what,
            line.assumption,
            _usd(line.low or 0),
            _usd(line.after or 0),
        )
        for line in sorted(
            report.lines, key=lambda line: (line.service, -(line.after or 0), line.address)
        )
        if line.service and (line.after or line.low)
    ]
    rows.append(("all", "", "", "", _usd(report.low), _usd(report.after)))
    head = ("service", "resource", "price", "how many", "low", "typical")
    free = ", ".join(f"{count} `{kind}`" for kind, count in sorted(report.free.items()))
    return (
        f"<details><summary>{report.unit}: every line</summary>\n\n{_table(head, rows)}\n\n"
        f"Free: {free}.\n\n</details>"
    )


def _usage(usage: Mapping[str, UsageConfig]) -> str:
    rows = []
    for key, one in sorted(usage.items()):
        ranges = [one.of(name) for name in OURS]
        cells = [
            f"{r.low:g} to {r.typical:g}" if r.low != r.typical else f"{r.low:g}" for r in ranges
        ]
        rows.append((f"`{key}`", USAGE[key], *cells, one.why))
    return _table(("key", "what", *OURS, "why"), rows)


def _sources(found: Iterable[CostReport], table: PriceTable) -> str:
    used = {line.what.split(" ")[0] for report in found for line in report.lines if line.source}
    rows = [
        (f"`{key}`", f"{price.usd:g}", price.unit, price.source)
        for key, price in table.prices.items()
        if key in used
    ]
    rows += [
        (f"`{key}`", f"{100 * d.share:.0f} % off", d.what, d.source)
        for key, d in table.discounts.items()
    ]
    return f"Prices of {table.dated.isoformat()}, {table.region}.\n\n" + _table(
        ("price", "US$", "for one", "source"), rows
    )


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(columns)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |" for cells in lines
    )


def _usd(value: float) -> str:
    return f"{value:.2f}"


def _bold(text: str) -> str:
    return f"**{text}**"


def main() -> None:
    from sandbox.client import Sandbox
    from sandbox.layout import REGION
    from tests.terraform.stacks import STATE_BUCKET, client

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Sandbox.start(folder / "box") as box:
            client("s3", box.aws_url).create_bucket(
                Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
            found = reports(plan_with(box.aws_url, folder))
    PAGE.write_text(page(PAGE.read_text(), found))
    for theme, text in drawn(found).items():
        PICTURES[theme].parent.mkdir(exist_ok=True)
        PICTURES[theme].write_text(text)


if __name__ == "__main__":
    main()
