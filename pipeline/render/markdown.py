"""Safe pieces of GitHub-flavoured Markdown, and the fitting of a long text into a limit."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: GitHub refuses a comment body over 65,536 characters; bytes are counted here, so that no way
#: of counting ends above it.
LIMIT = 65_536


def code(value: object) -> str:
    """A code span: nothing inside is markup, a mention or a table border."""
    text = re.sub(r"\s+", " ", str(value)).strip() or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}".replace("|", "\\|")


def plain(value: object) -> str:
    """Text in which nothing is markup, a link or a mention."""
    text = re.sub(r"\s+", " ", str(value))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]|~])", r"\\\1", text)
    return re.sub(r"(?<!\w)([@#])(?=\w)", r"\1&#8203;", text)


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode())


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comment. ``rank`` 0 is kept whole; the higher the earlier its lines go.

    ``head`` and ``tail`` always frame the lines (a heading, a table's first rows, `<details>`);
    ``unit`` names what a line is, for "… and 12 more changes".
    """

    rank: int
    head: str
    lines: tuple[str, ...]
    tail: str = ""
    unit: str = "lines"


def fit(sections: list[Section], limit: int, more: str) -> str:
    """Join sections so that the text stays within ``limit`` bytes.

    Room is given out by rank; a section that cannot be whole keeps its first lines and says how
    many are missing and where they are (``more``).
    """
    room = limit
    shown: dict[int, str] = {}
    for index in sorted(range(len(sections)), key=lambda i: (sections[i].rank, i)):
        section = sections[index]
        text = _cut(section, room - 2, more)
        if text:
            shown[index] = text
            room -= size(text) + 2
    return "\n\n".join(shown[index] for index in sorted(shown))


def _cut(section: Section, room: int, more: str) -> str:
    whole = _join(section.head, section.lines, section.tail)
    if size(whole) <= room:
        return whole
    notice = f"… and {len(section.lines):,} more {section.unit}; {more}"
    left = room - size(_join(section.head, ("", notice), section.tail))
    kept: list[str] = []
    for line in section.lines:
        left -= size(line) + 1
        if left < 0:
            break
        kept.append(line)
    if not kept and section.rank > 0:
        return ""
    missing = len(section.lines) - len(kept)
    notice = f"… and {missing:,} more {section.unit}; {more}"
    text = _join(section.head, (*kept, "", notice), section.tail)
    return text if size(text) <= room else ""


def _join(head: str, lines: tuple[str, ...], tail: str) -> str:
    return "\n".join(part for part in (head, *lines, tail) if part or part in lines)
