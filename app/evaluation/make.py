"""Makes the PDF and DOCX files of this corpus out of ``sources/``, always the same bytes.

    python -m evaluation.make        writes evaluation/documents/*.pdf and *.docx

A source is a little Markdown: "#" and "##" are headings, "---page---" begins a page in a PDF.
The PDF is written here by hand, because a library for it would be larger than what it does.
"""

from __future__ import annotations

import io
import textwrap
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from docx import Document

HERE = Path(__file__).parent
PAGE_BREAK = "---page---"
_TIME = (2024, 1, 1, 0, 0, 0)
_SIZES = {1: 20, 2: 15, 0: 11}  # points, by the heading's level; 0 is a paragraph


def parse(source: str) -> list[list[tuple[int, str]]]:
    """The pages of a source; each is a list of (level, text), 0 for a paragraph."""
    pages = []
    for page in source.split(PAGE_BREAK):
        blocks = []
        for block in page.strip().replace("\n## ", "\n\n## ").split("\n\n"):
            for line in block.split("\n"):
                level = len(line) - len(line.lstrip("#"))
                blocks.append((level, line.lstrip("# ").strip()))
        pages.append([block for block in blocks if block[1]])
    return pages


def make_pdf(source: str) -> bytes:
    """A PDF of A4 pages in Helvetica, with a title; characters of Western Europe only."""
    pages = parse(source)
    objects: list[bytes] = []  # number n is at n - 1
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
    objects.append(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    for number, page in enumerate(pages):
        content = zlib.compress(_content(page))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number)
        )
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream"
            % (len(content), content)
        )
    objects.append(b"<< /Title (%b) >>" % _escaped(pages[0][0][1]))
    return pdf_file(objects)


def _content(page: list[tuple[int, str]]) -> bytes:
    """The drawing commands of a page: lines of text from the top down."""
    commands = [b"BT", b"60 790 Td"]
    for level, text in page:
        size = _SIZES[level]
        commands.append(b"/F1 %d Tf %d TL" % (size, size + 4))
        for line in textwrap.wrap(text, 82 if level == 0 else 55):
            commands.append(b"(%b) Tj T*" % _escaped(line))
        commands.append(b"0 -8 Td")
    commands.append(b"ET")
    return b"\n".join(commands)


def _escaped(text: str) -> bytes:
    for sign in "\\()":
        text = text.replace(sign, "\\" + sign)
    return text.encode("cp1252")


def pdf_file(objects: list[bytes]) -> bytes:
    """The objects with the table of where each begins; the last one is the information."""
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, len(objects), table)
    )
    return out.getvalue()


def make_docx(source: str) -> bytes:
    """A DOCX with Word's own heading styles and a title."""
    document = Document()
    for page in parse(source):
        for level, text in page:
            if level:
                document.add_heading(text, level)
            else:
                document.add_paragraph(text)
    document.core_properties.title = parse(source)[0][0][1]
    document.core_properties.created = datetime(*_TIME, tzinfo=UTC)
    document.core_properties.modified = datetime(*_TIME, tzinfo=UTC)
    written = io.BytesIO()
    document.save(written)
    # Once more with one time for all parts: an archive notes when each was written.
    out = io.BytesIO()
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(out, "w") as archive:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, parts.read(name))
    return out.getvalue()


def made() -> dict[str, bytes]:
    """The files by their names."""
    files = {}
    for source in sorted((HERE / "sources").glob("*.md")):
        name = source.name.removesuffix(".md")
        text = source.read_text(encoding="utf-8")
        files[name] = make_pdf(text) if name.endswith(".pdf") else make_docx(text)
    return files


def main() -> None:
    for name, data in made().items():
        (HERE / "documents" / name).write_bytes(data)


if __name__ == "__main__":
    main()
