# ruff: noqa: RUF001 - letters and marks of several languages
"""Bytes to characters: byte order mark, then UTF-8, then what the file declares, then a guess."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from knowledgeweaver.reading.text import Unreadable
from knowledgeweaver.text.language import language_of

#: What the guess looks at. It is slow (about 1 MB a second), and more does not make it surer.
SAMPLE = 32_768

_MARKS = (  # the longer first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding|coding)\s{0,9}[=:]\s{0,9}["']?([A-Za-z][\w.:-]{1,30})"""
)
_EUROPEAN = frozenset(
    "cp1250 cp1252 cp1254 cp1257 cp1258 latin_1 iso8859_2 iso8859_3 iso8859_4 iso8859_9 iso8859_10 "
    "iso8859_13 iso8859_14 iso8859_15 iso8859_16 hp_roman8 mac_latin2 mac_iceland mac_turkish "
    "mac_roman cp437 cp850 cp852 cp858 cp775 cp857 cp860 cp861 cp863 cp865".split()
)
_WESTERN = frozenset(
    "àâäæçèéêëîïôöùûüÿñóòìíúáßœåøãõÀÂÄÆÇÈÉÊËÎÏÔÖÙÛÜÑÓÒÌÍÚÁŒÅØÃÕ¿¡«»‹›‘’“”„–—…°§€£©®·×½ \xa0"
)
_WESTERN_LANGUAGES = frozenset({"en", "de", "fr", "es", "it", "pt", "nl"})
# Control characters that no text has; tab, newlines, form feed and escape do occur.
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def decode(data: bytes, charset: str = "") -> str:
    """The characters of a text file; ``charset`` is what its media type says, if anything.

    Raises Unreadable: not-text where the bytes are no text in any encoding.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            return _strictly(body, encoding) or _mostly(body, encoding)
    if wide := _without_mark(data):
        return _strictly(data, wide) or _mostly(data, wide)
    if _controls(data) > max(len(data) // 200, 1):
        raise Unreadable("not-text", "the bytes are no text")
    if b"\x1b$" in data[:SAMPLE] and (text := _strictly(data, "iso2022_jp")):
        return text
    if (text := _strictly(data, "utf-8")) is not None:
        return text
    declared = [charset] if charset else []
    if match := _DECLARED.search(data[:1024]):
        declared.append(match[1].decode("ascii"))
    for encoding in declared:
        if text := _strictly(data, encoding):
            return text
    # A few broken bytes in a file that otherwise is UTF-8 say more about the file's history
    # than about its encoding.
    text = data.decode("utf-8", "replace")
    above = sum(map(data.count, (b"\xc3", b"\xe3", b"\xd0", b"\xe2"))) + 1
    if text.count("\ufffd") * 20 < above:
        return text
    return _guess(data)


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROLS))


def _strictly(data: bytes, encoding: str) -> str | None:
    """None where the bytes are not in that encoding, or Python does not know it as text."""
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _mostly(data: bytes, encoding: str) -> str:
    """With a mark the encoding is known; what is broken in it is shown as such."""
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > len(text) // 20:
        raise Unreadable("damaged", f"it is marked as {encoding}, and is not")
    return text


def _without_mark(data: bytes) -> str:
    """UTF-16 without a mark: in text of most scripts every other byte is often zero."""
    sample = data[:SAMPLE]
    if len(sample) < 8:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    enough = len(sample) // 2 * 0.3
    if odd > enough and even * 20 < odd:
        return "utf-16-le"
    if even > enough and odd * 20 < even:
        return "utf-16-be"
    return ""


def _guess(data: bytes) -> str:
    """The encoding whose result looks most like a language; the rest must be in it, too."""
    best = from_bytes(data[:SAMPLE]).best() or from_bytes(data[: SAMPLE // 2]).best()
    if best is None:
        raise Unreadable("not-text", "no encoding makes text of the bytes")
    if best.encoding in _EUROPEAN and (western := _western(data)):
        return western
    text = data.decode(best.encoding, "replace")
    if text.count("\ufffd") > len(text) // 50:
        raise Unreadable("not-text", "no encoding makes text of the bytes")
    return text


def _western(data: bytes) -> str:
    """The text in Windows' Western European, "" where it has other letters than those languages.

    The European encodings agree on most bytes, and the guess takes one for another: "mère" for
    "mčre". By far most files are in this one.
    """
    text = _strictly(data, "cp1252") or ""
    above = {sign for sign in text if sign > "\x7f"}
    return text if above <= _WESTERN and language_of(text) in _WESTERN_LANGUAGES else ""
