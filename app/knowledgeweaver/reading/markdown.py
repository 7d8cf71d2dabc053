"""Markdown to blocks: headings as sections, the marks of emphasis, links and images gone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from knowledgeweaver.reading.blocks import Block, Heading, Paragraph, normalised

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}")
_QUOTE = re.compile(r"(?: {0,3}> ?){1,9}")
_TABLE_RULE = re.compile(r"[ \t]*+\|?[ \t]*+:?-{2,}+[-:| \t]*+")
# A definition of a link, which is not shown: its target is an address, not a word.
_REFERENCE = re.compile(
    r" {0,3}\[[^\[\]^][^\[\]]{0,99}\]:[ \t]*(?:<[^<>\s]{0,400}>|[\w.-]{0,99}[:/#]\S{0,400})"
    r"(?:[ \t]+(?:\"[^\"]{0,200}\"|'[^']{0,200}'|\([^()]{0,200}\)))?[ \t]*"
)
# The bounds keep the time linear: a bracket that never closes is given up after that many signs.
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,400})\](?:\([^()\n]{0,800}(?:\([^()\n]{0,200}\)[^()\n]{0,400})?\)"
    r"|\[[^\[\]\n]{0,200}\])"
)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^\n*_~]{1,400}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^\n*_]{1,400}?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"(`{1,2})(?=[^`])([^\n]{1,400}?)\1")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>\n]{0,400}>|<(https?://[^<>\s]{1,400})>")
# HTML's elements that a text in Markdown has; <String> of a Vec<String> is none.
_ELEMENTS = frozenset(
    "a abbr address article aside audio b bdi bdo blockquote br button caption center cite "
    "code col colgroup dd del details dfn div dl dt em figcaption figure font footer form h1 "
    "h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label legend li main mark nav ol "
    "option p picture pre q s samp script section select small source span strike strong "
    "style sub summary sup svg table tbody td tfoot th thead time tr tt u ul var video wbr".split()
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")
# Lines of YAML: a key, what belongs to one, a comment. Anything else is text between two rules.
_FRONT = re.compile(r"(?:[\w.-]+[ \t]*:(?:[ \t].*)?|[ \t]+.*|-[ \t].*|#.*|)")
_FRONT_TITLE = re.compile(r"^title[ \t]*:(.*)$", re.MULTILINE)


def looks_like_markdown(text: str) -> bool:
    """Whether a text uses Markdown's own marks; a few of them are common in plain text, too."""
    head = text[:20_000]
    return bool(
        re.search(r"^#{1,6} \S", head, re.MULTILINE)
        or re.search(r"\]\((?:https?://|[\w./#-]{1,200}\))", head)
        or re.search(r"^(?:```|~~~)", head, re.MULTILINE)
    )


def read_markdown(text: str) -> tuple[str, list[Block]]:
    """The title ("" where it has none) and the blocks."""
    text = normalised(text)
    title = ""
    blocks: list[Block] = []
    if text.startswith("---\n") and (end := text.find("\n---\n", 3)) > 0:
        front = text[4:end].split("\n")
        if front[0].strip() and all(map(_FRONT.fullmatch, front)):
            text = text[end + 4 :]
            if match := _FRONT_TITLE.search("\n".join(front)):
                title = match[1].strip().strip("\"'")
            # It is not shown, but somebody may look for the author or a keyword.
            rest = [line for line in front if not _FRONT_TITLE.match(line)]
            blocks += _paragraph([line for line in rest if line.strip()])
    blocks += _blocks(_without_comments(text).split("\n"))
    if not title:
        title = next((block.title for block in blocks if isinstance(block, Heading)), "")
    return title, blocks


def _without_comments(text: str) -> str:
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        parts.append(text[position:start])
        position = end + 3
    return "".join([*parts, text[position:]])


def _blocks(lines: list[str]) -> Iterator[Block]:
    waiting: list[str] = []  # lines of the paragraph that is being read
    fence = ""
    code: list[str] = []
    for line in lines:
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                yield Paragraph("\n".join(code))
                fence, code = "", []
            else:
                code.append(line)
            continue
        line = _QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        underline = _UNDERLINE.fullmatch(line)
        if underline and len(waiting) == 1 and not waiting[0].lstrip().startswith(("-", "*", "|")):
            yield Heading(_inline(waiting[0]), 1 if underline[1][0] == "=" else 2)
            waiting = []
        elif heading := _HEADING.fullmatch(line):
            yield from _paragraph(waiting)
            waiting = []
            yield Heading(_inline(heading[2].rstrip().rstrip("#")), len(heading[1]))
        elif opened := _FENCE.match(line):
            yield from _paragraph(waiting)
            waiting, fence = [], opened[1]
        elif not line.strip() or _RULE.fullmatch(line):
            yield from _paragraph(waiting)
            waiting = []
        elif not _REFERENCE.fullmatch(line) and not _TABLE_RULE.fullmatch(line):
            waiting.append(line)
    yield from _paragraph(waiting)
    if code:
        yield Paragraph("\n".join(code))


def _paragraph(lines: list[str]) -> Iterator[Block]:
    if lines:
        yield Paragraph("\n".join(_inline(line).rstrip() for line in lines))


def _shown(tag: re.Match[str]) -> str:
    """What is seen of something in angle brackets: the address of a link, all that is no tag."""
    if tag[2]:
        return tag[2]
    return "" if tag[1].lower() in _ELEMENTS else tag[0]


def _inline(line: str) -> str:
    """A line without the marks inside it."""
    if "](" in line or "][" in line:
        line = _LINK.sub(r"\1", line)
        line = _LINK.sub(r"\1", line)  # an image inside a link
    if "*" in line or "_" in line or "~" in line:
        line = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", line))
    if "`" in line:
        line = _CODE.sub(r"\2", line)
    if "<" in line:
        line = _TAG.sub(_shown, line)
    if line.lstrip().startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    if "\\" in line:
        line = _ESCAPED.sub(r"\1", line)
    return html.unescape(line) if "&" in line else line
