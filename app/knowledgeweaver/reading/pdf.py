"""PDF to blocks, with pypdf. Runs in a process of its own (apart.py): the bytes are not trusted."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

from knowledgeweaver.reading.blocks import MAX_CHARACTERS, Block, Heading, Page, Paragraph
from knowledgeweaver.reading.text import Unreadable

MAX_PAGES = 5_000

_NUMBER = re.compile(r"\d{1,9}")
_BULLET = re.compile(r"\s*(?:[-*•‣◦▪–]|\d{1,3}[.)])\s+")  # noqa: RUF001 - a dash is a bullet, too
_BROKEN = re.compile(r"([^\W\d_])[-\u00ad\u2010]$")
_END = re.compile(r"[.!?:。！？][\"'”’)\]]*$")  # noqa: RUF001 - full stops of Chinese and Japanese
_NO_TITLE = re.compile(r"(?i)^(untitled|microsoft word.*|.*\.(docx?|indd|tex|pdf|qxd))?$")
# Chinese and Japanese have no space where a line breaks.
_CLOSE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


@dataclass(slots=True)
class Line:
    text: str
    size: float  # of its characters, in points


def read_pdf(data: bytes) -> tuple[str, list[Block]]:
    """The title ("" where it has none) and the blocks.

    Raises Unreadable: encrypted, too-large, damaged. A PDF of pictures has no blocks but pages.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted", "the PDF asks for a password")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable("too-large", f"more than {MAX_PAGES} pages")
        pages = _pages(reader)
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except (DependencyError, FileNotDecryptedError) as error:
        raise Unreadable("encrypted", "the PDF is encrypted") from error
    except LimitReachedError as error:
        raise Unreadable("too-large", f"the PDF is beyond a limit: {error}") from error
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a broken file makes pypdf fail in every way there is
        raise Unreadable("damaged", f"the PDF is broken: {type(error).__name__}") from error
    blocks = list(_blocks(_without_margins(pages)))
    if _NO_TITLE.match(title.strip()):
        title = next((block.title for block in blocks if isinstance(block, Heading)), "")
    return title, blocks


def _pages(reader: PdfReader) -> list[list[Line]]:
    pages, length = [], 0
    for page in reader.pages:
        lines = _lines(page)
        length += sum(len(line.text) for line in lines)
        if length > MAX_CHARACTERS:
            raise Unreadable("too-large", f"more than {MAX_CHARACTERS:,} characters of text")
        pages.append(lines)
    return pages


def _lines(page: Any) -> list[Line]:
    """The lines of a page, each with the size of most of its characters."""
    runs: list[tuple[str, float]] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if text:
            # The matrix often holds the size, and the font is said to be one point large.
            scale = abs(float(tm[3])) or abs(float(tm[0])) or 1.0
            runs.append((text, float(size or 0) * scale * (abs(float(cm[3])) or 1.0)))

    page.extract_text(visitor_text=visit)
    lines: list[Line] = []
    parts: list[str] = []
    sizes: Counter[float] = Counter()

    def end() -> None:
        text = "".join(parts).strip()
        if text:
            lines.append(Line(text, sizes.most_common(1)[0][0]))
        parts.clear()
        sizes.clear()

    for text, size in runs:
        for number, part in enumerate(text.split("\n")):
            if number:
                end()
            parts.append(part)
            sizes[round(size, 1)] += len(part)
    end()
    return lines


def _without_margins(pages: list[list[Line]]) -> list[list[Line]]:
    """Without headers and footers: a first or last line that most pages have alike, but for the
    number of the page. Where one comes first it stays, so that no word is lost.
    """
    if len(pages) < 3:
        return pages
    edges: defaultdict[tuple[int, str], list[tuple[int, Line]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for edge in (0, -1) if len(page) > 1 else (0,) if page else ():
            edges[edge, _NUMBER.sub("#", page[edge].text)].append((number, page[edge]))
    gone: set[int] = set()
    for found in edges.values():
        if len(found) * 5 >= len(pages) * 3 and _are_margins(found):
            once = any(map(str.isalpha, found[0][1].text))
            gone |= {id(line) for _, line in found[1 if once else 0 :]}
    return [[line for line in page if id(line) not in gone] for page in pages]


def _are_margins(found: list[tuple[int, Line]]) -> bool:
    """Whether lines that are alike but for numbers differ in the page's number at most."""
    numbers = [[int(n) - page for n in _NUMBER.findall(line.text)] for page, line in found]
    plain = [[int(n) for n in _NUMBER.findall(line.text)] for _, line in found]
    return all(
        len(set(of_page)) == 1 or len(set(same)) == 1
        for of_page, same in zip(zip(*numbers, strict=True), zip(*plain, strict=True), strict=True)
    )


def _blocks(pages: list[list[Line]]) -> Iterator[Block]:
    """Larger lines are headings; the others are joined to paragraphs."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    large = sorted((size for size in sizes if size >= body * 1.15 and body > 0), reverse=True)
    for page in pages:
        yield Page()
        waiting: list[str] = []
        width = max((len(line.text) for line in page), default=0)
        for line in page:
            if line.size in large and len(line.text) <= 150 and any(map(str.isalpha, line.text)):
                if waiting:
                    yield Paragraph(_joined(waiting))
                    waiting = []
                yield Heading(line.text, min(large.index(line.size) + 1, 6))
                continue
            if waiting and (_BULLET.match(line.text) or _ends(waiting[-1], width)):
                yield Paragraph(_joined(waiting))
                waiting = []
            waiting.append(line.text)
        if waiting:
            yield Paragraph(_joined(waiting))


def _ends(line: str, width: int) -> bool:
    """A paragraph ends with a sentence on a line that is clearly shorter than the others."""
    return bool(_END.search(line)) and len(line) < width * 0.75


def _joined(lines: list[str]) -> str:
    """Lines as one, with words that were broken at a line's end made whole."""
    text = lines[0]
    for line in lines[1:]:
        if _BROKEN.search(text) and line[:1].islower():
            text = text[:-1] + line
        elif _BROKEN.search(text) and line[:1].isupper():
            text += line  # "Nord-" and "Ostsee": a hyphen of its own
        elif text and _CLOSE.match(text[-1]) and _CLOSE.match(line):
            text += line
        else:
            text += " " + line
    return text
