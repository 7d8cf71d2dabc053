"""JSON without loss: exact numbers of any size, and strict reading of JSON in strings."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, NoReturn

from pipeline.domain.nested import parse_json

#: Deeper or longer than this nobody writes by hand; such a text stays the string that it is.
DEPTH = 64
DIGITS = 4000

_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,1000}))?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPACE = " \t\r\n"


class Exact(float):
    """A number that no float holds exactly; ``text`` is the number, the float only near it."""

    text: str

    def __new__(cls, text: str) -> Exact:
        made = super().__new__(cls, text)
        made.text = text
        return made


def number_text(text: str) -> str:
    """One text for all spellings of a number: 1, 1.0 and 10e-1 are ``1e0``.

    Raises ValueError for what is no JSON number, and for an exponent of over 1000 digits.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no number")
    sign, whole, fraction, exponent = found.groups(default="")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "0e0"
    kept = digits.rstrip("0")
    shift = int(exponent or 0) - len(fraction) + len(digits) - len(kept)
    return f"{sign}{kept}e{shift}"


def number(text: str) -> int | float:
    """A JSON number as Python's own where that is exact, else as :class:`Exact`."""
    if text.lstrip("-").isdigit() and len(text) <= DIGITS:
        return int(text)
    wanted = number_text(text)
    near = float(text)
    exact = isfinite(near) and number_text(repr(near)) == wanted
    return near if exact else Exact(text)


def loads(text: str | bytes) -> Any:
    """Read a document without rounding a number. Raises ValueError for what is no JSON."""
    return parse_json(text, parse_int=number, parse_float=number, parse_constant=_refuse)


def open_text(text: str) -> Any:
    """The object or array that a string holds; None when it holds none or cannot be trusted to.

    Strict: no duplicate key, no NaN or Infinity, no more than 64 levels, nothing around it but
    white space. ``{}`` and ``[]`` stay strings: there is nothing in them to tell apart.
    """
    inner = text.strip(_SPACE)
    if inner[:1] not in ("{", "[") or inner[-1:] not in ("}", "]") or _deep(inner):
        return None
    try:
        opened = parse_json(
            inner,
            parse_int=number,
            parse_float=number,
            parse_constant=_refuse,
            object_pairs_hook=_without_duplicates,
        )
    except ValueError:
        return None
    return opened or None


def _deep(text: str) -> bool:
    """Whether brackets nest deeper than allowed; told by the text, never by Python's stack."""
    if text.count("[") + text.count("{") <= DEPTH:
        return False
    level = 0
    for sign in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        level += 1 if sign in "[{" else -1
        if level > DEPTH:
            return True
    return False


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
