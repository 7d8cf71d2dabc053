"""The rule expressions of composite alarms, such as ``ALARM("a") AND NOT OK("b")``.

CloudWatch API reference, PutCompositeAlarm: "AlarmRule … can contain … ALARM, OK,
INSUFFICIENT_DATA, TRUE, FALSE … AND, OR, NOT … and parentheses". ``NOT`` binds tighter than
``AND``, ``AND`` tighter than ``OR``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(r'\s*(?:(\w+)\(\s*"?([^")]+?)"?\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))')


def holds(rule: str, state: Callable[[str], str]) -> bool:
    """Whether a rule is true; ``state`` gives the state of an alarm by its name or ARN.

    Raises ValueError for what is no rule.
    """
    tokens = _tokens(rule)
    value = _or(tokens, state)
    if tokens:
        raise ValueError(f"unexpected {tokens[0]} in the rule {rule}")
    return value


def names(rule: str) -> list[str]:
    """The alarms that a rule speaks of, by name."""
    return [name.rpartition(":alarm:")[2] for _, name in _tokens(rule) if name]


def _tokens(rule: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while rule[at:].strip():
        match = _TOKEN.match(rule, at)
        if match is None:
            raise ValueError(f"cannot read the rule from {rule[at:]!r}")
        found.append((match[1] or match[3] or match[4], match[2] or ""))
        at = match.end()
    return found


def _or(tokens: list[tuple[str, str]], state: Callable[[str], str]) -> bool:
    value = _and(tokens, state)
    while tokens and tokens[0] == ("OR", ""):
        tokens.pop(0)
        value = _and(tokens, state) or value
    return value


def _and(tokens: list[tuple[str, str]], state: Callable[[str], str]) -> bool:
    value = _one(tokens, state)
    while tokens and tokens[0] == ("AND", ""):
        tokens.pop(0)
        value = _one(tokens, state) and value
    return value


def _one(tokens: list[tuple[str, str]], state: Callable[[str], str]) -> bool:
    if not tokens:
        raise ValueError("the rule ends too early")
    word, name = tokens.pop(0)
    if name:
        return state(name.rpartition(":alarm:")[2]) == word
    if word == "NOT":
        return not _one(tokens, state)
    if word == "(":
        value = _or(tokens, state)
        if not tokens or tokens.pop(0) != (")", ""):
            raise ValueError("a parenthesis is not closed")
        return value
    if word in ("TRUE", "FALSE"):
        return word == "TRUE"
    raise ValueError(f"unexpected {word}")
