# ruff: noqa: RUF001, RUF003 - punctuation and letters of many scripts are what this file is about
"""Sentences and search words, in languages with and without spaces between words."""

from __future__ import annotations

import re
import unicodedata

from knowledgeweaver.text.language import ALL_STOP_WORDS

_CLOSERS = "\"'”’»)\\]"
_OPENERS = "\"'“‘„«([¿¡"
# Where a sentence may end: each alternative begins with a character that is rare in a text. A run
# of stops is looked at once, from its first: a file may hold nothing else.
_GAP = re.compile(
    rf"(?<![.!?…])(?P<stop>[.!?…]++)[{_CLOSERS}]*+(?P<space>\s+)"
    r"|[。！？｡]+[」』）”’\"]*+"
    r"|\n[ \t]*+(?:\n\s*+|(?=(?:[-*•‣◦▪–—]|\d{1,3}[.)]|[a-z]\))[ \t]))"
)
_QUOTED = re.compile(r"[。！？]+[」』]+")
_LAST_WORD = re.compile(r"[\s\"'“‘„«(\[]")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?!\.)")  # an initial begins no sentence
_DOTTED = re.compile(
    r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}"
)  # U.S, z.B, т.е; the last dot is the stop

# After these a sentence goes on: a name or a number follows.
_TITLES = frozenset(
    "mr mrs ms dr prof st mt ft gen col lt sgt capt cmdr rev hon gov sen rep pres no nos vol fig "
    "vs cf ca approx eds resp nr str bd hr fr frl hl vgl abb bzw evtl ggf inkl sog m mm mme mlle "
    "av env art ул им рис стр см акад проф гл".split()
)
# After these it may go on or end; the next word decides.
_EITHER = frozenset(
    "inc ltd co corp jr sr etc al dept univ assn bros est jan feb mar apr jun jul aug sep sept oct "
    "nov dec usw geb gest gmbh г гг др в вв тыс млн млрд руб".split()
)
# A capital on these is due to a sentence's start, hardly ever to a name.
_STARTERS = frozenset(
    "the a an in it he she they we you i this that these those but and or so however when while "
    "after before as at by for from his her its their there then on one to if some many most all "
    "although because since with what who how where why during until both each no not "
    "der die das ein eine er sie es wir im am auf mit bei nach seit dort dieser diese dieses "
    "le la les il elle ils elles un une ce cette ces en dans au pour on nous "
    "el los las una esta este "
    "он она оно они это в на с у по и но а к из для при после его ее её там".split()
)

_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f][^\W_]*)*")
_CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_RUN = re.compile(f"[{_CJK}]+|[^{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_FOLDED = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1fff]")


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences, in order, none empty, without the space around them.

    Every visible character is in one of them. A blank line ends a sentence, and so does a line
    that begins with a bullet or a number, and a full stop that is none of an abbreviation.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _GAP.finditer(text):
        if gap["stop"] and not _ends(text, gap):
            continue
        if _QUOTED.fullmatch(gap[0]) and text[gap.end() : gap.end() + 1] == "と":
            continue  # Japanese: what was said goes on with "he said"
        _add(spans, text, start, gap.end())
        start = gap.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends(text: str, gap: re.Match[str]) -> bool:
    """Whether a stop, its closing marks and a space end a sentence; the words around decide."""
    end = gap.end()
    first = text[end : end + 1]
    if first in _OPENERS:
        first = text[end : end + 9].lstrip(_OPENERS)[:1]
    if "\n" in gap["space"] and gap["space"].count("\n") > 1:
        return True
    if first.islower():
        return False
    if gap["stop"] != "." or not first:
        return True
    start = gap.start()
    word = _LAST_WORD.split(text[max(start - 25, 0) : start])[-1]
    lower = word.lower()
    if lower in _TITLES:
        return False
    if len(word) > 4 and lower not in _EITHER and "." not in word:
        return True  # by far the most
    follows = text[end : end + 40]
    starts = _starts(follows)
    if word.isdigit() and len(word) <= 2:  # a German ordinal, or the number of a list
        return starts
    if len(word) == 1 and word.isupper() and word != "I":
        return starts and not _IS_CJK.match(word)
    if lower in _EITHER or _DOTTED.fullmatch(word):
        return starts
    return True


def _starts(follows: str) -> bool:
    word = _FIRST_WORD.match(follows.lstrip(_OPENERS))
    return word is not None and word[0].lower() in _STARTERS


def fold(word: str) -> str:
    """A word as it is compared: no capitals, no accents, compatible forms made one."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKC", word).casefold()
    if _FOLDED.search(word):
        apart = unicodedata.normalize("NFD", word)
        word = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", word)


def terms(text: str) -> list[str]:
    """The folded words of a text that say something, in order, repeated where they are.

    Chinese, Japanese and Korean have no spaces that help, so a run of their characters becomes
    every two that follow each other, as the full-text indexes have them. Common words of the
    languages that are known here are left out.
    """
    found = []
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        word = match[0]
        if not _IS_CJK.search(word):
            if (folded := fold(word)) and word.lower() not in ALL_STOP_WORDS:
                found.append(folded)
            continue
        for run in _RUN.findall(word):
            if not _IS_CJK.match(run):
                found.append(fold(run))
            elif len(run) == 1:
                found.append(run)
            else:
                found.extend(run[at : at + 2] for at in range(len(run) - 1))
    return found
