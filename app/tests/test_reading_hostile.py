"""Files that were made to hurt are refused in little time and little memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.make import make_docx, make_pdf, pdf_file
from knowledgeweaver.reading import Unreadable, read
from knowledgeweaver.reading.apart import MEMORY, read_apart, reading_environment
from knowledgeweaver.reading.blocks import Block
from knowledgeweaver.reading.pdf import read_pdf
from knowledgeweaver.reading.word import read_docx

pytestmark = pytest.mark.slow

PDF = make_pdf("# Title\nText of a page.\n---page---\nText of another.")
DOCX = make_docx("# Title\nText of a document.")


def reason(data: bytes, name: str = "x") -> str:
    """Why it is refused, "" where it is read."""
    try:
        read(data, name)
    except Unreadable as error:
        return error.reason
    return ""


def test_an_archive_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"word/part{number}.xml", bytes(50_000_000))
        file.writestr("word/document.xml", b"<x/>")
    assert reason(out.getvalue()) == "too-large"


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", b"<Types/>")
        file.writestr("word/document.xml", bytes(20_000_000))
    lying = out.getvalue().replace((20_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert reason(lying) == "damaged"


def bomb(levels: int) -> bytes:
    """A DOCX whose XML names an entity that names ten others, and so on."""
    entities = "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10 if level else "lol"}">'
        for level in range(levels)
    )
    xml = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><x>&e{levels - 1};</x>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as whole, zipfile.ZipFile(out, "w") as file:
        for name in whole.namelist():
            file.writestr(name, xml if name == "word/document.xml" else whole.read(name))
    return out.getvalue()


def test_entities_of_entities_are_not_expanded() -> None:
    assert reason(bomb(12)) in ("damaged", "no-text")


def pdf_with_stream(stream: bytes) -> bytes:
    """A PDF of one page with this content, already compressed."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return pdf_file([*objects, b"<< >>"])


def test_a_page_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    packer = zlib.compressobj(1)
    stream = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    assert reason(pdf_with_stream(stream)) == "too-large"


def test_a_page_that_takes_too_long_is_given_up() -> None:
    endless = zlib.compress(b"BT /F1 9 Tf " + b"(word) Tj T* " * 3_000_000 + b"ET", 9)
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        read_apart("pdf", pdf_with_stream(endless), seconds=3)
    assert caught.value.reason == "too-large"
    assert time.monotonic() - started < 10


def test_an_encrypted_pdf_is_called_so() -> None:
    secret = PDF.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
        b"/O <" + b"00" * 32 + b"> /U <" + b"11" * 32 + b"> >>",
    )
    assert reason(secret) == "encrypted"


def test_a_pdf_whose_pages_are_their_own_children_is_refused() -> None:
    ring = PDF.replace(b"/Kids [4 0 R 6 0 R]", b"/Kids [2 0 R 2 0 R]")
    assert reason(ring) in ("damaged", "no-text", "too-large")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<div>" * 1_000_000 + b"word", "x.html"),
        (b"<b><i><p>" * 400_000 + b"word", "x.html"),
        (b"<p>word" + b"<!--" * 1_000_000, "x.html"),
        (b"<p>word" + b'<a "' * 1_000_000, "x.html"),
        (b"<p>word</p>" + b"<a ='" * 500_000 + b'<a ="' * 500_000, "x.html"),
        (b"<p>word</p>" + b"<script>" * 500_000, "x.html"),
        (b"<p>word</p>" + b"<nav>" * 500_000, "x.html"),
        (b"# word\n" + b"[" * 2_000_000, "x.md"),
        (b"# word\n" + b"![a](" * 500_000, "x.md"),
        (b"# word\n" + b"**a _b " * 500_000, "x.md"),
        (b"# word\n" + b"> " * 1_000_000, "x.md"),
        (b"# word\n" + b"```\n" * 500_000, "x.md"),
        (b"word\n" + b"<!--" * 1_000_000, "x.md"),
        (b"word\n" + b" " * 1_000_000 + b"x", "x.md"),
        (b"---\ntitle: a" + b" " * 1_000_000 + b"b\n---\nword", "x.md"),
        (b"word " + b"=\n" * 1_000_000, "x.txt"),
        (b"word" + b" " * 3_000_000, "x.txt"),
        (b"word" + b"\n" * 3_000_000 + b"x", "x.txt"),
        ("e\u0301".encode() * 1_000_000, "x.txt"),
        (("a" + "\u0300" * 500_000).encode(), "x.txt"),
    ],
    ids=lambda value: repr(value[:14]) if isinstance(value, bytes) else value,
)
def test_text_that_was_made_to_be_slow_is_not(data: bytes, name: str) -> None:
    started = time.process_time()
    reason(data, name)
    assert time.process_time() - started < 8


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_json_that_nests_without_end_is_refused(opening: bytes) -> None:
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opening]
    assert reason(opening * 100_000 + b"1" + closing * 100_000) == "too-large"
    assert reason(opening * 500 + b"1" + closing * 500) == "too-large"


def test_a_reading_process_gets_no_more_memory_than_its_limit() -> None:
    asks = "from knowledgeweaver.reading import apart; apart.limit(); bytearray(apart.MEMORY)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    assert MEMORY < 1024**3
    assert done.stderr.strip().endswith("MemoryError")


def test_a_reading_process_sees_no_settings_and_no_credentials() -> None:
    os.environ["KW_SECRET"] = "secret"
    try:
        assert reading_environment().keys() == {"PYTHONPATH", "PATH"}
    finally:
        del os.environ["KW_SECRET"]


def broken(whole: bytes) -> st.SearchStrategy[bytes]:
    """The file with a stretch of it cut out or written over."""

    def breaking(at: int, length: int, instead: bytes) -> bytes:
        return whole[:at] + instead + whole[at + length :]

    return st.builds(
        breaking,
        st.integers(0, len(whole)),
        st.integers(0, 60),
        st.binary(max_size=20) | st.sampled_from([b"2 0 R", b"<<", b"stream", b"-1", b"999999999"]),
    )


def outcome(reader: Callable[[bytes], tuple[str, list[Block]]], data: bytes) -> str:
    """Why a file is refused, "" where it has blocks or none, but no other error."""
    try:
        title, blocks = reader(data)
    except Unreadable as error:
        return error.reason
    assert isinstance(title, str)
    assert isinstance(blocks, list)
    return ""


@settings(max_examples=150, deadline=None)
@given(broken(PDF))
def test_a_broken_pdf_is_read_or_refused(data: bytes) -> None:
    assert outcome(read_pdf, data) in ("", "damaged", "encrypted", "too-large")


@settings(max_examples=60, deadline=None)
@given(broken(DOCX))
def test_a_broken_docx_is_read_or_refused(data: bytes) -> None:
    assert outcome(read_docx, data) in ("", "damaged", "encrypted", "too-large", "unsupported")
