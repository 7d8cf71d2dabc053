"""Terraform files made by hypothesis: nested values, templates, heredocs, escapes and traps.

They hold references ``var.m@`` and calls ``f§(var.m§``, some in code, some in text that only looks
like code, so that two readers can be asked which of them are code. :func:`numbered` makes each of
them unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from re import sub

from hypothesis import strategies as st

#: Pieces of text in which a careless reader sees the end of something, or code.
TRAPS = st.sampled_from(
    (
        "a|b c|$|%|$$|%%|$${|%%{|$$${|%%%{|{|}|~|~}|#|//|/*|*/|'|`|(|)|<<EOT|EOT|E|,|=|->|"
        "é|e\u0301|日|\u00a0"
    ).split("|")
)
ESCAPES = st.sampled_from(['\\"', "\\\\", "\\n", "\\t", "\\u0041", "\\U0001F600", "\\u007b"])
LINES = st.sampled_from(["\n", "\n\n", "\nEOT x\n", "\n EOT.\n", "\n\t", "\r\n"])
SPACE = st.sampled_from(["", " ", "\t", "  "])
BREAK = st.sampled_from(["", " ", "\n", "\n  ", ' # c } ) "\n', '/* } ${ " */', " // x\n", "\r\n"])
START = st.sampled_from(["", "\n", "\ufeff", "# } <<E\n", '/* " \n */', "// x\r\n"])
OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"])
NUMBERS = st.sampled_from(["0", "12", "1.5", "1e5", "2E-3", "1.0e+2"])
FUNCTIONS = st.sampled_from(["upper", "max", "core::file", "provider::aws::arn_parse", "file"])


@st.composite
def _reference(draw: st.DrawFn) -> str:
    tail = draw(st.sampled_from(["", ".a", "[0]", "[*].b", ".*.b", '["k"]', ".a.0.b"]))
    return f"var.m@{tail}"


@st.composite
def _trap(draw: st.DrawFn) -> str:
    text = draw(TRAPS)
    return text + draw(st.sampled_from(["", "var.m@", "f§(var.m§)"]))


@st.composite
def _interpolation(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    left, right = draw(st.sampled_from(["", "~"])), draw(st.sampled_from(["", "~"]))
    gap, value = draw(BREAK), draw(values)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        inner = draw(_trap())
        return f"%{{{left} for x in {value} {right}}}{_plain(inner)}${{x}}%{{{left}endfor{right}}}"
    if kind == 1:
        return f"%{{{left} if {value} {right}}}y%{{ else }}z%{{{left} endif {right}}}"
    return f"${{{left}{gap}{value}{gap}{right}}}"


def _plain(text: str) -> str:
    """Text in which nothing ends a quoted string by chance."""
    return text.rstrip("$%")


@st.composite
def _quoted(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    pieces = st.one_of(_trap(), ESCAPES, _interpolation(values))
    return '"' + "".join(draw(st.lists(pieces, max_size=4))) + '"'


@st.composite
def _heredoc(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    pieces = st.one_of(_trap(), LINES, st.just("\\"), st.just('"'), _interpolation(values))
    body = "".join(draw(st.lists(pieces, max_size=6)))
    word = draw(st.sampled_from(["EOT", "E", "É", "E-1"]))
    return f"<<{draw(st.sampled_from(['', '-']))}{word}\n{body}\n{draw(SPACE)}{word}\n"


@st.composite
def _compound(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    gap = draw(BREAK)
    one, two = draw(values), draw(values)
    forms: list[Callable[[], str]] = [
        lambda: f"[{gap}{one},{gap}{two}{gap}]",
        lambda: f"{{{gap}a = {one}\n b : {two}\n}}",
        lambda: f'{{ (upper({one})) = {two}, "c" = 1 }}',
        lambda: f"({gap}{one}{gap}{draw(OPERATORS)}{gap}{two}{gap})",
        lambda: f"({gap}{one} ? {gap}{two} : -1)",
        lambda: f"{draw(FUNCTIONS)}({gap}{one},{gap}{two}{gap})",
        lambda: f"{draw(FUNCTIONS)}({one}...)",
        lambda: f"[{gap}for a, b in {one} : {gap}{two} if !b]",
        lambda: f"{{for a in {one} : a => {two}...}}",
        lambda: f"{{{gap}for a in {one} : a => f§{gap}({gap}var.m§,{gap}{two})}}",
        lambda: f"({one})[{two}]",
        lambda: f"f§({gap}var.m§,{gap}{one})",
        lambda: f"(f§{gap}({gap}var.m§,{two}{gap}))",
        lambda: f'"${{core::f§{gap}({gap}var.m§.a)}}"',
    ]
    return draw(st.sampled_from(forms))()


VALUES = st.recursive(
    st.one_of(_reference(), NUMBERS, st.just("true"), st.just('"x"')),
    lambda values: st.one_of(_quoted(values), _heredoc(values), _compound(values)),
    max_leaves=8,
)


#: The last line of a file in which a call need not be one any more.
CHANGED = "# changed\n"


@st.composite
def files(draw: st.DrawFn) -> str:
    """One file: a few locals; now and then a piece is taken out or put in, and :data:`CHANGED`."""
    names = count()
    lines = [f"  f@_{next(names)} = {value}\n" for value in draw(st.lists(VALUES, max_size=3))]
    text = f"{draw(START)}locals {{\n{''.join(lines)}}}\n"
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(text.index("{\n") + 2, len(text) - 2))
        piece = draw(st.one_of(TRAPS, LINES, st.just('"'), st.just("")))
        gone = draw(st.integers(0, 1)) if text[at] not in "@§" else 0
        text = text[:at] + piece + text[at + gone :] + CHANGED
    return text


def numbered(texts: Iterable[str]) -> dict[str, str]:
    """File names and texts in which every ``@`` has become a number of its own."""
    numbers = count()

    def unique(text: str) -> str:
        text = sub("@", lambda _: str(next(numbers)), text)
        return sub("§([^§]*)§", lambda found: f"{(n := next(numbers))}{found[1]}{n}", text)

    return {f"t{at}.tf": unique(text) for at, text in enumerate(texts)}
