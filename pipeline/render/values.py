"""The changes of a plan in the HTML report: every value whole, what differs marked."""

from __future__ import annotations

from html import escape

from pipeline.domain.model import Action
from pipeline.render import words
from pipeline.render.changes import headline_words, note
from pipeline.render.difference import changed_lines
from pipeline.render.importance import ordered
from pipeline.render.leaves import MARKS, has_lines, only_in_secrets, whole
from pipeline.render.visible import visible
from pipeline.results import ChangeReport, LeafReport

_LOUD = {Action.DELETE: "bad", Action.REPLACE: "bad", Action.UPDATE: "warn", Action.CREATE: "good"}

#: Elements that mark a line of a difference by its sign.
_SIGNS = {"+": "ins", "-": "del"}


def change_html(change: ChangeReport, told: str = "") -> str:
    """One change, folded; opened where something ends for a reason. ``told`` comes first in it."""
    reason = words.why(change.reason)
    opened = " open" if change.destructive and reason else ""
    before = f"Until now {change.previous_address}" if change.previous_address else ""
    notes = "".join(_sentence(text) for text in (told, note(change), reason, before) if text)
    verb, rest = headline_words(change)
    kind = _LOUD.get(change.action, "soft")
    return (
        f'<details{opened}><summary><span class="tag {kind}">{verb}</span> '
        f"<code>{_t(change.address)}</code>{_t(rest)}</summary>"
        f"<div>{notes}{_leaves(change)}</div></details>"
    )


def _sentence(text: str) -> str:
    return f"<p>{_t(text[0].upper() + text[1:].rstrip('.'))}.</p>"


def _leaves(change: ChangeReport) -> str:
    if not change.leaves:
        return "<p>No values to show.</p>"
    rows = "".join(map(_row, ordered(change.leaves)))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("value", "before", "after"))
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="Values of '
        f'{_t(change.address)}"><table><thead><tr>{head}</tr></thead><tbody>{rows}'
        "</tbody></table></div>"
    )


def _row(leaf: LeafReport) -> str:
    name = f"<code>{_t(leaf.path.removeprefix('/'))}</code>" if leaf.path else "its value"
    if leaf.encoded:
        name += f" (read from {_t(leaf.encoded)})"
    if only_in_secrets(leaf):
        return f'<tr><td>{name}</td><td colspan="2">differs in a secret, not shown</td></tr>'
    if has_lines(leaf):
        return f'<tr><td>{name}</td><td colspan="2">{_difference(leaf)}</td></tr>'
    return f"<tr><td>{name}</td><td>{_side(leaf, 0)}</td><td>{_side(leaf, 1)}</td></tr>"


def _side(leaf: LeafReport, at: int) -> str:
    mark = leaf.mark("after" if at else "before")
    return f"<em>{MARKS[mark]}</em>" if mark else f"<code>{escape(whole(leaf)[at])}</code>"


def _difference(leaf: LeafReport) -> str:
    lines = changed_lines(str(leaf.before), str(leaf.after), around=None, longest=None)
    shown = []
    for line in lines:
        element = _SIGNS.get(line[0], "")
        text = escape(line)
        shown.append(f"<{element}>{text}</{element}>" if element else text)
    return f"<pre>{chr(10).join(shown)}</pre>"


def _t(value: object) -> str:
    return escape(visible(str(value)))
