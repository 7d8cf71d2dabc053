"""HTML (and XML) to blocks.

Read tag by tag instead of as a tree: every step moves on, so neither deep nesting nor unclosed
tags, comments or quotation marks can make it slow, and no tree is held in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from knowledgeweaver.reading.blocks import Block, Heading, Paragraph

# A quotation mark counts only after "=", as browsers have it. The possessive loops never go back.
_TAG = re.compile(
    r"<(/?)([A-Za-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>", re.DOTALL
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset head header hgroup hr html legend li main menu nav ol "
    "option p pre section select summary svg table tbody text tfoot thead title tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# What stands inside these is no text of the page and no markup either.
_RAW = frozenset({"script", "style", "textarea", "iframe", "noembed", "noframes", "template"})
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_MENU_END = re.compile(r"</nav\s*>", re.IGNORECASE)
_SIGNS = re.compile(r"<!doctype html|<html[\s>]|<(?:head|body|div|p|h[1-6]|table|ul)[\s>]", re.I)


def looks_like_html(text: str) -> bool:
    """Whether a text begins as HTML or XML does, or holds HTML's tags early and closes one."""
    head = text[:4_000].lstrip()
    if head[:5].lower() == "<?xml" or head[:14].lower() == "<!doctype html":
        return True
    return head.startswith("<") and bool(_SIGNS.search(head)) and "</" in text


def read_html(text: str) -> tuple[str, list[Block]]:
    """The title ("" where it has none) and the blocks."""
    page = _Page()
    for kind, value in _tokens(text):
        if kind == "text":
            page.text(value)
        elif kind == "open":
            page.open(value)
        else:
            page.close(value)
    page.flush()
    first = next((block.title for block in page.blocks if isinstance(block, Heading)), "")
    return page.title or first, page.blocks


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """("text", characters), ("open", tag) and ("close", tag), in order."""
    position = 0
    menus = True  # whether a further menu would be closed
    while True:
        start = text.find("<", position)
        if start < 0:
            yield "text", text[position:]
            return
        if start > position:
            yield "text", text[position:start]
        after = text[start + 1 : start + 2]
        if text.startswith("<!--", start):
            end = text.find("-->", start + 4)
            position = len(text) if end < 0 else end + 3
        elif text.startswith("<![CDATA[", start):
            end = text.find("]]>", start)
            end = len(text) if end < 0 else end
            yield "text", text[start + 9 : end].replace("&", "&amp;")
            position = end + 3
        elif after in ("!", "?"):
            end = text.find(">", start)
            position = len(text) if end < 0 else end + 1
        elif match := _TAG.match(text, start) if after == "/" or after.isalpha() else None:
            name = match[2].lower()
            position = match.end()
            if not match[1] and name == "nav" and menus:
                # The links of a menu are no text of the page; an unclosed one hides nothing.
                closed = _MENU_END.search(text, position)
                menus = closed is not None
                position = closed.end() if closed else position
            elif not match[1] and name in _RAW and not match[0].endswith("/>"):
                closing = _RAW_END[name].search(text, position)
                end = closing.start() if closing else len(text)
                if name == "textarea":  # a form that is filled in
                    yield from (("open", "p"), ("text", text[position:end]), ("close", "p"))
                position = end
            else:
                yield ("close" if match[1] else "open"), name
        elif after == "/" or (after.isalpha() and after.isascii()):
            # A tag that never closes: browsers drop the rest, we do not lose it.
            yield "text", text[start + 1 :].replace("<", " ")
            return
        else:
            yield "text", "<"
            position = start + 1
        if position >= len(text):
            return


class _Page:
    """The blocks so far, and the one that is being read."""

    def __init__(self) -> None:
        self.title = ""
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._heading = 0  # the level of the heading we are in
        self._in_title = False
        self._preformatted = False

    def text(self, value: str) -> None:
        self._parts.append(unescape(value) if "&" in value else value)

    def open(self, tag: str) -> None:
        if tag == "br":
            self._parts.append("\0")
        elif tag in _CELLS:
            if any(part.strip() for part in self._parts):
                self._parts.append(" | ")
        elif tag in _HEADINGS:
            self.flush()
            self._heading = _HEADINGS[tag]
        elif tag in _BLOCKS:
            self.flush()
            self._in_title = tag == "title" and not self.title and not self.blocks
            self._preformatted = tag == "pre"

    def close(self, tag: str) -> None:
        if tag in _HEADINGS or tag in _BLOCKS:
            self.flush()

    def flush(self) -> None:
        """End the block that is being read."""
        text = "".join(self._parts)
        self._parts.clear()
        if self._preformatted:
            text = text.replace("\0", "\n")
        else:
            text = "\n".join(" ".join(line.split()) for line in text.split("\0"))
        if self._in_title:
            self.title = text
        elif text.strip():
            self.blocks.append(Heading(text, self._heading) if self._heading else Paragraph(text))
        self._heading, self._in_title, self._preformatted = 0, False, False
