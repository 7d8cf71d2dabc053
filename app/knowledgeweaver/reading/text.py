"""What reading gives back: the text of a document, and where its sections and pages begin."""

from __future__ import annotations

from dataclasses import dataclass

#: Why a document could not be read; stable words, stored, shown and counted.
REASONS = frozenset(
    {"empty", "encrypted", "damaged", "unsupported", "too-large", "no-text", "not-text"}
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, up to the next heading of any level."""

    title: str  # "" for what stands before the first heading
    level: int  # 1 … 6, 0 for none
    start: int  # character positions in Text.text; the heading itself is inside
    end: int
    page: int | None  # the page it begins on, counted from 1, where the format has pages


@dataclass(frozen=True, slots=True)
class Text:
    """A document that was read. Every position is a character position in ``text``."""

    title: str  # the document's own title, else the file's name without its ending
    text: str  # NFC, newlines only "\n", no other control character than "\t"
    sections: tuple[Section, ...]  # in order, each begins where the one before ends
    pages: tuple[int, ...]  # start of each page in text, () without pages
    media_type: str
    language: str  # ISO 639-1 by script and stop words, "" where unknown


class Unreadable(Exception):
    """A document could not be read; ``reason`` is one of the stable words in REASONS."""

    def __init__(self, reason: str, message: str = "") -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not one of {', '.join(sorted(REASONS))}")
        super().__init__(message or reason)
        self.reason = reason
