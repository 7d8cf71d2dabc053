# ruff: noqa: RUF001 - text of many languages
"""What a document says is read by its content, with sections and pages as positions."""

from __future__ import annotations

import io
import re
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


@pytest.mark.parametrize(
    "said",
    [
        "%PDF-1.7 is how a PDF begins.",
        "A file that begins with\n%PDF-1.4\nis a PDF.",
        "GIF89a was the last version of GIF.",
        "RIFF is a container.",
        "ID3 tags hold the title of a song.",
        "OggS, BZh and Rar! begin other files.",
        "The ftyp of a film comes after four bytes.",
    ],
)
def test_a_text_about_other_formats_is_a_text(said: str) -> None:
    assert read(said.encode(), "formats.txt").text == said


@pytest.mark.parametrize(
    "start", [b"GIF89a\x01\x00\x01\x00", b"ID3\x03\x00", b"RIFF\x24\x08\x00\x00"]
)
def test_other_formats_are_refused_by_their_first_bytes(start: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read(start + bytes(90), "x.txt")
    assert caught.value.reason == "unsupported"


def test_sentences_with_as_many_commas_each_are_no_csv() -> None:
    said = "Ann, my sister\nwent out, alone\nand came back, late"
    assert read(said.encode(), "poem.txt").text == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("# Talk\n\n[Anna]: I met Bob in Paris", "[Anna]: I met Bob in Paris"),
        ("# Talk\n\n[Anna]: Yes.", "[Anna]: Yes."),
        ("# Talk\n\n[^1]: See Smith 2001", "[^1]: See Smith 2001"),
        ("# Rust\n\nA Vec<String> of names", "A Vec<String> of names"),
        ("# Link\n\nBy <b>Ada</b>, <https://a.b/c>", "By Ada, https://a.b/c"),
        ("---\nThe first words.\n\n---\n\n# Next\n", "The first words."),
        ("---\ntitle: Guide\nauthor: Ada\n---\n# Next\n", "author: Ada"),
    ],
)
def test_no_word_of_markdown_is_lost(said: str, shown: str) -> None:
    assert shown in read(said.encode(), "x.md").text


@pytest.mark.parametrize(
    "line", ["[a]: https://a.b/c", '[a]: ../x.md "A title"', "[a]: <x y.md>", "[a]: #part"]
)
def test_a_definition_of_a_link_is_no_text(line: str) -> None:
    if " y" not in line:  # an address has no blank
        assert read(f"# One\n\nTwo\n\n{line}\n".encode(), "x.md").text == "One\n\nTwo"


_WORD = st.from_regex(r"kw[a-z]{1,6}", fullmatch=True)
_MARKED = st.sampled_from(
    [
        "{}", "# {}", "## {} ##", "- {}", "> {}", "1. {}", "[{}]: {}", "**{}** _{}_", "[{}](x.md)",
        "![{}](a.png)", "| {} | {} |", "|---|---|", "---", "***", "`{}`", "<{}>", "a<{}>b",
        "~~{}~~", "{}\n===", "{}\n---", "[^{}]: {}", "<b>{}</b>", "{}: {}", "```\n{}\n```",
        "<!-- no -->", "",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(_MARKED, _WORD, _WORD), min_size=1, max_size=9))
def test_every_word_that_a_reader_of_markdown_sees_is_read(
    lines: list[tuple[str, str, str]],
) -> None:
    said = "\n".join(form.format(first, second) for form, first, second in lines)
    seen = {word for form, *words in lines for word in words[: form.count("{}")]}
    if seen:
        text = read(said.encode(), "words.md")
        assert seen <= set(re.findall(r"kw[a-z]+", f"{text.title} {text.text}"))


def test_html_keeps_what_is_seen_in_a_form_and_in_a_drawing() -> None:
    said = (
        b"<html><p>One</p><textarea>Two &amp; <b></textarea><button>Three</button>"
        b"<svg><style>p {}</style><text>Four</text><text>Five</text></svg>"
        b"<template>no</template></html>"
    )
    assert read(said, "x.html").text == "One\n\nTwo & <b>\n\nThree\n\nFour\n\nFive"


def test_pages_that_differ_in_numbers_alone_keep_their_words() -> None:
    pages = "\n---page---\n".join(f"Invoice {n * n + 7} total {n * 100}" for n in range(1, 6))
    text = read(make_pdf(pages), "x.pdf").text
    assert all(f"Invoice {n * n + 7} total {n * 100}" in text for n in range(1, 6))


def test_a_header_and_the_page_numbers_are_no_text_of_each_page() -> None:
    pages = "\n---page---\n".join(
        f"Annual report\n\nWords {word}.\n\nPage {n} of 4"
        for n, word in enumerate(("one", "two", "three", "four"), 1)
    )
    text = read(make_pdf(pages), "x.pdf").text
    assert text.count("Annual report") == text.count("Page") == 1  # where they come first
    assert [text.count(f"Words {w}.") for w in ("one", "two", "three", "four")] == [1] * 4
