"""A small reader of Terraform's native syntax: blocks, attributes, the calls inside expressions.

The guard needs to know, before Terraform runs, which functions are called with which arguments and
on which line, also inside string templates and heredocs. This reads just that and evaluates
nothing (HashiCorp: "HCL Native Syntax Specification"). It is built for speed: a stack of thousands
of lines takes milliseconds, so it costs nothing beside Terraform itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


class HclError(ValueError):
    """Text that is no HCL; ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is name, string, number, newline or the punctuation itself.

    A string's ``parts`` are its literal pieces and, for each template sequence, its tokens.
    """

    kind: str
    text: str
    line: int
    parts: tuple[Part, ...] = ()


Part: TypeAlias = "str | tuple[Token, ...]"


@dataclass(slots=True)
class Block:
    """A block with its labels, attributes (name to expression tokens) and blocks."""

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, tuple[Token, ...]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """The value of an attribute that is a plain string, else None."""
        return literal(self.attributes.get(name, ()))

    def walk(self) -> Iterator[Block]:
        """This block and all below it."""
        yield self
        for block in self.blocks:
            yield from block.walk()


@dataclass(frozen=True, slots=True)
class Call:
    """A function call and the tokens of its first argument."""

    name: str
    line: int
    argument: tuple[Token, ...]


_SIMPLE = re.compile(
    r"""(?x)
    (?P<space>[ \t\r]+) | (?P<newline>\n) | (?P<comment>(?:\#|//)[^\n]*)
    | (?P<block>/\*.*?\*/) | (?P<name>[^\W\d][\w-]*) | (?P<number>\d[\w.]*)
    | (?P<heredoc><<-?(?P<mark>[^\W\d][\w-]*)\r?\n) | (?P<quote>")
    | (?P<punct>==|!=|<=|>=|=>|&&|\|\||\.\.\.|::|[{}\[\]().,:?=<>!+*/%&|-])
    """,
    re.DOTALL,
)
_ESCAPE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1

    def tokens(self, closing: str = "") -> list[Token]:
        """Tokens to the end, or to the brace that closes a template sequence."""
        found: list[Token] = []
        depth = 0
        while self.at < len(self.text):
            match = _SIMPLE.match(self.text, self.at)
            if match is None:
                raise HclError(f"unexpected character {self.text[self.at]!r}", self.line)
            kind, value = match.lastgroup or "", match.group()
            if kind == "mark" or match["heredoc"]:
                found.append(self._heredoc(match))
                continue
            if closing and value == "}" and depth == 0:
                self.at = match.end()
                return found
            if kind == "quote":
                found.append(self._string())
                continue
            if kind in ("name", "number"):
                found.append(Token(kind, value, self.line))
            elif kind == "newline":
                found.append(Token("newline", "\n", self.line))
            elif kind == "punct":
                depth += {"{": 1, "}": -1}.get(value, 0)
                found.append(Token(value, value, self.line))
            self.line += value.count("\n")
            self.at = match.end()
        if closing:
            raise HclError("a template sequence is never closed", self.line)
        return found

    def _string(self) -> Token:
        line = self.line
        self.at += 1
        parts = self._template(until='"')
        return Token("string", "", line, tuple(parts))

    def _template(self, until: str) -> list[Part]:
        parts: list[Part] = []
        piece: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise HclError("a string is never closed", self.line)
            char = self.text[self.at]
            two = self.text[self.at : self.at + 2]
            if char == until:
                self.at += 1
                break
            if two in ("${", "%{") and self.text[self.at - 1 : self.at + 2] not in ("$${", "%%{"):
                parts += ["".join(piece)] if piece else []
                piece = []
                self.at += 2
                self.at += self.text[self.at : self.at + 1] == "~"
                parts.append(tuple(t for t in self.tokens(closing="}") if t.kind != "newline"))
                continue
            if char == "\\" and until == '"':
                piece.append(_ESCAPE.get(self.text[self.at + 1 : self.at + 2], "\ufffd"))
                self.at += 2
                continue
            if char == "\n":
                if until == '"':
                    raise HclError("a string is never closed", self.line)
                self.line += 1
            piece.append(char)
            self.at += 1
        return parts + (["".join(piece)] if piece else [])

    def _heredoc(self, match: re.Match[str]) -> Token:
        line = self.line
        end = re.compile(rf"^[ \t]*{re.escape(match['mark'])}[ \t\r]*$", re.MULTILINE)
        closing = end.search(self.text, match.end())
        if closing is None:
            raise HclError(f"the heredoc {match['mark']} is never closed", line)
        body = _Lexer(self.text[match.end() : closing.start()] + "\0")
        body.line = line + 1
        parts = body._template(until="\0")
        self.at = closing.end()
        self.line = line + self.text.count("\n", match.start(), closing.end())
        return Token("string", "", line, tuple(parts))


def parse(text: str) -> Block:
    """Read a file; its top-level blocks are the blocks of the result. Raises :class:`HclError`."""
    if "\0" in text:
        raise HclError("the file holds a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    tokens = _Lexer(text.removeprefix("\ufeff")).tokens()
    root = Block("", (), 1)
    end = _body(tokens, 0, root)
    if end < len(tokens):
        raise HclError("a closing brace has no opening one", tokens[end].line)
    return root


def _body(tokens: list[Token], at: int, block: Block) -> int:
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "newline":
            at += 1
        elif token.kind == "}":
            return at
        elif token.kind != "name":
            raise HclError("expected an attribute or a block", token.line)
        elif at + 1 < len(tokens) and tokens[at + 1].kind == "=":
            at, expression = _expression(tokens, at + 2)
            if token.text in block.attributes:
                raise HclError(f"{token.text} is set twice", token.line)
            block.attributes[token.text] = expression
        else:
            at = _block(tokens, at, block)
    return at


def _block(tokens: list[Token], at: int, parent: Block) -> int:
    head = tokens[at]
    labels: list[str] = []
    at += 1
    while at < len(tokens) and tokens[at].kind in ("name", "string"):
        labels.append(tokens[at].text or literal((tokens[at],)) or "")
        at += 1
    if at >= len(tokens) or tokens[at].kind != "{":
        raise HclError(f"expected '=' or a block after {head.text!r}", head.line)
    block = Block(head.text, tuple(labels), head.line)
    parent.blocks.append(block)
    at = _body(tokens, at + 1, block)
    if at >= len(tokens):
        raise HclError(f"the block {head.text!r} is never closed", head.line)
    return at + 1


def _expression(tokens: list[Token], at: int) -> tuple[int, tuple[Token, ...]]:
    depth = 0
    start = at
    while at < len(tokens):
        kind = tokens[at].kind
        if depth == 0 and kind in ("newline", "}"):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(kind, 0)
        at += 1
    if depth:
        raise HclError("a bracket is never closed", tokens[start].line if start < at else 0)
    return at, tuple(t for t in tokens[start:at] if t.kind != "newline")


def literal(tokens: tuple[Token, ...]) -> str | None:
    """The text of an expression that is one string without template sequences, else None."""
    if len(tokens) != 1 or tokens[0].kind != "string":
        return None
    parts = tokens[0].parts
    return "".join(p for p in parts if isinstance(p, str)) if _plain(parts) else None


def _plain(parts: tuple[Part, ...]) -> bool:
    return all(isinstance(part, str) for part in parts)


def calls(tokens: tuple[Token, ...]) -> Iterator[Call]:
    """All function calls of an expression, also those inside templates and arguments.

    Provider functions (``provider::aws::arn_parse``) are named by their last part.
    """
    for index, token in enumerate(tokens):
        for part in token.parts:
            if not isinstance(part, str):
                yield from calls(part)
        if token.kind == "name" and index + 1 < len(tokens) and tokens[index + 1].kind == "(":
            yield Call(token.text, token.line, _first_argument(tokens, index + 2))


def _first_argument(tokens: tuple[Token, ...], at: int) -> tuple[Token, ...]:
    depth, start = 0, at
    while at < len(tokens):
        kind = tokens[at].kind
        if depth == 0 and kind in (",", ")"):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(kind, 0)
        at += 1
    return tokens[start:at]
