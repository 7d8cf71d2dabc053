"""Text from elsewhere as GitHub-flavoured Markdown in which it can do nothing.

Three functions, and every value, name, label and message goes through one of them. In a code span
and in a code block GitHub knows no markup, mention, reference, link, emoji or formula, so that is
where everything goes that is not a plain word.

Sources: GitHub Flavored Markdown Spec (code spans, autolinks, tables); GitHub's pages "Autolinked
references and URLs" (issues, commits, other repositories), "Basic writing and formatting syntax"
(mentions, emoji) and "Writing mathematical expressions" (``$``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape

from pipeline.render.fit import TITLE, clip
from pipeline.render.visible import Shown, seen, visible

#: More backticks in a row than this are escaped: cmark gives up on a fence of more than 80.
_LONG_RUN = re.compile("`{17,}")

#: A pipe with what stands before it: a backslash there would take the escape away from it.
_PIPE = re.compile(r"(\\*)\|")

#: Words that mean nothing to GitHub: letters, such as in "load-balancer", "and/or", "Neo4j", and
#: short numbers.
_WORD = re.compile(
    r"[^\W\d_]+(?:\d{1,2}[^\W\d_]*)?(?:['/\u2019-][^\W\d_]+)*"
    r"|\d{1,6}(?:[.,]\d{1,6})*%?|[\u2013\u2014\u2026=+-]"
)
#: Punctuation before and after a word, typographic quotation marks included.
_AROUND = re.compile(
    r"(?P<head>[(\"'\u201e\u201c\u2018]*)(?P<core>.*?)"
    r"(?P<tail>[.,;:!?)\"'\u201d\u2019\u2026]*)",
    re.DOTALL,
)

#: What GitHub takes for the name of a commit.
_HEX = re.compile(r"(?<![^\W_])[0-9a-fA-F]{7,}(?![^\W_])", re.ASCII)
_SPAN = re.compile(r"`[^`]+`")
#: Where a blank keeps a mention, a reference or an address from being one.
_REFERENCE = re.compile(r"(?<=[@#])(?=\w)|(?<=\b[gG][hH]-)(?=\d)|(?<=://)(?=\w)")
#: What stands between two backticks, a blank, or a word up to either.
_TOKEN = re.compile(r"`[^`]+`| |(?:(?!`[^`]+`)[^ ])+")
_BEGINS_A_BLOCK = re.compile(r"\d+[.)]|[=+-]+")


def code(value: object, *, table: bool = False) -> str:
    """A code span that shows every character of a value. ``table``: for a cell of a table."""
    return span(visible(str(value)), table=table)


def span(shown: Shown, *, table: bool = False) -> str:
    """As :func:`code`, of a text that was made visible already."""
    text = _few_ticks(shown) or " "
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] in "`$" or text[-1] in "`$" else ""
    made = f"{ticks}{pad}{text}{pad}{ticks}"
    return _PIPE.sub(_for_a_cell, made) if table else made


def plain(value: object, *, table: bool = False) -> str:
    """Prose: its words as they are, everything that could be more than a word as a code span."""
    return _prose(value, lambda word: code(word, table=table), str)


def title(value: object) -> str:
    """A title of an issue or pull request, where nothing is Markdown but references are links."""
    text = re.sub(r"\s+", " ", seen(str(value))).strip()
    return clip(_REFERENCE.sub(" ", text), TITLE)


def plain_html(value: object) -> str:
    """As :func:`plain`, where Markdown passes HTML through, as in ``<summary>``."""
    return _prose(value, lambda word: f"<code>{escape(visible(word))}</code>", escape)


def block(lines: Iterable[Shown], language: str = "text", indent: str = "") -> str:
    """A code block; ``indent`` is what the list item that it belongs to is indented by."""
    shown = [_few_ticks(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return "\n".join(f"{indent}{line}" for line in (f"{fence}{language}", *shown, fence))


def _for_a_cell(found: re.Match[str]) -> str:
    slashes = found[1]
    return slashes * 2 + r"\u007c" if slashes else r"\|"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _few_ticks(text: str) -> str:
    return _LONG_RUN.sub(lambda run: r"\u0060" * len(run[0]), text)


def _prose(value: object, mark: Callable[[str], str], keep: Callable[[str], str]) -> str:
    text = re.sub(r"\s+", " ", seen(str(value))).strip()
    parts: list[str] = []
    marked = False
    for word in _TOKEN.findall(text):
        begins, said, ends = _said(word, mark, keep, first=not parts)
        if marked and begins:
            parts.append(" ")  # two code spans that touch would be read as one
        parts.append(said)
        marked = ends
    return "".join(parts)


def _said(
    word: str, mark: Callable[[str], str], keep: Callable[[str], str], *, first: bool
) -> tuple[bool, str, bool]:
    """One word as text, and whether that begins and ends with a code span."""
    if word == " ":
        return False, word, False
    if _SPAN.fullmatch(word):
        return True, mark(word[1:-1]), True
    found = _AROUND.fullmatch(word)
    if found is None or (first and _BEGINS_A_BLOCK.match(word)):
        return True, mark(word), True
    head, core, tail = found["head"], found["core"], found["tail"]
    if not core or (_WORD.fullmatch(core) and not _HEX.search(core)):
        return False, keep(word), False
    return not head, f"{keep(head)}{mark(core)}{keep(tail)}", not tail
