"""A reader for the structure of HCL files: blocks, attributes, string literals, with lines.

Terraform judges the syntax of expressions; this reader needs only what decides which files a
unit depends on and which variables it has, thousands of files at a time, so it is one pass over
tokens (HCL native syntax specification) and never evaluates anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class HclError(ValueError):
    """The file has no readable structure; ``line`` counts from 1."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line


class Token(NamedTuple):
    """``kind``: name, string, number, newline or the punctuation itself.

    A string's ``text`` is its source between the quotes; ``nested`` are the tokens of its
    interpolations.
    """

    kind: str
    text: str
    line: int
    nested: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression``."""

    name: str
    line: int
    tokens: tuple[Token, ...]

    @property
    def literal(self) -> str | None:
        """The value when it is one string without interpolation."""
        if len(self.tokens) == 1 and self.tokens[0].kind == "string" and not self.tokens[0].nested:
            return self.tokens[0].text
        return None


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" … { … }``; the file itself is a block without a type."""

    type: str
    labels: tuple[str, ...] = ()
    line: int = 1
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of_type(self, kind: str) -> Iterator[Block]:
        """The nested blocks of one type."""
        return (block for block in self.blocks if block.type == kind)

    def tokens(self) -> Iterator[Token]:
        """All tokens of all expressions below, those inside strings included."""
        for attribute in self.attributes.values():
            yield from _flatten(attribute.tokens)
        for block in self.blocks:
            yield from block.tokens()


def _flatten(tokens: tuple[Token, ...]) -> Iterator[Token]:
    for token in tokens:
        yield token
        if token.nested:
            yield from _flatten(token.nested)


_TOKEN = re.compile(
    r"""
    [ \t\r]*+
    (?: (?P<name>[^\W\d][\w-]*+)
    | (?P<newline>\n)
    | (?P<comment>\#[^\n]*+|//[^\n]*+|/\*.*?\*/)
    | (?P<plain>"(?:[^"\\$%\n]++|\\.|\$(?!\{)|%(?!\{))*+")
    | (?P<quote>")
    | (?P<heredoc><<-?[A-Za-z_][\w-]*[ \t\r]*\n)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<mark>[{}()\[\]]|=>|==|!=|<=|>=|&&|\|\||\.\.\.|::|[=<>!?:.,+\-*/%])
    | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"{": "}", "[": "]", "(": ")"}


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1

    def tokens(self, until: str = "") -> list[Token]:
        """Read to the end, or to the closing ``until`` of an interpolation."""
        found: list[Token] = []
        depth = 0
        source, match_at = self.text, _TOKEN.match
        while match := match_at(source, self.at):
            kind, line = match.lastgroup or "", self.line
            text = match[kind]
            self.at = match.end()
            if kind == "name" or kind == "number":
                found.append(Token(kind, text, line))
            elif kind == "mark":
                if until and text == "{":
                    depth += 1
                elif until and text == "}":
                    if depth == 0:
                        return found
                    depth -= 1
                found.append(Token(text, text, line))
            elif kind == "newline":
                self.line += 1
                found.append(Token("newline", text, line))
            elif kind == "plain":
                found.append(Token("string", text[1:-1], line))
            elif kind == "quote":
                found.append(self._template(line))
            elif kind == "comment":
                self.line += text.count("\n")
            elif kind == "heredoc":
                self.line += 1
                found.append(self._heredoc(text, line))
            else:
                break
        else:
            raise HclError(f"unexpected character {self._next()!r}", self.line)
        if until:
            raise HclError("unclosed template expression", self.line)
        return found

    def _next(self) -> str:
        """The next character that is no space."""
        return self.text[self.at :].lstrip(" \t\r")[0]

    def _template(self, line: int) -> Token:
        """The rest of a quoted string with interpolations."""
        start = self.at
        nested: list[Token] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return Token("string", self.text[start : self.at - 1], line, tuple(nested))
            if char == "\n":
                break
            nested += self._piece(len(self.text), escapes=True)
        raise HclError("unclosed string", line)

    def _heredoc(self, head: str, line: int) -> Token:
        word = head.strip().lstrip("<-")
        end = re.compile(rf"^[ \t]*{re.escape(word)}[ \t\r]*$", re.MULTILINE).search(
            self.text, self.at
        )
        if end is None:
            raise HclError(f"unclosed heredoc <<{word}", line)
        start = self.at
        nested: list[Token] = []
        while self.at < end.start():
            if self.text[self.at] == "\n":
                self.line += 1
            nested += self._piece(end.start(), escapes=False)
        self.at = end.end()
        return Token("string", self.text[start : end.start()], line, tuple(nested))

    def _piece(self, limit: int, *, escapes: bool) -> list[Token]:
        """One character or one interpolation of a template."""
        text = self.text
        if text.startswith(("$${", "%%{"), self.at):
            self.at += 3
        elif text.startswith(("${", "%{"), self.at):
            self.at += 2
            inner = self.tokens(until="}")
            if self.at > limit:
                raise HclError("unclosed template expression", self.line)
            return inner
        else:
            self.at += 2 if escapes and text[self.at] == "\\" else 1
        return []


def parse(text: str) -> Block:
    """Read a file; raises :class:`HclError` where its structure cannot be read."""
    root = Block("")
    reader = _Parser(_Lexer(text.removeprefix("\ufeff")).tokens())
    reader.body(root, nested=False)
    return root


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def body(self, into: Block, *, nested: bool) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind in ("newline", ","):
                continue
            if token.kind == "}" and nested:
                return
            if token.kind not in ("name", "string"):
                raise HclError(f"expected an argument or a block, found {token.text!r}", token.line)
            self._item(token, into)
        if nested:
            raise HclError(f'block "{into.type}" is not closed', into.line)

    def _item(self, head: Token, into: Block) -> None:
        labels: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "=" and not labels:
                if head.text in into.attributes:
                    first = into.attributes[head.text].line
                    raise HclError(f'"{head.text}" is set twice, first on line {first}', head.line)
                tokens = self._expression(head)
                into.attributes[head.text] = Attribute(head.text, head.line, tokens)
                return
            if token.kind in ("name", "string"):
                labels.append(token.text)
                continue
            if token.kind == "{":
                block = Block(head.text, tuple(labels), head.line)
                self.body(block, nested=True)
                into.blocks.append(block)
                return
            break
        raise HclError(f'after "{head.text}" an "=" or a block is expected', head.line)

    def _expression(self, head: Token) -> tuple[Token, ...]:
        found: list[Token] = []
        closing: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind in _OPEN:
                closing.append(_OPEN[token.kind])
            elif token.kind in ("}", "]", ")"):
                if not closing and token.kind == "}":
                    break
                if not closing or closing.pop() != token.kind:
                    raise HclError(f"unexpected {token.text!r}", token.line)
            elif token.kind == "newline":
                if not closing:
                    break
                self.at += 1
                continue
            elif token.kind == "," and not closing:
                break
            found.append(token)
            self.at += 1
        if closing:
            raise HclError(f'the value of "{head.text}" is not closed', head.line)
        if not found:
            raise HclError(f'"{head.text}" has no value', head.line)
        return tuple(found)
