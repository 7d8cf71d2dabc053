"""Does a Markdown text do anything? It is parsed as at GitHub, and every link it makes counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.render.visible import unseen

#: What GitHub makes of plain text after Markdown: mentions, references to issues and commits of
#: this and other repositories, addresses, emoji and formulas ("Autolinked references and URLs").
ACTIVE = re.compile(
    r"""(?ix)
    @[a-z0-9]                              # @user, @org/team, a@b
    | \#\d | \bgh-\d | [a-z0-9]/[a-z0-9._-]*\#
    | (?<![a-z0-9_])[0-9a-f]{7,40}(?![a-z0-9_])
    | [a-z][a-z0-9+.-]*:// | \bwww\. | \bmailto:
    | :[a-z0-9_+-]+:
    | \$(?!\d[\d,]*\.\d\d\b)  # our own dollars are no formula
    """
)

#: Pieces that attack a renderer, for hypothesis to put together.
PIECES = (
    "@acme/team", "@bob", "fixes #12", "#12", "GH-12", "acme/platform#12", "acme/platform@8e7cdf0",
    "8e7cdf03aa", "effaced", "https://evil.example/x", "www.evil.example", "a@b.example",
    "javascript:alert(1)", "<b>", "</details>", "<!--", "-->", "<img src=x onerror=y>", "&lt;",
    "&#64;bob", "`", "``", "```", "`" * 90, "|", "\\|", "\\", "*", "**", "_", "__", "~~", "[a](b)",
    "![a](b)", "[x]: http://y", "# ", "> ", "- ", "1. ", "1)", "---", "===", "    ", "\n\n", "\n",
    "\r\n", "\t", ":tada:", "1:100:", "$x$", "$`x`$", "[!NOTE]", "[ ]", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\x1b[31m", "\x00", "\ud800", "\u2028", "\u0336", "\u00a0", "…", "␣", "⏎",
    "\\u202e", "word", "10.0.0.0/8", "terraform_data.x", "\"", "'", "(", ")", "[", "]", "::error::",
    "\n::add-mask::x", "##[group]x",
)  # fmt: skip

#: The markup that our own texts are made of.
OURS = (
    "fence",
    "html_block",
    *(
        f"{kind}_{end}"
        for kind in ("bullet_list", "list_item", "heading", "strong")
        for end in ("open", "close")
    ),
    *(f"{kind}_{end}" for kind in ("table", "thead", "tbody", "tr", "th", "td")
      for end in ("open", "close")),
)  # fmt: skip

TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


def parsed(text: str) -> list[Token]:
    """The tokens of a text, in the dialect of a comment at GitHub (cmark-gfm, linkified)."""
    reader = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    reader.linkify.set({"fuzzy_link": True, "fuzzy_email": True})  # type: ignore[union-attr]
    return reader.parse(text)


def inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "inline":
            yield from token.children or ()
        else:
            yield token


def does(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """What a text does beyond being read, each as a word; ``allowed`` kinds of tokens are ours."""
    fine = {"text", "code_inline", "softbreak", "paragraph_open", "paragraph_close", *allowed}
    wrong: list[str] = []
    for token in inline(parsed(text)):
        if token.type not in fine:
            wrong.append(f"{token.type}: {token.content or token.tag}")
        elif token.type == "text" and (found := ACTIVE.search(token.content)):
            wrong.append(f"link: {found[0]} in {token.content}")
    wrong += [f"unseen: {c!r}" for c in text if c != "\n" and unseen(c)]
    return wrong


def spans(text: str) -> list[str]:
    """What the code spans of a text show."""
    return [token.content for token in inline(parsed(text)) if token.type == "code_inline"]
