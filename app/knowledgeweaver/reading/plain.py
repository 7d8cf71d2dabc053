"""Plain text, kept as it is; only its headings are looked for."""

from __future__ import annotations

import re

from knowledgeweaver.reading.blocks import finish, normalised, one_line, stem
from knowledgeweaver.reading.text import Text

# A line that another line of signs underlines, as reStructuredText and old READMEs do.
_UNDERLINED = re.compile(r"^(?=\S)([^\n]{1,120})\n(={3,}|-{3,}|~{3,})[ \t]*$", re.MULTILINE)
_LEVEL = {"=": 1, "-": 2, "~": 3}
# A line between blank lines, all in capitals as in manual pages, or numbered as in papers.
_ALONE = re.compile(r"(?:\A|(?<=\n\n))(?=\S)([^\n]{2,80})(?=\n)")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?[ \t]+[^\W\d_][^.!?;:]*")


def read_plain(text: str, name: str) -> Text:
    """A Text with the same characters; raises Unreadable (too-large, no-text)."""
    text = normalised(text).strip("\n")
    headings = sorted(_headings(text), key=lambda heading: heading[2])
    title = headings[0][0] if headings and headings[0][2] == 0 else stem(name)
    return finish(text, headings, [], title=title, media_type="text/plain")


def _headings(text: str) -> list[tuple[str, int, int]]:
    """The headings as (title, level, start)."""
    found: dict[int, tuple[str, int, int]] = {}
    for match in _UNDERLINED.finditer(text):
        title = one_line(match[1])
        if title and any(map(str.isalnum, title)):
            found[match.start()] = (title, _LEVEL[match[2][0]], match.start())
    for match in _ALONE.finditer(text):
        if level := _level_alone(match[1]):
            found.setdefault(match.start(), (one_line(match[1]), level, match.start()))
    # A short first line with a blank line under it is what the text is called.
    if first := _ALONE.match(text):
        title = one_line(first[1])
        if text.startswith("\n\n", first.end()) and title[-1:].isalnum() and len(title) <= 60:
            found.setdefault(0, (title, 1, 0))
    return list(found.values())


def _level_alone(line: str) -> int:
    """1 … 6 where a line that stands alone is a heading, else 0."""
    if line.isupper() and sum(map(str.isalpha, line)) >= 3 and line[-1] not in ".!?;,":
        return 1
    if match := _NUMBERED.fullmatch(line.rstrip()):
        return min(match[1].count(".") + 1, 6)
    return 0
