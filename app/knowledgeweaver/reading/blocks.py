"""The common step of all formats: a stream of headings, paragraphs and page starts to a Text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from knowledgeweaver.reading.text import Section, Text, Unreadable
from knowledgeweaver.text.language import language_of

#: More text than this in one document is refused: about 1,500 printed pages.
MAX_CHARACTERS = 5_000_000
MAX_TITLE = 200

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Control characters carry no text; half surrogates cannot be stored as UTF-8 anywhere.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    level: int  # 1 … 6


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page begins here."""


Block = Heading | Paragraph | Page


def normalised(text: str) -> str:
    """The text as Text promises it: NFC, newlines only "\\n", nothing unprintable."""
    text = _NEWLINES.sub("\n", text)
    text = _UNWANTED.sub("", text)
    text = _HALVES.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """A heading or a title: one line, single spaces, at most MAX_TITLE characters."""
    return " ".join(normalised(text).split())[:MAX_TITLE].strip()


def stem(name: str) -> str:
    """The file's name without folders and without its ending."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    head, dot, _ = last.rpartition(".")
    return one_line(head if dot and head else last)


def assemble(blocks: Iterable[Block], *, title: str, media_type: str) -> Text:
    """Join the blocks with blank lines between them and note where each one begins.

    Raises Unreadable: too-large, or no-text where no block holds a visible character.
    """
    parts: list[str] = []
    length = 0
    headings: list[tuple[str, int, int]] = []  # title, level, start
    pages: list[int] = []
    waiting = 0  # pages that began since the last text
    for block in blocks:
        if isinstance(block, Page):
            waiting += 1
            continue
        if isinstance(block, Heading):
            piece = one_line(block.title)
        else:
            piece = normalised(block.text).strip()
        if not piece:
            continue
        if parts:
            parts.append("\n\n")
            length += 2
        # The first page begins the text; a page without text begins where the next text does.
        pages.extend([length] * waiting)
        waiting = 0
        if isinstance(block, Heading):
            headings.append((piece, block.level, length))
        parts.append(piece)
        length += len(piece)
        if length > MAX_CHARACTERS:
            raise Unreadable("too-large", f"more than {MAX_CHARACTERS:,} characters of text")
    pages.extend([length] * waiting)
    return finish("".join(parts), headings, pages, title=title, media_type=media_type)


def finish(
    text: str,
    headings: list[tuple[str, int, int]],
    pages: list[int],
    *,
    title: str,
    media_type: str,
) -> Text:
    """A Text from a normalised text and its headings as (title, level, start), in order."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable("too-large", f"more than {MAX_CHARACTERS:,} characters of text")
    if not any(character.isalnum() for character in text):
        raise Unreadable("no-text", "nothing in it can be read as words")

    def page(position: int) -> int | None:
        return max(bisect_right(pages, position), 1) if pages else None

    starts = list(headings)
    if not starts or starts[0][2] > 0:
        starts.insert(0, ("", 0, 0))
    ends = [start for _, _, start in starts[1:]] + [len(text)]
    sections = tuple(
        Section(heading, level, start, end, page(start))
        for (heading, level, start), end in zip(starts, ends, strict=True)
    )
    return Text(one_line(title), text, sections, tuple(pages), media_type, language_of(text))
