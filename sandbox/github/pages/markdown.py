"""GitHub flavoured Markdown: tables, task lists, alerts, ``<details>``; sanitised at the end."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.tasklists import tasklists_plugin

from sandbox.github.pages.sanitise import clean

_ALERT = re.compile(r"^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*\n?")


def _alerts(state: StateCore) -> None:
    """Turn ``> [!NOTE]`` block quotes into labelled boxes."""
    tokens = state.tokens
    for at, token in enumerate(tokens[:-2]):
        if token.type != "blockquote_open" or tokens[at + 2].type != "inline":
            continue
        inline = tokens[at + 2]
        match = _ALERT.match(inline.content)
        if not match:
            continue
        kind = match.group(1).lower()
        inline.content = inline.content[match.end() :]
        children = inline.children or []
        # "[!NOTE]" is one text token here, followed by a line break where there is more.
        rest = children[1:]
        if rest and rest[0].type in ("softbreak", "hardbreak"):
            rest = rest[1:]
        inline.children = rest
        token.tag, token.attrs = "div", {"class": f"alert alert-{kind}"}
        _closing(tokens, at).tag = "div"
        title = Token("html_block", "", 0)
        title.content = f'<p class="alert-title">{kind.title()}</p>\n'
        token.meta = {"title": title}
    for at in range(len(tokens) - 1, -1, -1):
        if "title" in tokens[at].meta:
            tokens.insert(at + 1, tokens[at].meta.pop("title"))


def _closing(tokens: list[Token], at: int) -> Token:
    level = tokens[at].level
    return next(
        token for token in tokens[at:] if token.type == "blockquote_close" and token.level == level
    )


@lru_cache(maxsize=1)
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": True, "breaks": False})
    renderer.use(tasklists_plugin)
    renderer.core.ruler.push("alerts", _alerts)
    return renderer


@lru_cache(maxsize=256)
def render(text: str) -> Markup:
    """Markdown as safe HTML."""
    html = clean(_renderer().render(text))
    # What scrolls sideways has to be reachable with the keyboard, too.
    box = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    html = html.replace("<table>", box).replace("</table>", "</table></div>")
    html = html.replace("<pre>", '<pre tabindex="0">')
    return Markup(html)  # noqa: S704 - cleaned right here
