"""A text from elsewhere is only ever read: it links, mentions, styles and hides nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.render.markdown import block, code, plain, plain_html
from pipeline.render.visible import seen, unseen, visible, visible_line
from tests.render.inert import PIECES, TEXTS, does, parsed, spans


@settings(max_examples=150)
@given(TEXTS)
@example("`" * 200)
@example("$`x`$")
@example("a\\|b")
def test_any_text_in_a_code_span_is_shown_and_does_nothing(text: str) -> None:
    assert does(f"- {code(text)} becomes {code(text)}", ("bullet_list_open", "bullet_list_close",
                "list_item_open", "list_item_close")) == []  # fmt: skip
    assert len(spans(code(text))) == 1


@settings(max_examples=150)
@given(TEXTS)
@example("`a``b`")
@example("x `a`b``c`` d")
def test_any_text_as_prose_does_nothing(text: str) -> None:
    assert does(plain(text)) == []
    assert does(f"It says: {plain(text)}.") == []


@settings(max_examples=200)
@given(TEXTS)
def test_any_text_in_a_table_keeps_to_its_cell(text: str) -> None:
    row = f"| {code(text, table=True)} | {plain(text, table=True)} |"
    tokens = parsed(f"| a | b |\n|---|---|\n{row}")
    assert [t.type for t in tokens].count("td_open") == 2
    kinds = {c.type for t in tokens for c in t.children or ()}
    assert kinds <= {"text", "code_inline"}


@settings(max_examples=200)
@given(st.lists(TEXTS, max_size=5), st.sampled_from(("", "  ", "    ")))
def test_any_lines_in_a_block_stay_in_it(lines: list[str], indent: str) -> None:
    split = [line for text in lines for line in text.split("\n")]
    before = "- item\n" if indent else ""
    tokens = parsed(f"{before}{block(map(visible_line, split), 'diff', indent[:2])}\n\nafter")
    assert [t.type for t in tokens].count("fence") == 1
    assert [t.type for t in tokens if t.type in ("html_block", "heading_open", "code_block")] == []


@settings(max_examples=200)
@given(TEXTS)
def test_any_text_inside_html_is_text(text: str) -> None:
    shown = plain_html(text)
    assert not re.search(r"<(?!/?code>)", shown)
    outside = re.sub(r"<code>.*?</code>", "", shown)
    assert does("It says: " + unescape(outside)) == []


@settings(max_examples=300)
@given(TEXTS, TEXTS)
@example("a\nb", "a⏎b")
@example("\u202e", "\\u202e")
@example("\\\u202e", "\\\\u202e")
@example("a  b", "a␣␣b")
@example("\u00e9", "e\u0301")
def test_two_texts_never_look_alike(one: str, other: str) -> None:
    assert (visible(one) == visible(other)) == (one == other)


@given(TEXTS | st.text())
def test_nothing_that_is_shown_is_unseen(text: str) -> None:
    for shown in (visible(text), visible_line(text.replace("\n", "")), seen(text)):
        assert not [c for c in shown if unseen(c) and c != "\n"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a  b", "a␣␣b"),
        ("a b", "a b"),
        ("a\nb", "a⏎b"),
        ("x ", "x␣"),
        ("x", "x"),
        ("\tx", "⇥x"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\x1b[31m", "\\u001b[31m"),
        ("e\u0301", "e\\u0301"),
        ("C:\\users", "C:\\users"),
        ("größer, 大きい, больше", "größer, 大きい, больше"),
        ("Łódź, サーバー, вышла из дома", "Łódź, サーバー, вышла из дома"),
    ],
)
def test_white_space_and_what_has_no_ink_is_shown(value: str, shown: str) -> None:
    assert visible(value) == shown
    assert code(value) == f"`{shown}`"


def test_a_pipe_is_escaped_in_a_table_only() -> None:
    value = "{ ($.a = 1) || ($.b = 2) }"
    assert code(value) == f"`{value}`"
    assert code(value, table=True) == r"`{ ($.a = 1) \|\| ($.b = 2) }`"


def test_prose_stays_prose_and_only_what_could_be_more_becomes_code() -> None:
    said = plain("Ask @acme/team (see acme/platform#12): it's 40% of `aws_lb.x`, fixes #9.")
    assert said == "Ask `@acme/team` (see `acme/platform#12`): it's 40% of `aws_lb.x`, fixes `#9`."


@pytest.mark.parametrize("piece", [p for p in PIECES if does(p) and p.strip()])
def test_each_of_these_would_do_something_if_it_were_written_raw(piece: str) -> None:
    assert does(plain(piece)) == []
    assert does(code(piece)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u0430\u0440\u0440.example", "app.example"),
        ("10.0.0.0\uff0f8", "10.0.0.0/8"),
        ("a\u2010b", "a-b"),
        ("s3:\u2217", "s3:*"),
        ("\u0661", "1"),
        ("\u0430\u0441\u0441\u0435\u0440t", "accept"),
        ("\u0441\u043e\u0441\u043e", "coco"),
        ("\u0430", "a"),
        ("\u212aubernetes", "Kubernetes"),
        ("gr\u0131d", "grid"),
        ("\u0251dmin", "admin"),
        ("it\u02bcs", "it's"),
        ("a\u0e47b", "ab"),
        ("a\u06dfb", "ab"),
        ("\ufb01le", "file"),
        ("10.0.0.0/8 \u05d0 0.0.0.0/0", "10.0.0.0/8 x 0.0.0.0/0"),
    ],
)
def test_a_look_alike_is_shown_as_what_it_is(one: str, other: str) -> None:
    assert visible(one).isascii()
    assert visible(other) == other
