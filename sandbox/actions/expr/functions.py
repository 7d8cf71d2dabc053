"""The functions GitHub documents, but for the status checks and ``hashFiles``.

Source: docs.github.com, "Expressions", section "Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from sandbox.actions.expr.syntax import ExpressionError
from sandbox.actions.expr.values import Value, equal, to_string, truthy

Function = Callable[..., Value]


def contains(search: Value, item: Value) -> bool:
    if isinstance(search, list):
        return any(equal(member, item) for member in search)
    if isinstance(search, dict):
        return False
    return to_string(item).upper() in to_string(search).upper()


def starts_with(text: Value, start: Value) -> bool:
    return to_string(text).upper().startswith(to_string(start).upper())


def ends_with(text: Value, end: Value) -> bool:
    return to_string(text).upper().endswith(to_string(end).upper())


def format_(pattern: Value, *values: Value) -> str:
    def put(match: re.Match[str]) -> str:
        token = match.group()
        if token in ("{{", "}}"):
            return token[0]
        if not token[1:-1].isdigit() or int(token[1:-1]) >= len(values):
            raise ExpressionError(f"The format string is not valid: {pattern!r}")
        return to_string(values[int(token[1:-1])])

    return re.sub(r"\{\{|\}\}|\{[^{}]*\}|[{}]", put, to_string(pattern))


def join(items: Value, separator: Value = ",") -> str:
    if isinstance(items, list):
        return to_string(separator).join(to_string(item) for item in items)
    return to_string(items)


def to_json(value: Value) -> str:
    return json.dumps(_whole(value), indent=2, ensure_ascii=False)


def _whole(value: Value) -> Value:
    """Numbers without a fraction are written without one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value


def from_json(text: Value) -> Value:
    try:
        value: Value = json.loads(to_string(text))
    except ValueError as error:
        raise ExpressionError(f"fromJSON: the text is not JSON: {error}") from None
    return value


def case(*args: Value) -> Value:
    if len(args) % 2 == 0:
        raise ExpressionError("case needs pairs of predicate and value, and a default")
    for predicate, value in zip(args[:-1:2], args[1:-1:2], strict=True):
        if truthy(predicate):
            return value
    return args[-1]


#: Lower-case name -> function, fewest and most arguments (-1: any number).
FUNCTIONS: dict[str, tuple[Function, int, int]] = {
    "contains": (contains, 2, 2),
    "startswith": (starts_with, 2, 2),
    "endswith": (ends_with, 2, 2),
    "format": (format_, 1, -1),
    "join": (join, 1, 2),
    "tojson": (to_json, 1, 1),
    "fromjson": (from_json, 1, 1),
    "case": (case, 3, -1),
}
STATUS = frozenset({"success", "failure", "always", "cancelled"})


def call(name: str, args: list[Value]) -> Value:
    """Apply a documented function by its (case-insensitive) name."""
    found = FUNCTIONS.get(name.lower())
    if not found:
        raise ExpressionError(f"Unrecognized function: '{name}'")
    function, fewest, most = found
    if len(args) < fewest or (most >= 0 and len(args) > most):
        raise ExpressionError(f"Wrong number of arguments for function: '{name}'")
    return function(*args)
