"""Every text fits the place that it goes to, and what does not fit is counted, never dropped."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.render.fit import Item, Section, clip, cut, fit, shortened, size
from pipeline.render.markdown import code, plain
from tests.render.inert import OURS, TEXTS, does

TEXT = st.text(max_size=30)
ITEM = st.lists(TEXT, min_size=1, max_size=3).map(lambda texts: Item(tuple(texts)))


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.lists(ITEM, max_size=20)), max_size=8),
    st.integers(0, 2000),
)
def test_fitting_never_exceeds_the_limit(parts: list[tuple[int, list[Item]]], limit: int) -> None:
    sections = [Section(rank, "head", tuple(lines), "tail") for rank, lines in parts]
    assert size(fit(sections, limit, "more")) <= limit


@given(st.lists(ITEM, max_size=20))
def test_what_fits_is_shown_whole_and_in_order(items: list[Item]) -> None:
    sections = [Section(3, "first", items), Section(0, "second", items)]
    text = fit(sections, 10_000, "more")
    assert text == "\n\n".join("\n".join([head, *(i.whole for i in items)])
                               for head in ("first", "second"))  # fmt: skip


def test_every_item_is_named_before_any_is_shown_whole() -> None:
    items = [Item((f"name-{n}: {'long ' * 100}", f"name-{n}")) for n in range(100)]
    text = fit([Section(1, "head", items, "tail", "changes")], 4000, "see there.")
    assert all(f"name-{n}" in text for n in range(100))
    assert "long" in text
    assert "of these changes not shown whole; see there." in text


def test_what_is_left_out_is_counted() -> None:
    items = [f"line {n}" for n in range(10_000)]
    text = fit([Section(1, "head", items, "tail", "changes")], 1000, "see there.")
    shown = text.count("line ")
    assert f"… and {10_000 - shown:,} more changes; see there." in text


def test_sections_of_one_rank_share_the_room() -> None:
    sections = [Section(3, f"unit {n}", ["x" * 50] * 100, "", "changes") for n in range(5)]
    text = fit(sections, 3000, "see there.")
    assert all(f"unit {n}" in text for n in range(5))
    assert text.count("more changes") == 5


def test_a_section_for_which_there_is_no_room_is_counted_too() -> None:
    sections = [Section(3, f"a long heading {n} " * 5, ["x"] * 9) for n in range(50)]
    text = fit(sections, 1000, "see there.")
    assert "more parts; see there." in text


@settings(max_examples=150)
@given(st.text(max_size=400), st.integers(0, 300))
def test_a_finished_text_is_cut_within_its_limit(text: str, limit: int) -> None:
    assert size(cut(text, limit, "the rest is elsewhere.")) <= limit
    assert size(clip(text, limit)) <= limit


@pytest.mark.parametrize("limit", range(60, 200, 7))
def test_a_cut_text_leaves_no_block_and_no_fold_open(limit: int) -> None:
    text = "<details><summary>s</summary>\n\n```diff\n" + "+ x\n" * 100 + "```\n\n</details>\nafter"
    short = cut(text, limit, "more.")
    assert short.count("```") % 2 == 0
    assert short.count("<details>") == short.count("</details>")
    assert short.endswith("… more.")


def test_a_title_is_clipped_by_bytes() -> None:
    assert clip("ä" * 300, 256) == "ä" * 126 + "…"
    assert clip("short", 256) == "short"


@settings(max_examples=150)
@given(TEXTS, st.integers(0, 300))
def test_a_shortened_line_is_within_its_limit_and_does_nothing(text: str, limit: int) -> None:
    for line in (plain(text), f"- {code(text)} is", f"- {plain(text)}: {code(text)}"):
        short = shortened(line, limit)
        assert size(short) <= limit
        assert does(short, OURS) == []


@pytest.mark.parametrize("long", ["x" * 72_000, "it's so " * 9_000, "`a b` " * 12_000])
@pytest.mark.parametrize("rank", [0, 3])
def test_a_head_and_an_item_that_are_too_long_begin_all_the_same(long: str, rank: int) -> None:
    words = plain(f"red: {long}")
    sections = [
        Section(rank, f"## {words}"),
        Section(rank, "head", (f"- {words}", "- second", f"- {words}"), "tail"),
        Section(rank, "last"),
    ]
    text = fit(sections, 65_536, "see there.")
    assert size(text) <= 65_536
    assert text.startswith("## red: ")
    assert text.count("- red: ") == 2
    assert "- second" in text
    assert text.endswith("last")
    assert "see there." in text
    assert "more parts" not in text


@settings(max_examples=100)
@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=6), st.integers(1_500, 4_000))
def test_however_long_its_sections_are_none_is_left_out_where_there_is_room_for_all(
    lengths: list[int], limit: int
) -> None:
    sections = [Section(0, f"part {n} " + "x y " * many) for n, many in enumerate(lengths)]
    text = fit(sections, limit, "see there.")
    assert all(f"part {n}" in text for n in range(len(lengths)))
