"""From text to chunks, sentences, terms and entities; pure functions, no model behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator

CHUNK = 900  # characters: a few sentences, so that a citation points at something readable

# what closes a quotation or a bracket belongs to the sentence before the gap
_SENTENCE_END = re.compile(
    r"(?<=[.!?])([\"'\u2019\u201d)\]]*)\s+(?=[\"'\u2018\u201c(\[]?[A-Z0-9])|\n{2,}"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_NAME = re.compile(
    r"\b[A-Z][\w&'\u2019-]*(?:\s+(?:of|the|and|de|van|von|for)\s+(?=[A-Z])|\s+)?"
    r"(?:[A-Z][\w&'\u2019-]*(?:\s+(?:of|the|and|de|van|von|for)\s+(?=[A-Z])|\s+)?)*"
)
_STOP = frozenset(
    "a an and are as at be been by did do does for from had has have he her his how i in is it "
    "its many much no not of on or our she so than that the their them there these they this "
    "those to was we were what when where which who whom whose why will with you your".split()
)


def sentences(text: str) -> list[str]:
    """The sentences of a text, trimmed, none empty."""
    parts, start = [], 0
    for gap in _SENTENCE_END.finditer(text):
        parts.append(text[start : gap.start() + len(gap[1] or "")])
        start = gap.end()
    return [part for part in map(str.strip, [*parts, text[start:]]) if part]


def chunks(text: str, size: int = CHUNK) -> Iterator[str]:
    """Whole sentences packed into chunks of about ``size`` characters; nothing is dropped.

    A sentence longer than ``size`` is cut at spaces where there are any.
    """
    current: list[str] = []
    length = 0
    for sentence in sentences(text):
        for piece in _pieces(sentence, size):
            if current and length + len(piece) + 1 > size:
                yield " ".join(current)
                current, length = [], 0
            current.append(piece)
            length += len(piece) + 1
    if current:
        yield " ".join(current)


def _pieces(sentence: str, size: int) -> Iterator[str]:
    while len(sentence) > size:
        cut = sentence.rfind(" ", 1, size)
        cut = size if cut < 1 else cut
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence


def terms(text: str) -> list[str]:
    """The words of a text that carry meaning, in lower case, in order, without repetition."""
    words = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in words if word not in _STOP))


def entities(text: str) -> list[str]:
    """Names in a text: runs of capitalised words, except a lone stop word at a sentence's start."""
    found = []
    for match in _NAME.finditer(text):
        name = re.sub(r"\s+", " ", match.group()).strip()
        head, _, rest = name.partition(" ")
        if head.lower() in _STOP:
            name = rest
        if name and name.lower() not in _STOP and len(name) > 1:
            found.append(name)
    return list(dict.fromkeys(found))
