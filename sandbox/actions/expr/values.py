"""Values of the expression language and GitHub's coercions between them.

A value is what JSON can say: ``None``, ``bool``, a number, ``str``, ``list`` or ``dict``.
Source: docs.github.com, "Expressions", sections "Literals", "Operators" and "Functions".
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Filtered(list["Value"]):
    """The result of ``*``: reading a property of it reads that property of each member."""


def truthy(value: Value) -> bool:
    """``false``, ``0``, ``-0``, ``''``, ``null`` (and NaN) are false, all else is true."""
    if value is None or value is False or value == "":
        return False
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value != 0 and not math.isnan(value)
    return True


def to_number(value: Value) -> float:
    """The number a value is cast to where types differ; NaN where it is none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return 0.0
        if _NUMBER.fullmatch(text):
            return float(text)
        if re.fullmatch(r"0x[0-9a-fA-F]+", text):
            return float(int(text, 16))
        if re.fullmatch(r"0o[0-7]+", text):
            return float(int(text, 8))
    return math.nan


def to_string(value: Value) -> str:
    """The text a value is cast to; lists and objects become ``Array`` and ``Object``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return number_text(value)
    return "Array" if isinstance(value, list) else "Object"


def number_text(value: float) -> str:
    """Decimal format, exponential for large numbers (15 significant digits)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15G}"


def _kind(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "collection"


def _level(left: Value, right: Value) -> tuple[Value, Value]:
    """Bring two values to one type: numbers, unless a collection is among them."""
    kinds = {_kind(left), _kind(right)}
    if len(kinds) == 1 or "collection" in kinds:
        return left, right
    return to_number(left), to_number(right)


def equal(left: Value, right: Value) -> bool:
    """GitHub's loose equality; strings without case, collections only by identity."""
    left, right = _level(left, right)
    if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    return left == right


def less(left: Value, right: Value) -> bool:
    """``<``; false for NaN, ``null`` against ``null`` and collections."""
    left, right = _level(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() < right.upper()
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left < right
    return False
