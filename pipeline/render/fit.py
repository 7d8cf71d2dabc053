"""Keep a text within the limit of the place that it goes to.

Every text is scrubbed and escaped first and fitted last, since both make it longer. Limits are
counted in bytes of UTF-8: no way of counting characters ends above that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A comment, and the body of an issue or pull request: GitHub answers 422 above 65,536 characters.
COMMENT = 65_536
#: A step summary (GitHub, "Workflow commands": 1 MiB for each step).
SUMMARY = 1_048_576
#: The title of an issue or pull request.
TITLE = 256
#: The message of one annotation (GitHub's REST description, "Create a check run").
ANNOTATION = 65_536


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Item:
    """A list item in several lengths, the whole first, only what it is about last."""

    lengths: tuple[str, ...]

    @property
    def whole(self) -> str:
        return self.lengths[0]

    @property
    def brief(self) -> str:
        return self.lengths[-1]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text. The higher its ``rank``, the earlier its items are shortened or left out.

    ``head`` and ``tail`` always frame the items (a heading, a table's first rows, `<details>`);
    ``unit`` names what an item is, for "… and 12 more changes".
    """

    rank: int
    head: str
    items: Sequence[str | Item] = ()
    tail: str = ""
    unit: str = "lines"

    @property
    def sized(self) -> list[Item]:
        """The items; a bare text has one length."""
        return [item if isinstance(item, Item) else Item((item,)) for item in self.items]

    @property
    def whole(self) -> str:
        return _join(self.head, [item.whole for item in self.sized], self.tail)


def fit(sections: Sequence[Section], limit: int, more: str) -> str:
    """Join sections, an empty line between them, so that the text stays within ``limit`` bytes.

    Room is given out by rank, and within a rank above 0 in equal shares: what one section leaves
    of its share goes to the others. Where a section cannot be whole, all its items are named first,
    and as many as there is room for are shown longer, in their order; what is left out is counted,
    and ``more`` says where it is.
    """
    wholes = [section.whole for section in sections]
    if sum(size(text) + 2 for text in wholes) - 2 <= limit:
        return "\n\n".join(wholes)
    gone = f"… and {len(sections):,} more parts; {more}"
    room = limit - size(gone) - 2
    shown: dict[int, str] = {}
    order = sorted(
        range(len(sections)),
        key=lambda i: (sections[i].rank, size(wholes[i]) if sections[i].rank else 0, i),
    )
    for at, index in enumerate(order):
        section = sections[index]
        peers = sum(sections[i].rank == section.rank for i in order[at:]) if section.rank else 1
        text = _cut(section, room // peers - 2, more)
        if text:
            shown[index] = text
            room -= size(text) + 2
    missing = len(sections) - len(shown)
    parts = [shown[index] for index in sorted(shown)]
    if missing:
        parts.append(f"… and {missing:,} more parts; {more}")
    text = "\n\n".join(parts)
    return text if size(text) <= limit else ""


def _cut(section: Section, room: int, more: str) -> str:
    if size(section.whole) <= room:
        return section.whole
    items = section.sized
    longest = _notice(len(items), len(items), section.unit, more)
    left = room - size(_join(section.head, ["", longest], section.tail))
    kept: list[str] = []
    for item in items:  # first every name ...
        if size(item.brief) + 1 > left:
            break
        left -= size(item.brief) + 1
        kept.append(item.brief)
    short = 0
    for at, item in enumerate(items[: len(kept)]):  # ... then what there is room for
        for text in item.lengths[:-1]:
            extra = size(text) - size(kept[at])
            if extra <= left:
                kept[at] = text
                left -= extra
                break
        short += kept[at] != item.whole
    notice = _notice(len(items) - len(kept), short, section.unit, more)
    text = _join(section.head, [*kept, *(["", notice] if notice else [])], section.tail)
    return text if size(text) <= room else ""


def _notice(missing: int, shortened: int, unit: str, more: str) -> str:
    told = []
    if missing:
        told.append(f"and {missing:,} more {unit}")
    if shortened:
        told.append(f"{shortened:,} of these {unit} not shown whole")
    return f"… {', '.join(told)}; {more}" if told else ""


def _join(head: str, items: Sequence[str], tail: str) -> str:
    return "\n".join([*([head] if head else []), *items, *([tail] if tail else [])])


def cut(text: str, limit: int, more: str = "") -> str:
    """The first lines of a finished text that stay within ``limit`` bytes, and ``more`` after them.

    A code block or a fold that is left open is closed again.
    """
    if size(text) <= limit:
        return text
    kept: list[str] = []
    closing: list[str] = []
    notice = f"… {more}" if more else "…"
    left = limit - size(notice) - 2
    for line in text.splitlines():
        after = _closing(line, closing)
        left -= size(line) + 1
        if left < sum(size(end) + 1 for end in after):
            break
        kept.append(line)
        closing = after
    ended = "\n".join([*kept, *reversed(closing), "", notice])
    return ended if size(ended) <= limit else clip(notice, limit)


def _closing(line: str, opened: Sequence[str]) -> list[str]:
    """What closes the blocks and folds that are open after a line."""
    ends = list(opened)
    bare = line.strip()
    fence = bare[: len(bare) - len(bare.lstrip("`"))]
    if ends and ends[-1].strip().startswith("```"):
        if bare == ends[-1].strip():
            ends.pop()
    elif len(fence) >= 3:
        ends.append(line[: len(line) - len(line.lstrip())] + fence)
    else:
        ends += ["</details>"] * bare.count("<details>")
        for _ in range(min(bare.count("</details>"), len(ends))):
            ends.pop()
    return ends


def clip(text: str, limit: int) -> str:
    """A single line within ``limit`` bytes; what is too long ends in an ellipsis."""
    if size(text) <= limit:
        return text
    room = max(limit - size("…"), 0)
    return text.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore") + "…"[: limit > 2]
