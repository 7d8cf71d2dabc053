"""Partial evaluation: what the service knows is put into a step's expressions, the rest is kept.

The runner sees one job only, so ``needs``, ``matrix``, ``inputs`` … must be gone before it reads
the steps. A known part always becomes a *literal* inside ``${{ }}``, never bare text, so that a
value that itself looks like an expression cannot be evaluated once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.actions.expr import functions
from sandbox.actions.expr.evaluate import compare, index, star
from sandbox.actions.expr.syntax import Binary, Call, Index, Literal, Name, Node, Not, Star, parse
from sandbox.actions.expr.template import pieces
from sandbox.actions.expr.values import Value, number_text, truthy


@dataclass(frozen=True, slots=True)
class Known:
    """Contexts the service knows, and properties of them that only the runner knows."""

    contexts: Mapping[str, Value]
    runner_only: frozenset[tuple[str, str]] = frozenset()


def fold_text(text: str, known: Known, *, bare: bool = False) -> str:
    """Fold every expression in a text. ``bare``: an ``if`` may stand without ``${{ }}``."""
    parts = list(pieces(text))
    if bare and not any(is_expr for is_expr, _ in parts):
        return unparse(fold(parse(text), known))
    return "".join(
        f"${{{{ {unparse(fold(parse(part), known))} }}}}" if is_expr else part
        for is_expr, part in parts
    )


def fold(node: Node, known: Known) -> Node:
    """The smallest tree with the same value on the runner."""
    match node:
        case Name(name):
            return _name(name, known)
        case Index(Name(name), Literal(str(key))) if (
            name.lower(),
            key.lower(),
        ) in known.runner_only:
            return node
        case Index(of, key):
            of, key = fold(of, known), fold(key, known)
            if isinstance(of, Literal) and isinstance(key, Literal):
                return Literal(index(of.value, key.value))
            return Index(of, key)
        case Star(of):
            of = fold(of, known)
            return Literal(star(of.value)) if isinstance(of, Literal) else Star(of)
        case Not(of):
            of = fold(of, known)
            return Literal(not truthy(of.value)) if isinstance(of, Literal) else Not(of)
        case Binary(op, left, right):
            return _binary(op, fold(left, known), fold(right, known))
        case Call(name, args):
            args = tuple(fold(arg, known) for arg in args)
            if name.lower() in functions.FUNCTIONS:
                values = [arg.value for arg in args if isinstance(arg, Literal)]
                if len(values) == len(args):
                    return Literal(functions.call(name, values))
            return Call(name, args)
        case _:
            return node


def _name(name: str, known: Known) -> Node:
    for context, value in known.contexts.items():
        if context.lower() == name.lower():
            return Literal(value)
    return Name(name)


def _binary(op: str, left: Node, right: Node) -> Node:
    if isinstance(left, Literal):
        if op in ("&&", "||"):
            return right if truthy(left.value) == (op == "&&") else left
        if isinstance(right, Literal):
            return Literal(compare(op, left.value, right.value))
    return Binary(op, left, right)


def unparse(node: Node) -> str:
    """An expression text whose tree means the same."""
    match node:
        case Literal(value):
            return _literal(value)
        case Name(name):
            return name
        case Index(of, key):
            return f"{_tight(of)}[{unparse(key)}]"
        case Star(of):
            return f"{_tight(of)}.*"
        case Not(of):
            return f"!{_tight(of)}"
        case Binary(op, left, right):
            return f"({unparse(left)} {op} {unparse(right)})"
        case Call(name, args):
            return f"{name}({', '.join(map(unparse, args))})"


def _tight(node: Node) -> str:
    text = unparse(node)
    return f"({text})" if isinstance(node, Not) else text


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"fromJSON({_literal(json.dumps(value, ensure_ascii=False))})"
