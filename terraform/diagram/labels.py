"""Where the words of a line stand: on it near its end, else beside it, and on nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from terraform.diagram.layout import Rect

HIGH = 16
ARROW = 9  # pixels that an arrow needs at a line's end

Point = tuple[int, int]


def free(wide: int, corners: Sequence[Point], taken: Sequence[Rect]) -> Rect | None:
    """The first place for words of this width that meets nothing; None when there is none."""
    places = _places(wide, list(pairwise(corners))[::-1])
    return next((rect for rect in places if not any(map(rect.meets, taken))), None)


def line(one: Point, other: Point) -> Rect:
    """What a straight part of a line takes, with a little air."""
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return Rect(left - 2, top - 2, abs(one[0] - other[0]) + 4, abs(one[1] - other[1]) + 4)


def _places(wide: int, parts: list[tuple[Point, Point]]) -> Iterator[Rect]:
    beside = []
    for number, (one, other) in enumerate(parts):
        length = abs(one[0] - other[0]) + abs(one[1] - other[1])
        upright = one[0] == other[0]
        half = (HIGH if upright else wide) / 2
        head = ARROW if number == 0 else 0
        for away in range(int(half + head), int(length - half) + 1, 2):
            x = other[0] + (one[0] - other[0]) * away / length
            y = other[1] + (one[1] - other[1]) * away / length
            yield Rect(round(x - wide / 2), round(y - HIGH / 2), wide, HIGH)
            if upright:
                beside.append(Rect(round(x - wide - 3), round(y - HIGH / 2), wide, HIGH))
                beside.append(Rect(round(x + 3), round(y - HIGH / 2), wide, HIGH))
            else:
                beside.append(Rect(round(x - wide / 2), round(y - HIGH - 3), wide, HIGH))
    yield from beside
