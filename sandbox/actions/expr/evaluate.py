"""Evaluation of a syntax tree against contexts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.actions.expr import functions
from sandbox.actions.expr.syntax import (
    Binary,
    Call,
    ExpressionError,
    Index,
    Literal,
    Name,
    Node,
    Not,
    Star,
    parse,
)
from sandbox.actions.expr.values import Filtered, Value, equal, less, to_number, to_string, truthy


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see: contexts by name, and the status checks where allowed."""

    contexts: Mapping[str, Value]
    status: Mapping[str, bool] = field(default_factory=dict)


def evaluate(text: str, scope: Scope) -> Value:
    """The value of one expression (without ``${{`` and ``}}``)."""
    return value_of(parse(text), scope)


def truth(text: str, scope: Scope) -> bool:
    """An ``if`` condition: ``success() &&`` is put before it unless it checks a status itself."""
    node = parse(text)
    if not checks_status(node):
        node = Binary("&&", Call("success", ()), node)
    return truthy(value_of(node, scope))


def checks_status(node: Node) -> bool:
    """Whether a status check function is called anywhere in a tree."""
    match node:
        case Call(name, args):
            return name.lower() in functions.STATUS or any(map(checks_status, args))
        case Not(of) | Star(of):
            return checks_status(of)
        case Index(of, key):
            return checks_status(of) or checks_status(key)
        case Binary(_, left, right):
            return checks_status(left) or checks_status(right)
        case _:
            return False


def value_of(node: Node, scope: Scope) -> Value:
    """The value of a tree."""
    match node:
        case Literal(value):
            return value
        case Name(name):
            for known, value in scope.contexts.items():
                if known.lower() == name.lower():
                    return value
            raise ExpressionError(f"Unrecognized named-value: '{name}'")
        case Index(of, key):
            return index(value_of(of, scope), value_of(key, scope))
        case Star(of):
            return star(value_of(of, scope))
        case Not(of):
            return not truthy(value_of(of, scope))
        case Binary("&&", left, right):
            value = value_of(left, scope)
            return value_of(right, scope) if truthy(value) else value
        case Binary("||", left, right):
            value = value_of(left, scope)
            return value if truthy(value) else value_of(right, scope)
        case Binary(op, left, right):
            return compare(op, value_of(left, scope), value_of(right, scope))
        case Call(name, args):
            return _call(name, args, scope)


def _call(name: str, args: tuple[Node, ...], scope: Scope) -> Value:
    if name.lower() in functions.STATUS:
        if name.lower() not in scope.status:
            raise ExpressionError(f"Unrecognized function: '{name}'")
        return scope.status[name.lower()]
    return functions.call(name, [value_of(arg, scope) for arg in args])


def compare(op: str, left: Value, right: Value) -> bool:
    """One of the comparison operators."""
    match op:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "<":
            return less(left, right)
        case ">":
            return less(right, left)
        case "<=":
            return less(left, right) or equal(left, right)
        case _:
            return less(right, left) or equal(left, right)


def index(value: Value, key: Value) -> Value:
    """A property or an item; ``null`` where there is none. Property names ignore case."""
    if isinstance(value, Filtered):
        found = [_read(item, key) for item in value]
        return Filtered(item for ok, item in found if ok)
    return _read(value, key)[1]


def _read(value: Value, key: Value) -> tuple[bool, Value]:
    if isinstance(value, dict):
        wanted = to_string(key)
        if wanted in value:
            return True, value[wanted]
        for name, item in value.items():
            if name.lower() == wanted.lower():
                return True, item
    elif isinstance(value, list):
        number = to_number(key)
        if not math.isnan(number) and 0 <= number < len(value):
            return True, value[int(number)]
    return False, None


def star(value: Value) -> Value:
    """The members of a list or an object, as a filter."""
    if isinstance(value, Filtered):
        nested = [star(item) for item in value if isinstance(item, (list, dict))]
        return Filtered(item for group in nested if isinstance(group, list) for item in group)
    if isinstance(value, dict):
        return Filtered(value.values())
    return Filtered(value if isinstance(value, list) else [])
