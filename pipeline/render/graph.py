"""The modules of a unit as inline SVG: what the plan touches, and what is given to whom."""

from __future__ import annotations

from html import escape

from pipeline.domain.graph import layers
from pipeline.domain.model import Action
from pipeline.render.words import VERBS
from pipeline.results import GraphNode, GraphReport

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE, _BOW = 190, 62, 70, 22, 4, 40


def svg(graph: GraphReport) -> str:
    """A picture with a text alternative; boxes are modules, lines go from giver to taker."""
    nodes = {node.name: node for node in graph.nodes}
    columns = layers(sorted(nodes), list(graph.edges))
    place = {
        name: (_EDGE + x * (_WIDTH + _GAP_X), _EDGE + y * (_HEIGHT + _GAP_Y))
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    width = len(columns) * (_WIDTH + _GAP_X) - _GAP_X + 2 * _EDGE + _BOW
    height = max(map(len, columns), default=0) * (_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _EDGE
    lines = [_line(place[giver], place[taker]) for giver, taker in graph.edges]
    boxes = [_box(nodes[name], *place[name]) for name in sorted(nodes)]
    said = "; ".join(f"{node.name}: {_actions(node)}" for node in graph.nodes)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Graph of {_t(graph.unit)}">'
        f'<svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>Modules of {_t(graph.unit)}</title><desc>{_t(said)}</desc>"
        f"{''.join(lines)}{''.join(boxes)}</svg></div>"
    )


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0], end[1] + _HEIGHT // 2
    if x2 < x1:  # both in one column, or back to an earlier one: bow out to the right
        x2 = end[0] + _WIDTH
        return f'<path d="M{x1} {y1} C{x1 + 50} {y1} {x2 + 50} {y2} {x2} {y2}"/>'
    bend = (x2 - x1) // 2
    return f'<path d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"/>'


def _box(node: GraphNode, x: int, y: int) -> str:
    hurt = bool(node.findings or {Action.DELETE, Action.REPLACE} & set(node.actions))
    kind = "hurt" if hurt else "touched" if node.actions else "still"
    held = sum(node.types.values())
    below = f"{held} resource{'s' if held != 1 else ''}"
    if node.findings:
        below += f", {node.findings} finding{'s' if node.findings != 1 else ''}"
    return (
        f'<g class="{kind}"><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + 10}" y="{y + 19}" font-weight="600">{_t(node.name[:24])}</text>'
        f'<text x="{x + 10}" y="{y + 36}">{_t(_actions(node)[:28])}</text>'
        f'<text class="soft" x="{x + 10}" y="{y + 52}">{_t(below)}</text></g>'
    )


def _actions(node: GraphNode) -> str:
    said = [f"{node.actions[a]} to {verb}" for a, verb in VERBS.items() if node.actions.get(a)]
    return ", ".join(said) or "unchanged"


def _t(text: str) -> str:
    return escape(text)
