# ruff: noqa: RUF001 - dashes, quotation marks and Cyrillic letters are meant as they are
"""Names and dates by rule, in scripts that have capital letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from knowledgeweaver.extract.letters import CAPITALS
from knowledgeweaver.extract.vocabulary import (
    ARTICLES,
    COMMON_FIRST,
    DETERMINERS,
    GERMAN_ARTICLES,
    GERMAN_NOUN_ENDINGS,
    GERMAN_PLACES,
    MARKUP,
    MONTHS,
    TITLES,
    WEEKDAYS,
)

#: A longer run of capitalised words is a heading or a list, no name.
MAX_NAME = 80


class Name(NamedTuple):
    """A name where it stands; kind is "date", or "" where nothing tells."""

    text: str
    start: int
    end: int
    kind: str


_SPACE = r"(?:[ \u00a0]|\n(?!\s))"
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_YEAR = r"(?:1\d{3}|20\d{2})"
_DATE = (
    rf"(?:\d{{1,2}}(?:\.|st|nd|rd|th|er)?{_SPACE})?{_MONTH}\b(?:{_SPACE}\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d))?"
    rf"(?:,?{_SPACE}(?:de{_SPACE})?{_YEAR}\b)?"
)
_CAPITAL = f"[{CAPITALS}]"
# One word of a name: initials and U.S., else a capital and what hangs together with it.
_PART = (
    rf"(?:(?:{_CAPITAL}\.){{1,5}}(?:{_CAPITAL}\b)?"
    rf"|{_CAPITAL}\w*+(?:[-–'’&/.](?=\w)\w++)*+(?:(?<=\bSt|\bMt|\bFt|\bJr|\bSr|\bDr|\bNo)\.)?)"
)
_LINK = (
    "(?:of the|of|for the|for|on the|de la|de los|de las|de|des|du|del|della|di|da|dos|do|"
    "van der|van den|van de|van|von der|von|zu|zur|für die|für|ibn|bin|al|el|la|le|upon|et|y|&)"
)
_NAME = (
    rf"(?:{_YEAR}(?:[–-]\d\d(?:\d\d)?)?{_SPACE})?{_PART}"
    rf"(?:,{_SPACE}(?=(?:D\\.C|Inc|Jr|Ltd|Sr)\\b){_PART}"
    rf"|{_SPACE}(?:de{_SPACE})?[dl]['’]{_PART}"
    rf"|{_SPACE}(?:{_LINK}{_SPACE}(?:the{_SPACE})?)?{_PART}|{_SPACE}\d{{1,3}}\b(?![.,:]?\d|%))*+"
)
# Where something may begin: quick to find, because it begins with a class of characters.
_FIRST = re.compile(rf"[{CAPITALS}\d\"“„«»](?<!\w[{CAPITALS}\d])")
_CANDIDATE = re.compile(
    rf"[\"“„«»](?P<quoted>{_CAPITAL}[^\"“”„«»\n.!?;:]{{1,60}})[\"“”«»]"
    rf"|(?P<date>{_DATE}|{_YEAR}s\b)|(?P<name>{_NAME})|(?P<year>{_YEAR})\b(?![.,]\d)"
)
_BEGINNING = re.compile(r"(?:\A|[.!?:;…\n\"“„«(•|>–—-][\"'“”»)\]]*)\s*\Z")
_LAST_WORD = re.compile(r"(\w+)\W*\Z")
_A_WORD = re.compile(r"\S+")
_LINKED = re.compile(rf"\s+(?:{_LINK}\s+)?(?:the\s+)?")
_BEFORE_NO_YEAR = ("$", "€", "£", "#", "№", "/", ".")
_MONTHS_LOWER = frozenset(map(str.lower, MONTHS))
# Lower-case words that look like adjectives by their ending and often stand before a name.
_GERMAN_LINKS = frozenset(
    "oder aber unter über hinter neben zwischen wegen gegen nahe heute wurde".split()
)
# "Kornfeldbrücke", but no "Brücke" and no "Burg".
_GERMAN_PLACE = re.compile(rf"\w{{4}}(?:{'|'.join(GERMAN_PLACES)})\Z")
# "der Müller Konrad Kornfeld": a trade between an article and a name is no part of it.
_GERMAN_TRADE = re.compile(
    r"(?<=\b(?:der|die|den|dem|des|ein) )(?:\w+(?:in|er|or|ist|eur|mann|frau|graf)|König|"
    r"Graf|Fluss|Stadt|Insel|Firma|Schiff)\s(?=\S)"
)
# "Die Donau ist ein Fluss": what is defined is a name, article or not.
_DEFINED = re.compile(r"\s(?:ist|war)\s(?:ein|eine|der|die|das)\s")
# Russian writes only the first word of an institution or a river with a capital.
_RUSSIAN_HEAD = re.compile(
    r"(?<=[йяемую])\s(?:[а-яё]{2,20}[йяемую]\s){0,2}(?:университет|институт|академи|обсерватори|музе|театр|"
    r"библиотек|завод|фабрик|мост|рек|озер|остров|полуостров|мор|канал|област|кра|республик|"
    r"станци|маяк|площад|собор|монастыр|крепост|город|гор|архив|обществ|компани|пароходств|премия|"
    r"премии|премию)[а-яё]{0,3}\b"
)
_NONE: frozenset[str] = frozenset()


def names(text: str, language: str = "") -> Iterator[Name]:
    """The names of a text in order, where they stand; none overlaps another one."""
    position = 0
    for first in _FIRST.finditer(text):
        if first.start() < position:
            continue
        match = _CANDIDATE.match(text, first.start())
        if match is None or match.lastgroup is None:
            continue
        position = match.end()
        kind = match.lastgroup
        start, end = match.span(kind)
        if kind == "name":
            start, end = _trimmed(text, start, end, ARTICLES.get(language, _NONE))
            if language == "de":
                if trade := _GERMAN_TRADE.match(text, start, end):
                    start = trade.end()
                if _is_german_noun(text, start, end):
                    continue
            if language == "ru" and (head := _RUSSIAN_HEAD.match(text, end)):
                end = position = head.end()
        elif kind == "quoted":
            while end > start and text[end - 1] in " ,":
                end -= 1
        elif (kind == "year" and text[start - 1 : start] in _BEFORE_NO_YEAR) or (
            kind == "date" and not any(map(str.isdigit, match[0]))
        ):
            continue
        if 2 <= end - start <= MAX_NAME:
            name = " ".join(text[start:end].split())
            yield Name(name, start, end, "date" if kind in ("year", "date") else "")


def _trimmed(text: str, start: int, end: int, articles: frozenset[str] = _NONE) -> tuple[int, int]:
    """Without what stands before a name at a sentence's beginning, and without a genitive."""
    first = start
    while word := _A_WORD.match(text, start, end):
        lower = word[0].lower()
        alone = word.end() >= end
        if not (
            lower in DETERMINERS
            or lower.rstrip(".") in TITLES
            or (
                start == first
                and (lower in COMMON_FIRST or lower in articles)
                and _begins(text, start)
            )
            or (alone and (lower in WEEKDAYS or lower in _MONTHS_LOWER or lower in MARKUP))
        ):
            break
        start = word.end()
        # "However the …": what links the dropped word to the name goes with it.
        if link := _LINKED.match(text, start, end):
            start = link.end()
    if text.endswith(("'s", "’s"), start, end):
        end -= 2
    return start, end


def _begins(text: str, start: int) -> bool:
    """Whether a sentence or a line begins here, where a capital says nothing."""
    return _BEGINNING.search(text, max(start - 4, 0), start) is not None


def _is_german_noun(text: str, start: int, end: int) -> bool:
    """Whether one capitalised word is likely a thing and no name."""
    word = text[start:end]
    if not word.isalpha() or word.isupper() or _DEFINED.match(text, end):
        return False
    if word.lower().endswith(GERMAN_NOUN_ENDINGS):
        return True
    if _GERMAN_PLACE.search(word):
        return False
    before = _LAST_WORD.search(text, max(start - 20, 0), start)
    if before is None or "." in before[0]:
        return False
    # After an article, or an adjective with its ending: "ein altes Haus", "der Fluss".
    return before[1].lower() in GERMAN_ARTICLES or (
        before[1].islower()
        and before[1].endswith(("es", "em", "er", "en", "e"))
        and before[1] not in _GERMAN_LINKS
    )
