"""Holds what a model says against the chunk: what does not stand there is left out."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

from knowledgeweaver.extract.port import Fact, Mention
from knowledgeweaver.extract.schema import Found

#: Dashes, apostrophes and quotation marks, which models write in one way whatever the text has.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
    }
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands in the chunk, and how many names and facts did not."""

    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]
    dropped: int


class Finder:
    """Finds words in one text, whatever their case, spaces, dashes and quotation marks are."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _folded(self) -> tuple[str, list[int]]:
        """The text as it is compared, and where each of its characters comes from."""
        folded: list[str] = []
        places: list[int] = []
        for place, character in enumerate(self.text):
            for one in _fold(character):
                if one == " " and folded and folded[-1] == " ":
                    continue
                folded.append(one)
                places.append(place)
        return "".join(folded), places

    def find(self, words: str) -> tuple[int, int] | None:
        """Where the words first stand, as positions in the text; not inside of a longer word."""
        words = " ".join(unicodedata.normalize("NFC", words).split())
        # Most stand there letter by letter, which needs no comparing of folded texts.
        start = _find_whole(self.text, words)
        if start is not None:
            return start, start + len(words)
        folded, places = self._folded
        wanted = " ".join("".join(map(_fold, words)).split())
        start = _find_whole(folded, wanted)
        return None if start is None else (places[start], places[start + len(wanted) - 1] + 1)


def _find_whole(text: str, words: str) -> int | None:
    start = text.find(words) if words else -1
    while start >= 0:
        end = start + len(words)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not (_joined(before, words[0]) or _joined(words[-1], after)):
            return start
        start = text.find(words, start + 1)
    return None


@cache
def _fold(character: str) -> str:
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", character).casefold().translate(_SAME)
    return " " if plain.isspace() else plain


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong to one word. Scripts without spaces have no such words."""
    return bool(left and right) and all(one.isalnum() and ord(one) < 0x2E80 for one in left + right)


def mention(finder: Finder, name: str, kind: str = "") -> Mention | None:
    """A name where it first stands, spelled as it stands there."""
    span = finder.find(name)
    if span is None:
        return None
    return Mention(" ".join(finder.text[slice(*span)].split()), *span, kind)


def check(found: Found, text: str, title: str) -> Checked:
    """The names and facts that stand in the text; each once, in the text's own spelling.

    A fact's subject may be the document's title, which the model was told; its quote must stand in
    the text all the same, and its object, too.
    """
    finder = Finder(text)
    mentions: dict[tuple[int, int], Mention] = {}
    facts: dict[tuple[str, str, str], Fact] = {}
    dropped = 0
    for name in found.names:
        if one := mention(finder, name.name, name.kind):
            mentions.setdefault((one.start, one.end), one)
        else:
            dropped += 1
    for fact in found.facts:
        span = finder.find(fact.quote)
        subject, value = mention(finder, fact.subject), mention(finder, fact.object)
        of_title = subject is None and _same(fact.subject, title)
        if span is None or value is None or (subject is None and not of_title):
            dropped += 1
            continue
        if subject is not None:
            mentions.setdefault((subject.start, subject.end), subject)
        # The document's own name stands in no chunk, so no name is noted for it.
        named = title if subject is None else subject.name
        made = Fact(named, " ".join(fact.predicate.split()), value.name, *span)
        facts.setdefault((made.subject, made.predicate, made.object), made)
    ordered = sorted(mentions.values(), key=lambda one: (one.start, one.end))
    return Checked(tuple(ordered), tuple(facts.values()), dropped)


def _same(name: str, title: str) -> bool:
    return bool(name.strip()) and Finder(title).find(name) == (0, len(title))
