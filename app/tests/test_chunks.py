"""Pieces of a document end where sentences end and know where they stand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.make import make_pdf
from knowledgeweaver.reading import Unreadable, read
from knowledgeweaver.text.chunks import pieces
from knowledgeweaver.text.words import sentences


def test_a_piece_knows_its_section_and_its_page() -> None:
    source = "# Yard\n## Ships\nIt built one.\n---page---\nIt built two.\n## Masts\nIt makes masts."
    found = pieces(read(make_pdf(source), "yard.pdf"))
    assert [(piece.text, piece.section, piece.page) for piece in found] == [
        ("Yard\n\nShips\n\nIt built one.\n\nIt built two.", "Yard › Ships", 1),  # noqa: RUF001
        ("Masts\n\nIt makes masts.", "Yard › Masts", 2),  # noqa: RUF001
    ]


def test_a_piece_ends_where_a_sentence_ends() -> None:
    text = read(b"One is here. Two is there. Three is nowhere.", "x")
    assert [piece.text for piece in pieces(text, 30)] == [
        "One is here. Two is there.",
        "Three is nowhere.",
    ]


def test_a_sentence_that_is_too_long_is_cut_at_a_space() -> None:
    text = read(b"aaaa bbbb cccc " + b"d" * 12, "x")
    assert [piece.text for piece in pieces(text, 10)] == ["aaaa bbbb", "cccc", "d" * 10, "dd"]


BLOCKS = st.sampled_from(
    ["# One\n\n", "## Two\n\n", "Words stand here. ", "More. ", "- a\n", "\n\n", "東京。", "x" * 40]
)


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=25).map("".join), st.integers(1, 120))
def test_pieces_hold_every_visible_character_once(original: str, size: int) -> None:
    try:
        text = read(original.encode(), "x.md")
    except Unreadable:
        return
    position, seen = 0, ""
    for piece in pieces(text, size):
        assert piece.text == text.text[piece.start : piece.end]
        assert 0 < len(piece.text) <= size
        assert position <= piece.start
        position = piece.end
        seen += piece.text
    assert "".join(seen.split()) == "".join(text.text.split())


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Here it is. ", "There. ", "It was so!\n\n"]), min_size=1))
def test_where_all_sentences_fit_every_piece_ends_with_one(parts: list[str]) -> None:
    text = read("".join(parts).encode(), "x")
    ends = {end for _, end in sentences(text.text)}
    assert all(piece.end in ends for piece in pieces(text, 40))
