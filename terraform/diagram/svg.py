"""The picture as SVG, light or dark. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from terraform.diagram.layout import LINE, STEP, WIDTH, Layout, Rect, Shown
from terraform.diagram.letters import TEXT, TITLE, wrap
from terraform.diagram.model import Kind, Picture
from terraform.diagram.routes import Route
from terraform.diagram.themes import FONT, THEMES, Theme

_ROUND = 4


def svg(picture: Picture, places: Layout, drawn: list[Route], theme: str) -> str:
    """One file; ``theme`` is ``light`` or ``dark``."""
    colours = THEMES[theme]
    callers = _callers(picture)
    also = _also(picture)
    height = places.height + STEP * 2 + LINE * len(also)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
        f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">',
        f'<title id="title">{escape(picture.name)}</title>',
        f'<desc id="desc">{escape(_told(picture))}</desc>',
        f"<style>{_style(colours, callers)}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        *_frames(places),
        *(_line(route, callers) for route in drawn),
        *(_box(shown, callers) for shown in places.boxes.values()),
        *(_label(route.link.label, route.words) for route in drawn if route.words),
        *_legend(),
        *(
            _text(8, places.height + STEP + LINE * (n + 1) - 4, t, "soft")
            for n, t in enumerate(also)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _callers(picture: Picture) -> dict[str, int]:
    """A colour each for those in the network who call AWS's services."""
    keys = {link.source for link in picture.links if link.kind is Kind.CALL}
    inside = [box.key for box in picture.boxes if box.key in keys and box.zones]
    return {key: number for number, key in enumerate(sorted(inside))}


def _style(colours: Theme, callers: dict[str, int]) -> str:
    rules = [
        f"text{{font:{TEXT}px {FONT};fill:{colours.text}}}",
        f".title{{font-size:{TITLE}px;font-weight:600}}.soft{{fill:{colours.soft}}}",
        f".page{{fill:{colours.page}}}.box{{fill:{colours.box};stroke:{colours.edge}}}",
        *(f".{kind}{{fill:{fill};stroke:{colours.edge}}}" for kind, fill in colours.frames.items()),
        ".zone,.account{stroke-dasharray:5 4}",
        f".line{{fill:none;stroke-width:1.5;stroke:{colours.network}}}",
        f".head{{fill:{colours.network}}}.call{{stroke-dasharray:6 3}}",
        f".pill{{fill:{colours.box}}}",
    ]
    for number in callers.values():
        colour = colours.callers[number % len(colours.callers)]
        rules.append(f".c{number}{{stroke:{colour}}}.f{number}{{fill:{colour}}}")
    return "".join(rules)


def _frames(places: Layout) -> Iterator[str]:
    for frame in places.frames:
        r = frame.rect
        yield (
            f'<rect class="{frame.kind}" x="{r.x}" y="{r.y}" width="{r.w}" height="{r.h}" rx="6"/>'
        )
        yield _text(r.x + 8, r.y + 15, frame.caption, "soft")
        if frame.note:
            yield _text(r.x + 8, r.bottom - 8, frame.note, "soft")


def _box(shown: Shown, callers: dict[str, int]) -> str:
    r = shown.rect
    parts = [f'<rect class="box" x="{r.x}" y="{r.y}" width="{r.w}" height="{r.h}" rx="4"/>']
    if shown.box.key in callers:  # in the colour of its calls
        parts.append(
            f'<rect class="f{callers[shown.box.key]}" '
            f'x="{r.x}" y="{r.y}" width="4" height="{r.h}" rx="2"/>'
        )
    y = r.y + (r.h - LINE * (len(shown.title) + len(shown.lines))) // 2 + 12
    for number, line in enumerate((*shown.title, *shown.lines)):
        kind = "title" if number < len(shown.title) else "soft"
        parts.append(_text(r.x + 10, y + LINE * number, line, kind))
    return f'<g class="node">{"".join(parts)}</g>'


def _line(route: Route, callers: dict[str, int]) -> str:
    kind, head = "", ""
    if route.link.kind is Kind.CALL:
        number = callers.get(route.link.source)
        kind = " call" if number is None else f" call c{number}"
        head = "" if number is None else f" f{number}"
    (x, y), (px, py) = route.corners[-1], route.corners[-2]
    dx, dy = (x > px) - (x < px), (y > py) - (y < py)
    back = (x - 7 * dx, y - 7 * dy)
    tip = f"{x},{y} {back[0] + 4 * dy},{back[1] + 4 * dx} {back[0] - 4 * dy},{back[1] - 4 * dx}"
    path = _path([*route.corners[:-1], back])
    return f'<path class="line{kind}" d="{path}"/><polygon class="head{head}" points="{tip}"/>'


def _path(corners: list[tuple[int, int]]) -> str:
    """Straight parts with rounded corners."""
    steps = [f"M{corners[0][0]} {corners[0][1]}"]
    for (x0, y0), (x, y), (x1, y1) in zip(corners, corners[1:], corners[2:], strict=False):
        before = (x - _ROUND * ((x > x0) - (x < x0)), y - _ROUND * ((y > y0) - (y < y0)))
        after = (x + _ROUND * ((x1 > x) - (x1 < x)), y + _ROUND * ((y1 > y) - (y1 < y)))
        steps.append(f"L{before[0]} {before[1]}Q{x} {y} {after[0]} {after[1]}")
    steps.append(f"L{corners[-1][0]} {corners[-1][1]}")
    return "".join(steps)


def _label(text: str, r: Rect) -> str:
    return (
        f'<g class="node"><rect class="pill" x="{r.x}" y="{r.y}" width="{r.w}" height="{r.h}" '
        f'rx="{r.h // 2}"/>{_text(r.x + 4, r.y + 12, text, "label")}</g>'
    )


def _legend() -> Iterator[str]:
    """Upper right, beside the internet: what the two kinds of line mean."""
    for y, kind, said in (
        (16, "", "security groups, listeners, routes"),
        (32, " call", "policies, notifications, alarms"),
    ):
        yield f'<path class="line{kind}" d="M600 {y}L632 {y}"/>'
        yield _text(640, y + 4, said, "soft")


def _also(picture: Picture) -> tuple[str, ...]:
    """The last line: types that no rule of the generator places."""
    if not picture.also:
        return ()
    said = ", ".join(f"{kind} ({number})" for kind, number in picture.also.items())
    return wrap(f"Also in the plan: {said}.", WIDTH - 16)


def _told(picture: Picture) -> str:
    """The links in words."""
    names = {box.key: box.title for box in picture.boxes}
    names |= {subnet.key: f"{subnet.where} subnet {subnet.cidr}" for subnet in picture.subnets}
    verb = {Kind.NETWORK: "may reach", Kind.CALL: "calls or tells"}
    told = []
    for link in picture.links:
        by = f" ({link.label})" if link.label else ""
        told.append(f"{names[link.source]} {verb[link.kind]} {names[link.target]}{by}")
    return ". ".join(told) + "."


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
