"""One value of a resource as words: before, after, and where a long one differs."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.render.difference import SHORT, changed_lines, shorten, windows
from pipeline.render.importance import ordered
from pipeline.render.markdown import block, code, span
from pipeline.render.visible import CUT, Shown, visible
from pipeline.results import LeafReport, MarkOf

#: What stands for a value that is none; never in a code span, so that no value can look like it.
MARKS: dict[MarkOf, str] = {
    "unset": "(not set)",
    "unknown": "(known after apply)",
    "sensitive": "(sensitive)",
    "null": "(null)",
    "empty": "(empty)",
    "empty-list": "(empty list)",
    "empty-map": "(empty map)",
}

#: Lines and characters of one value's difference that a comment shows.
LINES = 60
CHARACTERS = 4_000


def only_in_secrets(leaf: LeafReport) -> bool:
    """Whether both sides read the same although they differ: in what was taken out of them."""
    return not leaf.mark("before") and leaf.before == leaf.after and not leaf.mark("after")


def has_lines(leaf: LeafReport) -> bool:
    """Whether it is a text of several lines that changes, best read as a difference."""
    before, after = leaf.before, leaf.after
    if not isinstance(before, str) or not isinstance(after, str) or _marked(leaf):
        return False
    return "\n" in before + after and max(len(before), len(after)) > SHORT


def sides(leaf: LeafReport, longest: int = 600) -> tuple[Shown, Shown]:
    """Before and after as visible texts, each with what is equal on both sides cut."""
    before, after = leaf.before, leaf.after
    if isinstance(before, str) and isinstance(after, str) and not _marked(leaf):
        return windows(before, after, longest)
    quoted = not _marked(leaf) and isinstance(before, str) != isinstance(after, str)
    return _text(before, quoted, longest), _text(after, quoted, longest)


def whole(leaf: LeafReport) -> tuple[Shown, Shown]:
    """Before and after as visible texts, nothing cut."""
    quoted = not _marked(leaf) and isinstance(leaf.before, str) != isinstance(leaf.after, str)
    return _text(leaf.before, quoted, None), _text(leaf.after, quoted, None)


def _marked(leaf: LeafReport) -> bool:
    return bool(leaf.mark("before") or leaf.mark("after"))


def _text(value: object, quoted: bool, longest: int | None) -> Shown:
    if isinstance(value, bool):
        return Shown(str(value).lower())
    if isinstance(value, str):
        shown = visible(value) if longest is None else shorten(value, longest)
        return Shown(f'"{shown}"') if quoted else shown
    return Shown(str(value))


def told(leaf: LeafReport) -> tuple[str, str]:
    """Both sides as they are written: a code span for a value, plain words for what is none."""
    before, after = (_capped(text) for text in sides(leaf))
    marks = leaf.mark("before"), leaf.mark("after")
    return (
        MARKS[marks[0]] if marks[0] else span(before),
        MARKS[marks[1]] if marks[1] else span(after),
    )


def in_a_line(leaf: LeafReport) -> str:
    """A changed value for a line of output, where nothing is markup."""
    if only_in_secrets(leaf):
        return f"{leaf.path} differs in a secret"
    marks = leaf.mark("before"), leaf.mark("after")
    before, after = (
        MARKS[mark] if mark else _capped(text)
        for mark, text in zip(marks, sides(leaf, SHORT), strict=True)
    )
    return f"{leaf.path}: {before} → {after}"


def _capped(text: Shown) -> Shown:
    """Within what a comment can hold of one value; only ever of many differences in one line."""
    if len(text) <= CHARACTERS:
        return text
    left = len(text) - CHARACTERS
    return Shown(f"{text[:CHARACTERS]}{CUT} {left:,} more characters {CUT}")


def changed(leaf: LeafReport, more: str, indent: str = "  ") -> str:
    """A changed value as an item of a list: short, or with the lines that differ below it."""
    head = f"{indent}- {named(leaf)}"
    if only_in_secrets(leaf):
        return f"{head}: differs in a secret, which is not shown"
    if has_lines(leaf):
        return f"{head}, in its lines:\n{difference(leaf, more, indent + '  ')}"
    before, after = told(leaf)
    return f"{head}: {before} becomes {after}"


def difference(leaf: LeafReport, more: str, indent: str) -> str:
    """The lines of a text that differ, as a block."""
    lines = changed_lines(str(leaf.before), str(leaf.after))
    shown: list[Shown] = []
    room = CHARACTERS
    for line in lines:
        room -= min(len(line), CHARACTERS)
        if shown and (room < 0 or len(shown) == LINES):
            break
        shown.append(_capped(line))
    left = sum(line[0] in "-+" for line in lines[len(shown) :])
    if left:
        shown.append(Shown(f"{CUT} {left:,} more changed lines {CUT}"))
    made = block(shown, "diff", indent)
    return f"{made}\n{indent}The rest of it: {more}" if left else made


def set_values(leaves: Sequence[LeafReport], most: int) -> str:
    """What a new resource is given, the important first, as one line of words.

    What is known only after apply is left out, and so is ``tags_all``, which says the tags again.
    """
    known = [
        leaf
        for leaf in ordered(leaves)
        if leaf.mark("after") not in ("unset", "unknown") and not leaf.path.startswith("/tags_all")
    ]
    said = [f"{named(leaf)} = {told(leaf)[1]}" for leaf in known[:most]]
    if len(known) > most:
        said.append(f"{len(known) - most:,} more")
    return ", ".join(said)


def named(leaf: LeafReport) -> str:
    """The name of a value within its resource."""
    opened = f" (read from {leaf.encoded})" if leaf.encoded else ""
    return f"{code(leaf.path.removeprefix('/')) if leaf.path else 'its value'}{opened}"
