"""Texts with ``${{ … }}`` in them, and whole YAML values made of such texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.actions.expr.evaluate import Scope, evaluate, truth
from sandbox.actions.expr.syntax import ExpressionError
from sandbox.actions.expr.values import Value, to_string, truthy

_BODY = re.compile(r"(?:'(?:[^']|'')*'|(?!\}\}).)*", re.DOTALL)


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The parts of a text in order: (is an expression, its text without the brackets)."""
    at = 0
    while (start := text.find("${{", at)) >= 0:
        if start > at:
            yield False, text[at:start]
        body = _BODY.match(text, start + 3)
        end = body.end() if body else start + 3
        if not text.startswith("}}", end):
            raise ExpressionError(f"The expression is not closed: {text[start:]}")
        yield True, text[start + 3 : end].strip()
        at = end + 2
    if at < len(text):
        yield False, text[at:]


def resolve(text: str, scope: Scope) -> Value:
    """The value of a text: typed where it is one expression, else a string."""
    parts = list(pieces(text))
    if len(parts) == 1 and parts[0][0]:
        return evaluate(parts[0][1], scope)
    return "".join(to_string(evaluate(part, scope)) if is_expr else part for is_expr, part in parts)


def render(text: str, scope: Scope) -> str:
    """As :func:`resolve`, always a string."""
    return to_string(resolve(text, scope))


def resolve_tree(value: Value, scope: Scope) -> Value:
    """:func:`resolve` on every string of a YAML value."""
    if isinstance(value, str):
        return resolve(value, scope)
    if isinstance(value, list):
        return [resolve_tree(item, scope) for item in value]
    if isinstance(value, dict):
        return {key: resolve_tree(item, scope) for key, item in value.items()}
    return value


def condition(value: Value, scope: Scope) -> bool:
    """An ``if:`` key; ``${{ }}`` around the whole is optional, a missing one is ``success()``."""
    if value is None or value == "":
        return truth("success()", scope)
    if not isinstance(value, str):
        return truth("success()", scope) and truthy(value)
    parts = list(pieces(value.strip()))
    if len(parts) == 1:
        return truth(parts[0][1], scope)
    # A text around an expression makes a non-empty string, which is true: GitHub's own trap.
    return truth("success()", scope) and truthy(render(value, scope))
