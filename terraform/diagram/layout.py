"""Where everything stands. All places lie on a grid of ``STEP`` pixels. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from terraform.diagram.letters import TITLE, width, wrap
from terraform.diagram.model import Box, Picture, Where
from terraform.diagram.network import INTERNET

STEP = 8
WIDTH = 880  # what a README shows without scaling
LINE = 16
NETWORK_LEFT, NETWORK_RIGHT = 24, 568
WIDE, NARROW = 176, 136  # a box over all zones, and one that stands in a single zone
SERVICES_LEFT, SERVICES_RIGHT = 624, 856
ROW_GAP = 40
ACCOUNT = "Account: one for all workspaces"


@dataclass(frozen=True, slots=True)
class Rect:
    """Pixels; right and bottom edges belong to it."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def meets(self, other: Rect) -> bool:
        """Whether they have an area in common."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A box with its place and its text, cut into lines that fit."""

    box: Box
    rect: Rect
    title: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What boxes stand in; the caption is in its upper left corner, the note in the lower one."""

    kind: str
    rect: Rect
    caption: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture with places; ``subnets`` by key, for what starts at a subnet's edge."""

    frames: tuple[Frame, ...]
    boxes: dict[str, Shown]
    subnets: dict[str, Rect]
    height: int

    def words(self) -> list[Rect]:
        """Where the frames' captions and notes are written."""
        found = []
        for frame in self.frames:
            r = frame.rect
            found.append(Rect(r.x, r.y, int(width(frame.caption)) + 12, 16))
            if frame.note:
                found.append(Rect(r.x, r.bottom - 20, int(width(frame.note)) + 12, 16))
        return found


def layout(picture: Picture) -> Layout:
    """Raises ValueError when the network has another number of zones than two."""
    zones = sorted({subnet.zone for subnet in picture.subnets})
    if len(zones) != 2:
        raise ValueError(f"the picture has room for two zones, and the network has {zones}")
    boxes = {INTERNET: _show(picture.box(INTERNET), NETWORK_LEFT + 8, 528, 8)}
    subnets: dict[str, Rect] = {}
    inner: list[Frame] = []
    top = boxes[INTERNET].rect.bottom + 16
    y = top + 80
    for where in (Where.PUBLIC, Where.PRIVATE):
        start, y = y, _rows(boxes, rows(picture, where), zones, y + 24) + 16
        for subnet in picture.subnets:
            if subnet.where is where:
                rect = Rect(_column(zones.index(subnet.zone)) + 8, start, 240, y - start)
                subnets[subnet.key] = rect
                inner.append(Frame(str(where), rect, f"{where} {subnet.cidr}"))
        y += 24
    y -= 16
    columns = [Rect(_column(number), top + 56, 256, y - top - 56) for number in range(len(zones))]
    network = Rect(NETWORK_LEFT, top + 32, NETWORK_RIGHT - NETWORK_LEFT, y + 32 - top - 32)
    called, others = _services(picture, boxes, Where.REGION)
    y = max(network.bottom, _stack(boxes, called, network.y))
    y = _shelves(boxes, others, y + 24) if others else y
    region = Rect(8, top, WIDTH - 16, y + 16 - top)
    frames = [
        Frame("region", region, f"Region {picture.region}"),
        Frame("network", network, picture.network, picture.fittings),
        *(Frame("zone", rect, zone) for rect, zone in zip(columns, zones, strict=True)),
        *inner,
    ]
    below = [box for part in _services(picture, boxes, Where.ACCOUNT) for box in part]
    y = region.bottom
    if below:
        account = region.bottom + 16
        y = _shelves(boxes, below, account + 24) + 16
        frames.append(Frame("account", Rect(8, account, WIDTH - 16, y - account), ACCOUNT))
    return Layout(tuple(frames), boxes, subnets, y)


def rows(picture: Picture, where: Where) -> list[list[Box]]:
    """The boxes of one kind of subnet, callers above those that they call.

    A row has at most one box over all zones, and one in each zone beside it; between linked ones
    there would be no room for a word.
    """
    depth = depths(picture)
    pairs = [(link.source, link.target) for link in picture.links]
    found: list[list[Box]] = []
    mine = [box for box in picture.boxes if box.where is where and box.zones]
    for box in sorted(mine, key=lambda b: (-len(b.zones), depth[b.key], b.key)):
        linked = {key for ends in pairs if box.key in ends for key in ends}
        free = [
            row
            for row in found
            if len(box.zones) == 1
            and not any(other.zones == box.zones or other.key in linked for other in row)
        ]
        level = [row for row in free if depth[row[0].key] >= depth[box.key]]
        if free:
            (level or free[-1:])[0].append(box)
        else:
            found.append([box])
    return found


def depths(picture: Picture) -> dict[str, int]:
    """How many steps of the network lie between the internet and each box.

    What nobody calls comes after all that somebody does.
    """
    inside = {box.key for box in picture.boxes if box.zones}
    steps = [(a.source, a.target) for a in picture.links if {a.source, a.target} <= inside]
    depth = {a.target: 0 for a in picture.links if a.source == INTERNET}
    for _ in inside:  # a circle ends with the number of boxes
        for source, target in steps:
            if source in depth:
                depth[target] = max(depth.get(target, 0), depth[source] + 1)
    last = max(depth.values(), default=0) + 1
    return {**dict.fromkeys(inside, last), **depth}


def _rows(boxes: dict[str, Shown], made: list[list[Box]], zones: list[str], y: int) -> int:
    """Give the boxes of the network their places; returns where the last row ends."""
    bottom = y
    for row in made:
        shown = [_show(box, *_slot(box, zones), y) for box in row]
        boxes |= {item.box.key: item for item in shown}
        bottom = max(item.rect.bottom for item in shown)
        y = bottom + ROW_GAP
    return bottom


def _stack(boxes: dict[str, Shown], made: list[Box], y: int) -> int:
    """Services below each other, at the right; returns where the last one ends."""
    for box in made:
        boxes[box.key] = _show(box, SERVICES_LEFT, SERVICES_RIGHT - SERVICES_LEFT, y)
        y = boxes[box.key].rect.bottom + 16
    return y - 16


def _shelves(boxes: dict[str, Shown], made: list[Box], y: int) -> int:
    """Services side by side, three or four in a row; returns where the last row ends."""
    bottom = y
    many, step = (3, 288) if len(made) % 4 in (1, 2) and len(made) != 1 else (4, 216)
    for start in range(0, len(made), many):
        row = made[start : start + many]
        shown = [_show(box, 24 + step * n, step - 32, y) for n, box in enumerate(row)]
        boxes |= {item.box.key: item for item in shown}
        bottom = max(item.rect.bottom for item in shown)
        y = bottom + 24
    return bottom


def _services(
    picture: Picture, boxes: dict[str, Shown], where: Where
) -> tuple[list[Box], list[Box]]:
    """Those that the network calls, in the order of their callers' places, then whom they tell;
    and the others."""
    mine = [box for box in picture.boxes if box.where is where]
    places: dict[str, float] = {}
    for box in mine:
        callers = [link.source for link in picture.links if link.target == box.key]
        heights = [boxes[key].rect.y for key in callers if boxes.get(key) and boxes[key].box.zones]
        if heights:
            places[box.key] = sum(heights) / len(heights)
    last = max(places.values(), default=0) + 1
    told = {a.target: last for a in picture.links if a.source in places}
    places = {box.key: {**told, **places}[box.key] for box in mine if box.key in {**told, **places}}
    called = [box for box in mine if box.key in places]
    return sorted(called, key=lambda b: places[b.key]), [b for b in mine if b.key not in places]


def _column(number: int) -> int:
    return NETWORK_LEFT + 8 + 272 * number


def _slot(box: Box, zones: list[str]) -> tuple[int, int]:
    """Left edge and width of a box in the network."""
    if len(box.zones) > 1:
        return (NETWORK_LEFT + NETWORK_RIGHT - WIDE) // 2, WIDE
    if box.zones[0] == zones[0]:
        return _column(0) + 16, NARROW
    return _column(1) + 256 - 16 - NARROW, NARROW


def _show(box: Box, x: int, w: int, y: int) -> Shown:
    title = wrap(box.title, w - 16, TITLE)
    lines = tuple(part for line in box.lines for part in wrap(line, w - 16))
    needed = 16 + LINE * (len(title) + len(lines))
    return Shown(box, Rect(x, y, w, -(-needed // STEP) * STEP), title, lines)
