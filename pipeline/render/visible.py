"""Make every character of a text visible, so that two different texts never look alike.

What has no ink, what turns the direction of reading, what is drawn over its neighbour, and a
letter that may be taken for one of another script are shown as an escape such as ``\\u202e``; in
values also punctuation and digits beyond ASCII, every combining mark, letters that are read from
right to left, and other forms of a character. A line break is ``⏎``, a tab ``⇥``, a blank that
Markdown or HTML would swallow ``␣``. Different texts have different pictures: the marks themselves,
and a backslash in front of what looks like an escape, are escaped where they stand in the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

#: A text in which every character is visible.
Shown = NewType("Shown", str)

LINE_BREAK, TAB, BLANK, CUT = "⏎", "⇥", "␣", "…"

_MARKS = frozenset((LINE_BREAK, TAB, BLANK, CUT))

#: Without ink or not to be told apart (Unicode, "General_Category"): controls, formats (among them
#: all bidirectional controls and zero-width characters), surrogates, private use, unassigned,
#: separators of lines and paragraphs, and blanks other than U+0020.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"))

#: Unicode's Default_Ignorable_Code_Point outside those categories (DerivedCoreProperties.txt),
#: characters that are drawn as a blank, and combining marks, which are drawn over their neighbour
#: or make another spelling of the same letter.
_RANGES = (
    (0x0300, 0x036F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFFA0, 0xFFA0),
    (0xFFFC, 0xFFFC),
    (0x1D159, 0x1D159),
    (0xE0000, 0xE0FFF),
)

#: First words of Unicode names of letters that are drawn like Latin ones (Unicode TR 39).
_ALIKE = frozenset(
    ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "FULLWIDTH", "MATHEMATICAL")
)
_WORDS = re.compile(r"\S+")
#: Letters of Cyrillic and Greek that look like Latin ones: a word of nothing else may be read as a
#: Latin word (Unicode TR 39, confusables.txt).
_LATIN_LOOKS = frozenset("асеорхуѕіјһԁԛԝАВЕКМНОРСТХУІЈЅԌԜοιαυνρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")  # noqa: RUF001

#: Categories of which many are drawn like one of ASCII: punctuation, digits and mathematics; and
#: combining marks, of which the order cannot be seen.
_SIGNS = frozenset(
    ("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Nd", "Nl", "No", "Sm", "Sk", "Mn", "Me")
)
#: Classes of what is read from right to left, and moves what stands around it (UAX #9).
_LEFTWARDS = frozenset(("R", "AL", "AN"))
#: Latin letters that languages write with; others are drawn much like those of ASCII.
_LATIN = ((0x00C0, 0x017E), (0x0218, 0x021B), (0x1E00, 0x1EFF))
_DOTLESS = frozenset("ıĸŀŉ")

_LOOKS_ESCAPED = re.compile(r"[uU][0-9a-fA-F]{4}")
_FIRST, _LAST, _MANY = re.compile(r"^ +"), re.compile(r" +\Z"), re.compile(r" {2,}")


def unseen(character: str) -> bool:
    """Whether a reader could not see this character, or not tell where it stands."""
    if " " <= character <= "~":
        return False
    at = ord(character)
    return unicodedata.category(character) in _UNSEEN or any(a <= at <= b for a, b in _RANGES)


def visible(text: str, *, begins: bool = True, ends: bool = True) -> Shown:
    """The text on one line, each character visible.

    ``begins`` and ``ends``: whether the value does so here, or goes on beyond a cut.
    """
    shown = _shown(text, {"\n": LINE_BREAK, "\t": TAB})
    if begins:
        shown = _FIRST.sub(_blanks, shown)
    if ends:
        shown = _LAST.sub(_blanks, shown)
    return Shown(_MANY.sub(_blanks, shown))


def visible_line(text: str) -> Shown:
    """One line of a longer text, for a block in which blanks inside a line stay as they are."""
    return Shown(_LAST.sub(_blanks, _shown(text, {"\t": TAB})))


def seen(text: str) -> str:
    """Prose without what cannot be seen; its blanks and line breaks stay."""
    return _shown(text, {"\n": "\n", "\t": " "}, marks=frozenset())


def _blanks(found: re.Match[str]) -> str:
    return BLANK * len(found[0])


def _shown(text: str, named: dict[str, str], marks: frozenset[str] = _MARKS) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    disguised = _disguised(text) | (_of_look_alikes(text) if marks else frozenset())
    parts: list[str] = []
    slashes = 0
    for at, character in enumerate(text):
        if character == "\\":
            slashes += 1
            continue
        shown = named.get(character, "")
        escaped = not shown and (
            character in marks
            or unseen(character)
            or at in disguised
            or (bool(marks) and _sign(character))
        )
        if slashes:
            looks = escaped or bool(_LOOKS_ESCAPED.match(text, at))
            parts.append("\\" * slashes * (2 if looks else 1))
            slashes = 0
        parts.append(_escape(character) if escaped else shown or character)
    parts.append("\\" * slashes)
    return "".join(parts)


def _sign(character: str) -> bool:
    """Whether a character beyond ASCII may be taken for another one, or moves its neighbours."""
    if character.isascii():
        return False
    return (
        unicodedata.category(character) in _SIGNS
        or unicodedata.bidirectional(character) in _LEFTWARDS
        or unicodedata.normalize("NFKC", character) != character
        or _rare_latin(character)
    )


def _rare_latin(character: str) -> bool:
    at = ord(character)
    if any(a <= at <= b for a, b in _LATIN) and character not in _DOTLESS:
        return False
    return unicodedata.name(character, "").startswith(("LATIN ", "MODIFIER LETTER "))


def _disguised(text: str) -> frozenset[int]:
    """Where a letter that only looks Latin stands in a word with Latin ones."""
    if text.isascii():
        return frozenset()
    found: set[int] = set()
    for word in _WORDS.finditer(text):
        if word[0].isascii():
            continue
        scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in word[0]]
        if "LATIN" in scripts:
            found |= {word.start() + i for i, name in enumerate(scripts) if name in _ALIKE}
    return frozenset(found)


def _of_look_alikes(text: str) -> frozenset[int]:
    """Where a word may be read as a Latin one, as all of its letters look so.

    A word of one letter only where it stands alone: in Russian many do so among others.
    """
    found: set[int] = set()
    for word in _WORDS.finditer(text):
        letters = [i for i, one in enumerate(word[0], word.start()) if one.isalpha()]
        alone = len(word[0]) == len(text.strip())
        if (len(letters) > 1 or alone) and all(text[i] in _LATIN_LOOKS for i in letters):
            found.update(letters)
    return frozenset(found)


def _escape(character: str) -> str:
    at = ord(character)
    return f"\\u{at:04x}" if at <= 0xFFFF else f"\\U{at:08x}"
