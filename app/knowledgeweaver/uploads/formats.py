"""Text from the bytes of an object, by the ending of its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import PurePosixPath


class Unreadable(Exception):
    """There is no text in it that can be read; the message says why."""


def reader(key: str) -> Callable[[bytes], str]:
    """What reads an object of this name; raises Unreadable for kinds that nothing here reads."""
    ending = PurePosixPath(key).suffix.lower()
    if ending not in _READERS:
        raise Unreadable(f"{ending or 'no ending'}: not one of {', '.join(sorted(_READERS))}")
    return _READERS[ending]


def plain(data: bytes) -> str:
    """UTF-8, with or without a mark at its beginning; raises Unreadable."""
    try:
        words = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}") from None
    if "\0" in words:
        raise Unreadable("holds zero bytes, so it is no text")
    if not words.strip():
        raise Unreadable("empty")
    return words


def html(data: bytes) -> str:
    """What a reader of the page sees, without its scripts and styles; raises Unreadable."""
    page = _Page()
    page.feed(plain(data))
    page.close()
    words = re.sub(r"\s*\n\s*\n\s*", "\n\n", re.sub(r"[ \t]+", " ", "".join(page.parts))).strip()
    if not words:
        raise Unreadable("a page without words")
    return words


class _Page(HTMLParser):
    _UNSEEN = frozenset({"script", "style", "template", "noscript"})
    _BLOCKS = frozenset(
        "address article aside blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr "
        "li main nav ol p pre section table td th title tr ul".split()
    )

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in self._UNSEEN
        self._gap(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(self._unseen - (tag in self._UNSEEN), 0)
        self._gap(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """``<![…>`` is a comment to browsers; Python 3.11 asserts what may stand in it."""
        return self.parse_bogus_comment(i, report)

    def _gap(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self.parts.append("\n\n")


_READERS = {
    ".htm": html,
    ".html": html,
    ".markdown": plain,
    ".md": plain,
    ".rst": plain,
    ".text": plain,
    ".txt": plain,
}
