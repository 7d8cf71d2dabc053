"""Keep a text within the limit of the place that it goes to.

Every text is scrubbed and escaped first and fitted last, since both make it longer. Limits are
counted in bytes of UTF-8: no way of counting characters ends above that.
"""

from __future__ import annotations

import re
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


#: What one item has at least, however many there are, before it is shortened.
_ITEM = 200

#: A code span, a word, or what stands between them: where a line can end and mean the same.
_TOKEN = re.compile(r"(?P<ticks>(?<!`)`+(?!`))(?P<said>.+?)(?<!`)(?P=ticks)(?!`)|`+|[^`\s]+|\s+")


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

    ``head`` and ``tail`` always frame the items (a heading, a table's first rows, `<details>`); a
    head that is too long itself ends in an ellipsis, as an item does whose every length is.
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

    Room is given out by rank, and within a rank in equal shares: what one section leaves of its
    share goes to the others. Where a section cannot be whole, all its items are named first, and as
    many as there is room for are shown longer, in their order; what is left out is counted, and
    ``more`` says where it is.
    """
    wholes = [section.whole for section in sections]
    if sum(size(text) + 2 for text in wholes) - 2 <= limit:
        return "\n\n".join(wholes)
    gone = f"… and {len(sections):,} more parts; {more}"
    room = limit - size(gone) - 2
    shown: dict[int, str] = {}
    order = sorted(range(len(sections)), key=lambda i: (sections[i].rank, size(wholes[i]), i))
    for at, index in enumerate(order):
        section = sections[index]
        peers = sum(sections[i].rank == section.rank for i in order[at:])
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
    rest = f"… the rest of this: {more}"
    notice = _notice(len(section.items), len(section.items), section.unit, more) or rest
    head, cut_short = _head(section, room - size(_join("", ["", notice], section.tail)) - 1)
    left = room - size(_join(head, ["", notice], section.tail))
    share = max(left // max(len(section.items), 1) - 1, _ITEM)
    items = [_within(item, share) for item in section.sized]
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
    if cut_short and not notice:
        notice = rest
    text = _join(head, [*kept, *(["", notice] if notice else [])], section.tail)
    return text if size(text) <= room else ""


def _head(section: Section, room: int) -> tuple[str, bool]:
    """The head, of what is longer than its part of the room the beginning, and whether it is."""
    most = room // 2 if section.items else room
    if size(section.head) <= most or section.head.startswith("<"):
        return section.head, False
    bare = section.head.rstrip("\n")
    ends = section.head[len(bare) :]
    return f"{shortened(bare, max(most - len(ends), 0))}{ends}", True


def _within(item: Item, most: int) -> Item:
    """The item with a last length of at most so many bytes."""
    if size(item.brief) <= most:
        return item
    return Item((*item.lengths, shortened(item.brief, most)))


def shortened(text: str, limit: int) -> str:
    """The beginning of a piece of Markdown that is within ``limit`` bytes and ends in an ellipsis.

    Of several lines whole ones stay; of one line whole words, and of a code span its beginning,
    as a code span: what was no markup is none afterwards.
    """
    if "\n" in text:
        return cut(text, limit)
    if size(text) <= limit:
        return text
    kept: list[str] = []
    left = limit - size(" …")
    for token in _TOKEN.finditer(text):
        if size(token[0]) > left:
            kept.append(_span_within(token["ticks"] or "", token["said"] or "", left))
            break
        kept.append(token[0])
        left -= size(token[0])
    made = "".join(kept).rstrip()
    return f"{made} …" if made else clip("…", limit)


def _span_within(ticks: str, said: str, limit: int) -> str:
    """The beginning of a code span as a code span, "" where nothing of it has room."""
    begins = clip(said, limit - 2 * len(ticks) - 1).removesuffix("…").rstrip("`")
    pad = " " if begins.startswith(" ") else ""  # blanks at both ends are not of the text
    return f"{ticks}{begins}…{pad}{ticks}" if begins.strip() and ticks else ""


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
