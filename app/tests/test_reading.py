# ruff: noqa: RUF001 - text of many languages
"""What a document says is read by its content, with sections and pages as positions."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.make import make_docx, make_pdf
from knowledgeweaver.reading import Text, Unreadable, read
from knowledgeweaver.reading.kinds import DOCX

SOURCE = "# The Yard\n## Ships\nIt built the Tarn (1971).\n---page---\n## Today\nIt makes masts."


def titles(text: Text) -> list[str]:
    return [section.title for section in text.sections]


def part(text: Text, number: int) -> str:
    section = text.sections[number]
    return text.text[section.start : section.end].strip()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "Die Brücke über die Elda wurde 1958 gebaut."),
        ("utf-8-sig", "Die Brücke über die Elda wurde 1958 gebaut."),
        ("utf-16", "Die Brücke über die Elda wurde 1958 gebaut."),
        ("utf-16-be", "Die Brücke über die Elda wurde 1958 gebaut."),
        ("utf-32", "Die Brücke über die Elda wurde 1958 gebaut."),
        ("latin-1", "La fête est née à Saint-Aubrac, où l'été est très agréable. " * 4),
        ("koi8-r", "Полярная станция находится на острове, её построили давно. " * 4),
        ("shift_jis", "青潮水族館は汐見市の東埠頭にあります。館長は森川真理です。" * 4),
        ("euc-jp", "青潮水族館は汐見市の東埠頭にあります。館長は森川真理です。" * 4),
        ("iso2022_jp", "青潮水族館は汐見市の東埠頭にあります。"),
        ("gb18030", "上海图书馆是中国的公共图书馆，成立于一九五二年。" * 4),
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(encoding: str, said: str) -> None:
    assert read(said.encode(encoding), "x.bin").text.strip() == said.strip()


def test_a_declared_encoding_is_believed_before_a_guess() -> None:
    page = '<html><meta charset="koi8-r"><p>Ромашка</p></html>'
    assert "Ромашка" in read(page.encode("koi8-r"), "page").text
    assert "Ромашка" in read("Ромашка".encode("cp866"), "x", "text/plain; charset=cp866").text


def test_one_broken_byte_does_not_make_another_encoding_of_utf_8() -> None:
    text = read("Élodie était là. ".encode() * 50 + b"\xff", "x.txt").text
    assert text.startswith("Élodie était là.")


def test_text_is_composed_and_has_one_kind_of_newline() -> None:
    assert read(b"Cafe\xcc\x81\r\nbar\rbaz\x00\n", "x").text == "Café\nbar\nbaz"


def test_plain_text_keeps_its_characters_and_has_its_headings_as_sections() -> None:
    said = "Title\n=====\n\nFirst.\n\nNAME\n\nSecond.\n\n2.1 Scope\n\nThird."
    text = read(said.encode(), "notes.txt")
    assert text.text == said
    assert titles(text) == ["Title", "NAME", "2.1 Scope"]
    assert [section.level for section in text.sections] == [1, 1, 2]
    assert part(text, 2) == "2.1 Scope\n\nThird."
    assert (text.title, text.pages, text.media_type) == ("Title", (), "text/plain")


def test_markdown_loses_its_marks_and_keeps_its_words() -> None:
    text = read(
        b"---\ntitle: Guide\n---\nIntro <!-- no -->\n\n# One\n\nA **bold** [link](http://x.y) and "
        b"`code`.\n\nTwo\n---\n\n```\n# no heading\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "guide.md",
    )
    assert (text.title, text.media_type) == ("Guide", "text/markdown")
    assert titles(text) == ["", "One", "Two"]
    assert part(text, 1) == "One\n\nA bold link and code."
    assert part(text, 2) == "Two\n\n# no heading\n\na | b\n1 | 2"


def test_html_is_its_visible_text_whatever_the_file_is_called() -> None:
    text = read(
        b"<!DOCTYPE html><title>Yard &amp; Co</title><script>var x = '<p>no</p>';</script>"
        b"<nav>Home</nav><h1>Yard</h1><p>One<br>two &lt;b&gt; <a title='a > b'>three</a></p>"
        b"<ul><li>first<li>second</ul><table><tr><td>1</td><td>2</td></tr></table>",
        "lying.txt",
    )
    assert (text.title, text.media_type) == ("Yard & Co", "text/html")
    assert text.text == "Yard\n\nOne\ntwo <b> three\n\nfirst\n\nsecond\n\n1 | 2"


def test_a_row_of_csv_is_text_with_its_columns_names() -> None:
    text = read(b"Year;Winner\n1955;Hana\n1968;Vera\n", "prize")
    assert (text.text, text.media_type) == (
        "Year: 1955; Winner: Hana\n\nYear: 1968; Winner: Vera",
        "text/csv",
    )


def test_commas_alone_are_no_csv() -> None:
    said = "First, there was nothing.\nThen, there was light.\nAt last, there was a poem."
    assert read(said.encode(), "poem.txt").text == said


def test_json_is_text_with_its_objects_as_sections() -> None:
    text = read(b'{"title": "Stations", "n": 1.50, "list": [{"name": "A", "up": true}]}', "x.dat")
    assert (text.title, text.media_type) == ("Stations", "application/json")
    assert text.text == "title: Stations; n: 1.50\n\nlist\n\nname: A; up: yes"
    assert titles(text) == ["", "list"]


def test_lines_of_json_are_records() -> None:
    assert read(b'{"a": "x"}\n{"a": "y"}\n', "x").text == "a: x\n\na: y"


def test_half_a_surrogate_in_json_becomes_a_sign_that_can_be_stored() -> None:
    assert read(b'{"a": "bad \\ud800 half"}', "x").text.encode() == "a: bad \ufffd half".encode()


def test_a_pdf_has_pages_and_its_larger_lines_as_headings() -> None:
    text = read(make_pdf(SOURCE), "no-ending", "text/plain")
    assert (text.title, text.media_type) == ("The Yard", "application/pdf")
    assert [(s.title, s.level, s.page) for s in text.sections] == [
        ("The Yard", 1, 1),
        ("Ships", 2, 1),
        ("Today", 2, 2),
    ]
    assert text.text[text.pages[1] :] == "Today\n\nIt makes masts."


def test_a_docx_has_its_heading_styles_as_sections() -> None:
    text = read(make_docx(SOURCE), "x.zip")
    assert (text.title, text.media_type, text.pages) == ("The Yard", DOCX, ())
    assert titles(text) == ["The Yard", "Ships", "Today"]
    assert part(text, 1) == "Ships\n\nIt built the Tarn (1971)."


def test_a_document_without_a_title_is_called_like_its_file() -> None:
    assert read(b"Some words here.", "folder/My notes.v2.txt").title == "My notes.v2"


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "unsupported"),
        (archive(mimetype=b"application/epub+zip"), "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"%PDF-1.7\nnothing of a PDF", "damaged"),
        (make_pdf(SOURCE)[:300], "damaged"),
        (bytes(range(256)) * 20, "not-text"),
        (b"<html><body><img src=x></body></html>", "no-text"),
        (b"--- *** ...", "no-text"),
        (b"a" * 33_000_000, "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(data, "x.txt")
    assert caught.value.reason == reason


def assert_true(text: Text) -> None:
    """What Text promises."""
    position = 0
    for section in text.sections:
        assert section.start == position
        position = section.end
        if section.title:
            shown = " ".join(text.text[section.start : section.end].split())
            assert shown.startswith(section.title[:80])
        assert section.page is None or text.pages[section.page - 1] <= section.start
    assert position == len(text.text)
    assert list(text.pages) == sorted(text.pages)
    assert "\r" not in text.text
    assert text.text.encode().decode() == text.text


PIECES = st.sampled_from(
    [
        *(
            b"<html>",
            b"<p>",
            b"</p>",
            b"<h2>",
            b"<!--",
            b"<td",
            b"<![CDATA[",
            b"<script>",
            b"<nav>",
        ),
        *(b"# ", b"\n---\n", b"===\n", b"```\n", b"|", b"[a](", b"**", b"> ", b"- ", b"\n\n"),
        *(b'{"a":', b"[", b"]", b"}", b'"', b"\\u", b"1", b",", b";", b"\t", b"\r", b"\x00"),
        *(b"Title\n", b"NAME\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b$B", b"e\xcc\x81", b"&amp;"),
        *("é".encode(), "東京。".encode(), "Ж".encode("cp1251"), b"\xed\xa0\x80", b"\x0c"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300) | st.lists(PIECES, max_size=40).map(b"".join), st.text(max_size=9))
def test_any_bytes_give_a_true_text_or_say_why_not(data: bytes, name: str) -> None:
    # PDF and DOCX start a process each; test_reading_hostile.py has them.
    if b"%PDF-" in data or data.startswith(b"PK"):
        return
    try:
        text = read(data, name)
    except Unreadable:
        return
    assert_true(text)
