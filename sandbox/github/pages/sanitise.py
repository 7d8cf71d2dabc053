"""Keeps of foreign HTML what GitHub keeps in comments: an allow-list of tags and attributes."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

TAGS = frozenset(
    "h1 h2 h3 h4 h5 h6 p br hr a img b i em strong s del ins sub sup kbd code pre tt samp var "
    "blockquote q ul ol li dl dt dd table thead tbody tfoot tr th td caption div span details "
    "summary abbr cite dfn mark small input".split()
)
VOID = frozenset(("br", "hr", "img", "input"))
#: Their content is dropped with them.
SWALLOWED = frozenset(("script", "style", "iframe", "object", "embed", "textarea", "title", "svg"))
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "details": {"open"},
    "ol": {"start"},
    "input": {"type", "checked", "disabled"},
    "code": {"class"},
    "div": {"class"},
    "p": {"class"},
    "li": {"class"},
    "ul": {"class"},
    "span": {"class"},
}
#: Classes that our own renderer writes.
CLASSES = re.compile(
    r"(?:language-[\w+-]+|alert(?:-\w+)?|alert-title|task-list-item|contains-task-list)"
)
_LINK = re.compile(r"(?:https?:|mailto:|/|#|\?|[\w.-]+(?:/|$|#))", re.IGNORECASE)
_IMAGE = re.compile(r"(?:/|data:image/(?:png|gif|jpeg);base64,)", re.IGNORECASE)


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.swallowing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self.swallowing += 1
        if self.swallowing or tag not in TAGS:
            return
        kept = _attributes(tag, attrs)
        if tag == "input" and 'type="checkbox"' not in kept:
            return
        if tag == "img" and " src=" not in kept:
            return
        self.out.append(f"<{tag}{kept}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in SWALLOWED:
            self.swallowing = max(0, self.swallowing - 1)
        elif not self.swallowing and tag in self.open:
            while self.open:
                last = self.open.pop()
                self.out.append(f"</{last}>")
                if last == tag:
                    break

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """``<![…>`` is a comment to browsers; Python 3.11 asserts what may stand in it."""
        return self.parse_bogus_comment(i, report)

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.out.append(escape(data, quote=False))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    kept = ""
    for name, value in attrs:
        text = (value or "").strip()
        if name not in ATTRIBUTES.get(tag, ()):
            continue
        if name == "href" and not _LINK.match(text):
            continue
        if name == "src" and not _IMAGE.match(text):
            continue
        if name == "class":
            text = " ".join(word for word in text.split() if CLASSES.fullmatch(word))
            if not text:
                continue
        kept += f' {name}="{escape(text)}"'
    if tag == "a":
        kept += ' rel="nofollow noopener"'
    if tag == "img" and " alt=" not in kept:
        kept += ' alt=""'
    if tag == "input":
        kept += f' aria-label="{"done" if " checked" in kept else "to do"}"'
        kept += "" if " disabled" in kept else ' disabled=""'
    return kept


def clean(html: str) -> str:
    """The harmless part of ``html``, with every tag closed."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    cleaner.out += [f"</{tag}>" for tag in reversed(cleaner.open)]
    return "".join(cleaner.out)
