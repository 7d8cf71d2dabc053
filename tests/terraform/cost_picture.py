"""The split of the month by service as a picture: one bar a workspace, light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from pipeline.results import CostReport
from tests.terraform.cost_rows import SEED, by_service

#: What gets a colour of its own, the dearest first; all others share the last.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Fargate", ("Fargate",)),
    ("EC2 and its disks", ("EC2 and its disks",)),
    ("NAT gateway", ("NAT gateway",)),
    ("Load balancer", ("Load balancer",)),
    ("RDS", ("RDS",)),
    ("CloudWatch", ("CloudWatch",)),
    ("Public addresses", ("Public addresses",)),
    ("Data transfer, backups, keys and the rest", ()),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours on a page of this kind: of text, of text on a bar, and of the bars' parts."""

    text: str
    soft: str
    on: str
    parts: tuple[str, ...]


THEMES = {
    "light": Theme("#1f2328", "#59636e", "#ffffff", (
        "#0969da", "#8250df", "#bf3989", "#1a7f37", "#9a6700", "#0a6d77", "#cf222e", "#6e7781")),
    "dark": Theme("#f0f6fc", "#9198a1", "#0d1117", (
        "#58a6ff", "#bc8cff", "#ff7bac", "#56d364", "#e3b341", "#39c5cf", "#ff7b72", "#c9d1d9")),
}  # fmt: skip

WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 840, 90, 110, 54, 40, 26


def picture(reports: Mapping[str, CostReport], theme: str) -> str:
    """An SVG of 840 px, the width of a README: every figure in it is in the reports."""
    sums = {name: _groups(report) for name, report in reports.items()}
    most = max(sum(one.values()) for one in sums.values())
    scale = (WIDTH - LEFT - RIGHT) / max(most, SEED[1] * 1.05)
    bottom = TOP + len(sums) * (BAR + GAP)
    parts = [_band(scale, bottom)]
    for number, (name, groups) in enumerate(sums.items()):
        parts += _bar(name, groups, TOP + number * (BAR + GAP), scale)
    parts.append(_legend(sums, bottom + 14))
    height = bottom + 14 + 26 * (len(GROUPS) + 2)
    said = "; ".join(f"{name} {sum(groups.values()):.0f}" for name, groups in sums.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="t d">\n'
        '<title id="t">US dollars a month by service</title>\n'
        f'<desc id="d">At typical usage: {escape(said)}.</desc>\n'
        f"<style>{_style(THEMES[theme])}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _groups(report: CostReport) -> dict[str, float]:
    services = {name: typical for name, (_, typical) in by_service(report).items()}
    found = {name: sum(services.pop(s, 0.0) for s in members) for name, members in GROUPS}
    found[GROUPS[-1][0]] = sum(services.values())
    return found


def _band(scale: float, bottom: int) -> str:
    start, end = (LEFT + dollars * scale for dollars in SEED)
    return (
        f'<rect class="band" x="{start:.1f}" y="{TOP - 14}" width="{end - start:.1f}" '
        f'height="{bottom - TOP + 2}"/>'
        f'<text class="soft" x="{(start + end) / 2:.1f}" y="{TOP - 22}" text-anchor="middle">'
        f"first estimate: ${SEED[0]} to ${SEED[1]}</text>"
    )


def _bar(name: str, groups: Mapping[str, float], y: int, scale: float) -> list[str]:
    middle = y + BAR / 2 + 5
    parts = [f'<text class="name" x="{LEFT - 12}" y="{middle}" text-anchor="end">{name}</text>']
    x = float(LEFT)
    for number, dollars in enumerate(groups.values()):
        width = dollars * scale
        if width >= 1:
            parts.append(
                f'<rect class="c{number}" x="{x:.1f}" y="{y}" width="{width - 1:.1f}" '
                f'height="{BAR}"/>'
            )
        if width >= 34:
            parts.append(
                f'<text class="on" x="{x + width / 2:.1f}" y="{middle}" text-anchor="middle">'
                f"{dollars:.0f}</text>"
            )
        x += width
    total = sum(groups.values())
    parts.append(f'<text class="name" x="{x + 10:.1f}" y="{middle}">${total:.0f}</text>')
    return parts


def _legend(sums: Mapping[str, Mapping[str, float]], y: int) -> str:
    columns = {name: WIDTH - RIGHT - 90 * (len(sums) - 1 - n) for n, name in enumerate(sums)}
    line = y + 18
    parts = [
        f'<text class="soft" x="{x}" y="{line}" text-anchor="end">{name}</text>'
        for name, x in columns.items()
    ]
    for number, (group, _) in enumerate(GROUPS):
        line += 26
        parts.append(f'<rect class="c{number}" x="{LEFT}" y="{line - 13}" width="16" height="16"/>')
        parts.append(f'<text x="{LEFT + 26}" y="{line}">{escape(group)}</text>')
        parts += [
            f'<text x="{x}" y="{line}" text-anchor="end">{sums[name][group]:.2f}</text>'
            for name, x in columns.items()
        ]
    return "".join(parts)


def _style(theme: Theme) -> str:
    return (
        "text{font:15px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;"
        f"fill:{theme.text}}}.name{{font-weight:600}}.soft{{fill:{theme.soft};font-size:14px}}"
        f".on{{fill:{theme.on};font-weight:600}}.band{{fill:{theme.text};opacity:.12}}"
        + "".join(f".c{n}{{fill:{colour}}}" for n, colour in enumerate(theme.parts))
    )
