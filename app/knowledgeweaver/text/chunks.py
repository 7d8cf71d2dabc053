"""Chunks of a document: whole sentences of one section, with their place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from knowledgeweaver.reading.text import Section, Text
from knowledgeweaver.text.words import sentences

SEPARATOR = " › "  # noqa: RUF001 - as breadcrumbs are written
#: A heading without a text of its own goes on into the next section, up to this many characters.
_MOST_HEADINGS = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk. ``text`` is exactly ``Text.text[start:end]``."""

    text: str
    start: int
    end: int
    section: str  # titles of the sections it stands in, joined by SEPARATOR
    page: int | None  # the page it begins on


def pieces(text: Text, size: int = 1000) -> list[Piece]:
    """Cut a document into pieces of at most ``size`` characters.

    They are in order, do not overlap, hold every visible character, end where a sentence ends
    (only a sentence longer than ``size`` is cut, at a space where it has one), and stand in one
    section. ``size`` is at least 1.
    """
    if size < 1:
        raise ValueError(f"a piece has at least 1 character, not {size}")
    found = []
    for path, start, end in _stretches(text.sections, text.text):
        for begin, stop in _packed(text.text, start, end, size):
            page = bisect_right(text.pages, begin) if text.pages else None
            page = max(page, 1) if page is not None else None
            found.append(Piece(text.text[begin:stop], begin, stop, path, page))
    return found


def _stretches(sections: tuple[Section, ...], text: str) -> Iterator[tuple[str, int, int]]:
    """The sections as (path, start, end); a heading with nothing under it joins the next one."""
    open_: list[Section] = []  # the sections that the current one stands in, outermost first
    begin: int | None = None
    for section in sections:
        while open_ and open_[-1].level >= section.level:
            open_.pop()
        if section.title:
            open_.append(section)
        begin = section.start if begin is None else begin
        own = text[section.start : section.end].strip()
        last = section is sections[-1]
        if own == section.title and not last and section.end - begin <= _MOST_HEADINGS:
            continue
        yield SEPARATOR.join(each.title for each in open_), begin, section.end
        begin = None


def _packed(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Sentences packed as long as they fit, as (start, end)."""
    begin = stop = -1
    for first, last in sentences(text[start:end]):
        for piece_start, piece_end in _cut(text, start + first, start + last, size):
            if begin >= 0 and piece_end - begin > size:
                yield begin, stop
                begin = -1
            begin = piece_start if begin < 0 else begin
            stop = piece_end
    if begin >= 0:
        yield begin, stop


def _cut(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """A sentence, in parts at spaces where it is too long."""
    while end - start > size:
        space = text.rfind(" ", start + 1, start + size + 1)
        stop = space if space > 0 else start + size
        last = stop
        while text[last - 1].isspace():
            last -= 1
        yield start, last
        start = stop
        while text[start].isspace():
            start += 1
    yield start, end
