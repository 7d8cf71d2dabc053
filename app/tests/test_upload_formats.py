"""Text from uploaded bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.uploads.formats import Unreadable, html, plain, reader

# without st.characters(), which takes seconds to classify all of Unicode before the first example
CHARACTERS = (st.integers(1, 0xD7FF) | st.integers(0xE000, 0x10FFFF)).map(chr)


@given(st.text(CHARACTERS, min_size=1))
def test_any_text_in_utf_8_is_read_as_it_is(words: str) -> None:
    if words.removeprefix("\ufeff").strip():
        assert plain(words.encode()) == words.removeprefix("\ufeff")


# what a page's parser stumbles over, in every order
MARKUP = (
    "<! <![ <!-- --> ]]> <? </ < > CDATA[ [ if ] DOCTYPE script p a = \" ' & # x3 ; \n é".split(" ")
)


@given(st.binary() | st.lists(st.sampled_from(MARKUP)).map("".join).map(str.encode))
def test_any_other_bytes_are_refused_or_read_and_never_break_anything(data: bytes) -> None:
    for read in (plain, html):
        with suppress(Unreadable):
            assert read(data).strip()


def test_the_mark_at_the_beginning_of_a_file_is_no_text() -> None:
    assert plain(b"\xef\xbb\xbfAda.") == "Ada."


def test_a_page_is_what_its_reader_sees_paragraph_by_paragraph() -> None:
    page = """<!doctype html><title>Engines</title><style>p { color: red }</style>
      <h1>The Engine</h1><p>Designed by <b>Charles
      Babbage</b> &amp; others.</p><script>alert("no")</script><ul><li>one<li>two</ul>"""
    assert html(page.encode()) == (
        "Engines\n\nThe Engine\n\nDesigned by Charles\n Babbage & others.\n\none\n\ntwo"
    )


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("<![if !IE]>Engines<![endif]>", "Engines"),
        ("One<![ no name, no end of it>two", "Onetwo"),
        ("<!--[if IE]>old<![endif]-->new", "new"),
    ],
)
def test_markup_that_only_some_programs_write_is_no_text(page: str, seen: str) -> None:
    assert html(page.encode()) == seen


def test_the_ending_of_a_name_decides_whatever_its_case() -> None:
    assert reader("papers/NOTES.TXT") is plain
    assert reader("index.html") is html
    for name in ("picture.png", "txt", ".txt/none", "archive.txt.gz"):
        with pytest.raises(Unreadable):
            reader(name)
