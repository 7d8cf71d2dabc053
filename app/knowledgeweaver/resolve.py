"""Which names mean one thing: keys, blocks of names worth comparing, and the comparison.

Two spellings with one key are one entity. Names with different keys stay apart and are linked when
they are alike, with a reason; a link can be undone, because nothing was rewritten for it. A new
name is compared only with those in its block, which is bounded, so a document costs the same in a
graph of any size.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

#: A word that stands in more names than this says too little to compare them for it.
BLOCK = 60
#: What two names need in common to be linked, of 1.0.
WORDS, SPELLING = 0.66, 0.9
#: Marks the block of an acronym, which is no word of a name.
_INITIALS = "="

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_SMALL = frozenset("a an and at by de der des die du for in la le of on the to van von y".split())
#: Longer texts are no names, whoever says so.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Link:
    """Two keys that may mean one thing. The alias is the shorter one."""

    alias: str
    into: str
    reason: str
    score: float


@lru_cache(maxsize=1 << 14)  # a document says its names again and again
def key(name: str) -> str:
    """What spellings of one name share: "" for what holds no letter and no digit.

    NFKC, case-folded, words only; "I.B.M." is "ibm".
    """
    plain = unicodedata.normalize("NFKC", name)
    plain = _DOTTED.sub(lambda match: match[0].replace(".", ""), plain)
    return " ".join(_WORD.findall(plain.casefold()))[:LONGEST]


def titles(title: str) -> tuple[str, ...]:
    """What a document with this title is about: the title, also without what explains it.

    "Paris (Texas)" is about "Paris" too, and "Salem, Oregon" about "Salem".
    """
    forms = (title, re.sub(r"\s*\([^)]*\)", "", title), title.partition(",")[0])
    return tuple(dict.fromkeys(form for form in forms if key(form)))


def blocks(name_key: str) -> tuple[str, ...]:
    """The blocks of a key: its words of weight, and its initials or itself as an acronym."""
    words = [word for word in name_key.split() if word not in _SMALL]
    found = dict.fromkeys(words)
    if len(words) == 1 and 2 <= len(words[0]) <= 6:
        found[_INITIALS + words[0]] = None
    elif 2 <= len(words) <= 6:
        found[_INITIALS + "".join(word[0] for word in words)] = None
    return tuple(found)


def links(new: Sequence[str], members: Mapping[str, Sequence[str]]) -> list[Link]:
    """Links of new keys with each other and with those in their blocks.

    ``members`` has for every block of a new key the keys that stand in it already, at most
    BLOCK + 1; a block with more is none.
    """
    grown = {block: list(known) for block, known in members.items()}
    found = []
    for one in new:
        mine = blocks(one)
        for other in _to_compare(mine, grown):
            if other != one and (link := alike(one, other)):
                found.append(link)
        for block in mine:
            grown.setdefault(block, []).append(one)
    return found


def _to_compare(mine: Iterable[str], members: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The members of the rarest word's block and of the acronym's."""
    sizes = {block: len(members.get(block, ())) for block in mine}
    fit = {block: size for block, size in sizes.items() if 0 < size <= BLOCK}
    words = sorted((size, block) for block, size in fit.items() if block[0] != _INITIALS)
    chosen = [block for _, block in words[:2]] + [b for b in fit if b[0] == _INITIALS]
    yield from dict.fromkeys(key for block in chosen for key in members[block])


def alike(one: str, other: str) -> Link | None:
    """Why two keys may mean one thing; None when they do not."""
    alias, into = sorted((one, other), key=_by_length)
    first, second = _parts(alias), _parts(into)
    if not first.words or not second.words:
        return None
    if len(first.words) == 1 < len(second.words) and second.initials in first.words:
        return Link(alias, into, "acronym", 0.9)
    both = len(first.words & second.words)
    shared = both / (len(first.words) + len(second.words) - both)
    if first.numbers != second.numbers:
        return Link(alias, into, "near", shared) if shared >= WORDS else None
    if shared == 1.0:
        return Link(alias, into, "same words", 1.0)
    ratio = fuzz.token_sort_ratio(alias, into, score_cutoff=100 * SPELLING) / 100
    if ratio and len(alias) > 3:
        return Link(alias, into, "spelling", round(ratio, 3))
    return Link(alias, into, "near", round(shared, 3)) if shared >= WORDS else None


def _by_length(text: str) -> tuple[int, str]:
    return len(text), text


@dataclass(frozen=True, slots=True)
class _Parts:
    """What of a key is compared: its words of weight, those with digits, and its initials."""

    words: frozenset[str]
    numbers: frozenset[str]
    initials: str


@lru_cache(maxsize=1 << 14)  # a key is compared with all of its block, one after the other
def _parts(name_key: str) -> _Parts:
    words = [word for word in name_key.split() if word not in _SMALL]
    return _Parts(
        words=frozenset(words),
        numbers=frozenset(word for word in words if any(letter.isdigit() for letter in word)),
        initials="".join(word[0] for word in words),
    )
