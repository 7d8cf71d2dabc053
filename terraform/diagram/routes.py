"""Lines between boxes: along the grid, round the boxes, with few bends and crossings. No I/O.

Each line is the cheapest way that A* finds; earlier lines are in the way of later ones, except that
the calls of one caller share a trunk.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from math import inf

from terraform.diagram.labels import free, line
from terraform.diagram.layout import STEP, WIDTH, Layout, Rect
from terraform.diagram.letters import width
from terraform.diagram.model import Kind, Link, Picture, Where
from terraform.diagram.network import INTERNET

Cell = tuple[int, int]
State = tuple[Cell, Cell]  # a cell and the direction in which it was entered
SIDES: dict[str, Cell] = {"top": (0, -1), "bottom": (0, 1), "left": (-1, 0), "right": (1, 0)}
BEND, CROSS, NEAR, OFF_CENTRE = 5.0, 6.0, 1.5, 0.4
FREE = 40  # a side of more cells has no centre that a line has to keep to


@dataclass(frozen=True, slots=True)
class Route:
    """A drawn link: corners in pixels from its start (or where it leaves the trunk) to its end,
    and where its label stands."""

    link: Link
    corners: tuple[Cell, ...]
    words: Rect | None


def routes(picture: Picture, places: Layout) -> list[Route]:
    """One for each link, short ones first. Raises ValueError when there is no way."""
    board = _Board(places)
    links = sorted(picture.links, key=lambda link: (link.kind != Kind.NETWORK, _span(places, link)))
    return [board.draw(link) for link in links]


class _Board:
    """The grid: what stands on it, and the lines that are drawn so far.

    Lines that may share a trunk (the calls of one caller) are one net.
    """

    def __init__(self, places: Layout) -> None:
        self.places = places
        self.size = (WIDTH // STEP, places.height // STEP + 1)
        self.lines: dict[Cell, dict[str, set[Cell]]] = defaultdict(dict)
        self.solid: set[Cell] = set()
        self.taken: list[Rect] = places.words()
        self.near: set[Cell] = set()
        for shown in places.boxes.values():
            self.solid |= set(_cells(shown.rect))
            self.near |= set(_cells(_grown(shown.rect)))
            self.taken.append(shown.rect)
        self.rims = {cell for frame in places.frames for cell in _rim(frame.rect)}
        for rect in places.words():  # words are no way
            self.solid |= set(_cells(rect))

    def draw(self, link: Link) -> Route:
        net = link.source if link.kind is Kind.CALL else f"{link.source} {link.target}"
        trunk = {
            (cell, step): 0.0
            for cell, nets in self.lines.items()
            for step in nets.get(net, ())
            if cell not in self.solid
        }
        ends = {
            cell: ((-away[0], -away[1]), cost)
            for (cell, away), cost in self._ports(link, link.target, net)
        }
        path = self._search(net, trunk | dict(self._ports(link, link.source, net)), ends)
        if path is None:
            raise ValueError(f"there is no room for a line from {link.source} to {link.target}")
        for one, other in pairwise(path):
            step = (other[0] - one[0], other[1] - one[1])
            for cell in (one, other):
                self.lines[cell].setdefault(net, set()).add(step)
        corners = tuple((x * STEP, y * STEP) for x, y in _corners(path))
        words = self._words(link, corners) if link.label else None
        self.taken += [line(*part) for part in pairwise(corners)]
        return Route(link, corners, words)

    def _words(self, link: Link, corners: tuple[Cell, ...]) -> Rect:
        """Room for the label, where no later line goes."""
        room = free(int(width(link.label)) + 8, corners, self.taken)
        if room is None:
            raise ValueError(f"no room for {link.label} between {link.source} and {link.target}")
        self.taken.append(room)
        self.solid |= set(_cells(room))
        return room

    def _ports(self, link: Link, key: str, net: str) -> Iterator[tuple[State, float]]:
        """Cells at an end's border with the direction away from it, and what each costs."""
        if key in self.places.subnets:
            return self._side(self.places.subnets[key], "top", net)
        shown = self.places.boxes[key]
        sides: Iterable[str] = SIDES
        if key == INTERNET:
            sides = ["bottom"]
        elif link.kind is Kind.CALL and shown.box.where in (Where.REGION, Where.ACCOUNT):
            sides = ["left", "top", "right", "bottom"] if key == link.source else ["left", "top"]
        return chain.from_iterable(self._side(shown.rect, side, net) for side in sides)

    def _side(self, rect: Rect, side: str, net: str) -> Iterator[tuple[State, float]]:
        x0, y0 = rect.x // STEP, rect.y // STEP
        x1, y1 = rect.right // STEP, rect.bottom // STEP
        if side in ("top", "bottom"):
            cells = [(x, y0 if side == "top" else y1) for x in range(x0 + 1, x1)]
        else:
            cells = [(x0 if side == "left" else x1, y) for y in range(y0 + 1, y1)]
        middle = len(cells) / 2 - 0.5
        for number, cell in enumerate(cells):
            if not set(self.lines.get(cell, ())) - {net}:
                off = 0 if len(cells) > FREE else abs(number - middle)
                yield (cell, SIDES[side]), OFF_CENTRE * off

    def _search(
        self, net: str, starts: dict[State, float], ends: dict[Cell, tuple[Cell, float]]
    ) -> list[Cell] | None:
        """Cells of the cheapest way; None when there is none."""
        left, right = min(x for x, _ in ends), max(x for x, _ in ends)
        top, bottom = min(y for _, y in ends), max(y for _, y in ends)

        def guess(cell: Cell) -> float:
            x, y = cell
            return max(left - x, 0, x - right) + max(top - y, 0, y - bottom)

        heap = [(cost + guess(state[0]), cost, state) for state, cost in starts.items()]
        heapq.heapify(heap)
        best, before = dict(starts), dict[State, State]()
        while heap:
            _, cost, state = heapq.heappop(heap)
            if cost > best[state]:
                continue
            cell, way = state
            if state in before and cell in ends and ends[cell][0] == way:
                path = [cell]
                while state in before:
                    state = before[state]
                    path.append(state[0])
                return path[::-1]
            for there, step, price in self._steps(net, cell, way, ends):
                reached = (there, step)
                if cost + price < best.get(reached, inf):
                    best[reached], before[reached] = cost + price, state
                    heapq.heappush(heap, (cost + price + guess(there), cost + price, reached))
        return None

    def _steps(
        self, net: str, cell: Cell, way: Cell, ends: dict[Cell, tuple[Cell, float]]
    ) -> Iterator[tuple[Cell, Cell, float]]:
        """The cells that a line may go on to, in which direction, and at what price."""
        crossing = any(other != net for other in self.lines.get(cell, ()))
        for step in SIDES.values():
            turns = step != way
            if step == (-way[0], -way[1]) or (turns and (crossing or cell in self.solid)):
                continue  # straight out of a box, and straight over another line
            there = (cell[0] + step[0], cell[1] + step[1])
            if not (0 < there[0] < self.size[0] and 0 < there[1] < self.size[1]):
                continue
            price = 1.0 + BEND * turns
            if there in ends and ends[there][0] == step:
                price += ends[there][1]
            elif there in self.solid:
                continue
            elif there in self.near:
                price += NEAR
            price += NEAR * (there in self.rims)
            price += NEAR * any(
                other != net
                for side in (1, -1)
                for other in self.lines.get(
                    (there[0] + side * step[1], there[1] + side * step[0]), ()
                )
            )
            others = [
                s for n, steps in self.lines.get(there, {}).items() if n != net for s in steps
            ]
            if others:
                along = any(step in (other, (-other[0], -other[1])) for other in others)
                if along or len(set(others)) > 1:
                    continue  # not along another line, and not over its corner
                price += CROSS
            yield there, step, price


def _corners(path: list[Cell]) -> list[Cell]:
    kept = [path[0]]
    for before, cell, after in zip(path, path[1:], path[2:], strict=False):
        if (cell[0] - before[0], cell[1] - before[1]) != (after[0] - cell[0], after[1] - cell[1]):
            kept.append(cell)
    return [*kept, path[-1]]


def _cells(rect: Rect) -> Iterator[Cell]:
    for x in range(-(-rect.x // STEP), rect.right // STEP + 1):
        for y in range(-(-rect.y // STEP), rect.bottom // STEP + 1):
            yield x, y


def _rim(rect: Rect) -> Iterator[Cell]:
    inner = Rect(rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2)
    yield from set(_cells(rect)) - set(_cells(inner))


def _grown(rect: Rect) -> Rect:
    return Rect(rect.x - STEP, rect.y - STEP, rect.w + 2 * STEP, rect.h + 2 * STEP)


def _span(places: Layout, link: Link) -> tuple[int, str, str]:
    ends = [
        places.subnets[key] if key in places.subnets else places.boxes[key].rect
        for key in (link.source, link.target)
    ]
    return abs(ends[0].x - ends[1].x) + abs(ends[0].y - ends[1].y), link.source, link.target
