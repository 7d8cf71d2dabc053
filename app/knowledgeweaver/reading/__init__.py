"""From the bytes of a document to its text with positions, by content and not by file name."""

from __future__ import annotations

import re

from knowledgeweaver.reading.apart import read_apart
from knowledgeweaver.reading.blocks import MAX_CHARACTERS, Block, assemble, stem
from knowledgeweaver.reading.decode import decode
from knowledgeweaver.reading.html import looks_like_html, read_html
from knowledgeweaver.reading.kinds import DOCX, kind_of
from knowledgeweaver.reading.markdown import looks_like_markdown, read_markdown
from knowledgeweaver.reading.plain import read_plain
from knowledgeweaver.reading.records import delimiter_of, json_value, read_csv, read_json
from knowledgeweaver.reading.text import REASONS, Section, Text, Unreadable

__all__ = ["MAX_BYTES", "REASONS", "Section", "Text", "Unreadable", "charset_of", "read"]

#: A larger document is refused before it is looked at.
MAX_BYTES = 32_000_000

_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def read(data: bytes, name: str, media_type: str = "") -> Text:
    """Read a document. ``name`` gives a title where the document has none of its own.

    The name's ending and ``media_type`` only decide between kinds of text that the content leaves
    open, as a CSV file of one row. Raises Unreadable and nothing else, whatever the bytes are.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too-large", f"more than {MAX_BYTES:,} bytes")
    if not data.strip():
        raise Unreadable("empty", "there is nothing in it")
    kind = kind_of(data)
    if kind == "text":
        return _read_text(decode(data, charset_of(media_type)), name, media_type)
    title, blocks = read_apart(kind, data)
    return _assembled(title, blocks, name, DOCX if kind == "docx" else "application/pdf")


def charset_of(media_type: str) -> str:
    """The encoding that a media type names, "" where it names none."""
    match = _CHARSET.search(media_type)
    return match[1] if match else ""


def _read_text(text: str, name: str, media_type: str) -> Text:
    ending = name.rpartition(".")[2].lower()
    said = media_type.partition(";")[0].strip().lower()
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        # With its markup, because blocks and records need many times the memory of characters.
        raise Unreadable("too-large", f"more than {MAX_CHARACTERS:,} characters")
    if not text.strip():
        raise Unreadable("empty", "there is nothing in it")
    is_json, value = json_value(text)
    if is_json:
        title, blocks = read_json(value)
        return _assembled(title, blocks, name, "application/json")
    if looks_like_html(text) or (said == "text/html" and "<" in text):
        title, blocks = read_html(text)
        return _assembled(title, blocks, name, "text/html")
    called_csv = ending in ("csv", "tsv") or said in ("text/csv", "text/tab-separated-values")
    if delimiter := delimiter_of(text, sure=called_csv):
        return _assembled("", read_csv(text, delimiter), name, "text/csv")
    called_markdown = ending in ("md", "markdown") or said == "text/markdown"
    if called_markdown or looks_like_markdown(text):
        title, blocks = read_markdown(text)
        return _assembled(title, blocks, name, "text/markdown")
    return read_plain(text, name)


def _assembled(title: str, blocks: list[Block], name: str, media_type: str) -> Text:
    return assemble(blocks, title=title.strip() or stem(name), media_type=media_type)
