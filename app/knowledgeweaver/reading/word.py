"""DOCX to blocks, with python-docx. Runs in a process of its own, as PDF does (apart.py)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph as DocxParagraph

from knowledgeweaver.reading.blocks import Block, Heading, Paragraph
from knowledgeweaver.reading.text import Unreadable
from knowledgeweaver.reading.zipped import check_archive

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_TEXT, _TAB, _BREAK = qn("w:t"), qn("w:tab"), qn("w:br")
_ROW, _CELL, _PARAGRAPH = qn("w:tr"), qn("w:tc"), qn("w:p")


def read_docx(data: bytes) -> tuple[str, list[Block]]:
    """The title ("" where it has none) and the blocks; raises Unreadable."""
    check_archive(data)
    try:
        document = Document(io.BytesIO(data))
        blocks = list(_blocks(document))
        title = document.core_properties.title or ""
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # lxml, zipfile and python-docx each have errors of their own
        raise Unreadable("damaged", f"the DOCX is broken: {type(error).__name__}") from error
    if not title or title == "Word Document":
        title = next((block.title for block in blocks if isinstance(block, Heading)), "")
    return title, blocks


def _blocks(document: DocumentObject) -> Iterator[Block]:
    levels: dict[str, int] = {}  # by the style's identifier; looking a style up is slow
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
            continue
        text = _text(part._p)
        level = _level(part, levels)
        yield Heading(text, level) if level and text.strip() else Paragraph(text)


def _level(paragraph: DocxParagraph, levels: dict[str, int]) -> int:
    """1 … 6 for a heading, 0 for a paragraph."""
    identifier = str(paragraph._p.style or "")
    if identifier not in levels:
        name = (paragraph.style.name if paragraph.style is not None else "") or ""
        match = _HEADING.fullmatch(name)
        levels[identifier] = 1 if name == "Title" else min(max(int(match[1]), 1), 6) if match else 0
    return levels[identifier]


def _rows(table: Table) -> Iterator[Block]:
    """A paragraph a row, the cells with a bar between them."""
    for row in table._tbl.iter(_ROW):
        cells = [" ".join(_text(cell).split()) for cell in row.iterchildren(_CELL)]
        yield Paragraph(" | ".join(cell for cell in cells if cell))


def _text(element: object) -> str:
    """The visible characters under an element, also those in links and insertions."""
    parts = []
    for node in element.iter(_TEXT, _TAB, _BREAK, _PARAGRAPH):  # type: ignore[attr-defined]
        if node.tag == _TEXT:
            parts.append(node.text or "")
        else:
            parts.append("\t" if node.tag == _TAB else "\n")
    return "".join(parts).strip()
