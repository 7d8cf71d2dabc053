"""From text to a syntax tree. Source: docs.github.com, "Expressions" (literals, operators)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.actions.expr.values import Value, to_number


class ExpressionError(Exception):
    """An expression is not valid, or asks for what is not there."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A context: ``github``, ``needs``, …"""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """``of.key`` and ``of['key']`` alike."""

    of: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Star:
    """``of.*``"""

    of: Node


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: Node


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Node
    right: Node


Node: TypeAlias = Literal | Name | Index | Star | Call | Not | Binary

#: From the loosest to the tightest binding.
LEVELS: tuple[tuple[str, ...], ...] = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^']|'')*')
    | (?P<number>[+-]?0x[0-9a-fA-F]+|[+-]?0o[0-7]+|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<op>\|\||&&|==|!=|<=|>=|[<>!()\[\],.*])
    )""",
    re.VERBOSE,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


def parse(text: str) -> Node:
    """The tree of one expression (without ``${{`` and ``}}``)."""
    parser = _Parser(_tokens(text), text)
    node = parser.binary(0)
    if parser.here < len(parser.tokens):
        raise ExpressionError(f"Unexpected symbol: '{parser.tokens[parser.here][1]}' in: {text}")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match or not match.lastgroup:
            raise ExpressionError(f"Unexpected symbol: '{text[at:].strip()[:20]}' in: {text}")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens = tokens
        self.text = text
        self.here = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.here] if self.here < len(self.tokens) else ("end", "")

    def take(self, *symbols: str) -> str | None:
        kind, symbol = self.peek()
        if kind == "op" and symbol in symbols:
            self.here += 1
            return symbol
        return None

    def expect(self, symbol: str) -> None:
        if not self.take(symbol):
            raise ExpressionError(f"Expected '{symbol}' in: {self.text}")

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        node = self.binary(level + 1)
        while op := self.take(*LEVELS[level]):
            node = Binary(op, node, self.binary(level + 1))
        return node

    def unary(self) -> Node:
        return Not(self.unary()) if self.take("!") else self.postfix()

    def postfix(self) -> Node:
        node = self.primary()
        while True:
            if self.take("."):
                if self.take("*"):
                    node = Star(node)
                    continue
                kind, word = self.peek()
                if kind != "word":
                    raise ExpressionError(f"Expected a property name after '.' in: {self.text}")
                self.here += 1
                node = Index(node, Literal(word))
            elif self.take("["):
                node = Star(node) if self.take("*") else Index(node, self.binary(0))
                self.expect("]")
            else:
                return node

    def primary(self) -> Node:
        kind, text = self.peek()
        self.here += 1
        if kind == "string":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number":
            number = to_number(text)
            return Literal(int(number) if number == int(number) else number)
        if kind == "word":
            if self.take("("):
                return Call(text, self.arguments())
            if text in _WORDS:
                return Literal(_WORDS[text])
            return Name(text)
        if (kind, text) == ("op", "("):
            node = self.binary(0)
            self.expect(")")
            return node
        raise ExpressionError(f"Unexpected {text or 'end'} in: {self.text}")

    def arguments(self) -> tuple[Node, ...]:
        if self.take(")"):
            return ()
        args = [self.binary(0)]
        while self.take(","):
            args.append(self.binary(0))
        self.expect(")")
        return tuple(args)
