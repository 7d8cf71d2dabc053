"""A reader for the structure of HCL files: blocks, arguments and the tokens of their values.

Terraform judges the syntax of expressions; this reader needs only what decides which files a
unit depends on, which variables it has and what the guard has to know, thousands of files at a
time, so it is one pass over tokens (HCL native syntax specification) and evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.domain.hcl_tokens import CLOSE, DEPTH, OPEN, HclError, Token, template, tokenise
from pipeline.domain.nested import TOO_DEEP

__all__ = ["Attribute", "Block", "HclError", "Token", "parse", "template"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression``; newlines are left only where they part the items of an object."""

    name: str
    line: int
    tokens: tuple[Token, ...]

    @property
    def literal(self) -> str | None:
        """The value when it is one string in which nothing is computed."""
        return self.tokens[0].value if len(self.tokens) == 1 else None


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

    def walk(self) -> Iterator[Block]:
        """This block and all blocks below it."""
        yield self
        for block in self.blocks:
            yield from block.walk()

    def expressions(self) -> Iterator[tuple[Token, ...]]:
        """The tokens of every expression below, and of each interpolation by itself."""
        for block in self.walk():
            for attribute in block.attributes.values():
                yield from expressions(attribute.tokens)


def expressions(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """An expression, and by themselves the expressions inside its strings."""
    yield tokens
    for token in tokens:
        for part in token.parts:
            if not isinstance(part, str):
                yield from expressions(part)


def parse(text: str) -> Block:
    """Read a file; raises :class:`HclError` where its structure cannot be read."""
    root = Block("")
    _Parser(tokenise(text)).body(root)
    return root


_END = Token("end", "", 0)
_VALUES = frozenset({"name", "number", "string", "heredoc"})


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0  # of blocks in each other

    def _peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def body(self, into: Block) -> None:
        """Arguments and blocks, each on lines of its own, to the end or the closing brace."""
        while (token := self._peek()).kind != "end":
            self.at += 1
            if token.kind == "newline":
                continue
            if token.kind == "}" and into.type:
                return
            if token.kind != "name":
                raise HclError(f"expected an argument or a block, found {token.text!r}", token.line)
            self._item(token, into)
            after = self._peek()
            if after.kind not in ("newline", "end"):
                raise HclError(f"after {head(token)} a new line is expected", after.line)
        if into.type:
            raise HclError(f"block {head(into)} is not closed", into.line)

    def _item(self, name: Token, into: Block) -> None:
        if self._peek().kind == "=":
            self.at += 1
            self._argument(name, into)
            return
        labels: list[str] = []
        while (token := self._peek()).kind in ("name", "string"):
            label = token.text if token.kind == "name" else token.value
            if label is None:
                raise HclError("a label of a block is no plain string", token.line)
            labels.append(label)
            self.at += 1
        if token.kind != "{":
            raise HclError(f'after {head(name)} an "=" or a block is expected', name.line)
        self.at += 1
        block = Block(name.text, tuple(labels), name.line)
        into.blocks.append(block)
        if self._peek().kind in ("newline", "}", "end"):
            self.depth += 1
            if self.depth > DEPTH:
                raise HclError(TOO_DEEP, name.line)
            self.body(block)
            self.depth -= 1
        else:
            self._one_line(block)

    def _one_line(self, block: Block) -> None:
        """``type { name = value }``: one argument, closed on the same line."""
        name = self._peek()
        self.at += 1
        if name.kind != "name" or self._peek().kind != "=":
            raise HclError(f"block {head(block)} on one line takes a single argument", block.line)
        self.at += 1
        self._argument(name, block)
        if self._peek().kind != "}":
            raise HclError(f"block {head(block)} is not closed", block.line)
        self.at += 1

    def _argument(self, name: Token, into: Block) -> None:
        if name.text in into.attributes:
            first = into.attributes[name.text].line
            raise HclError(f"{head(name)} is set twice, first on line {first}", name.line)
        into.attributes[name.text] = Attribute(name.text, name.line, self._expression(name))

    def _expression(self, name: Token) -> tuple[Token, ...]:
        found: list[Token] = []
        closing: list[str] = []
        while (token := self._peek()).kind != "end":
            if token.kind in OPEN:
                closing.append(OPEN[token.kind])
            elif token.kind in CLOSE:
                if not closing and token.kind == "}":
                    break
                if not closing or closing.pop() != token.kind:
                    raise HclError(f"unexpected {token.text!r}", token.line)
            elif token.kind == "newline":
                if not closing:
                    break
                if closing[-1] != "}":
                    self.at += 1
                    continue
            elif not closing and found and _parted(found[-1], token):
                break
            found.append(token)
            self.at += 1
        if closing:
            raise HclError(f"the value of {head(name)} is not closed", name.line)
        if not found:
            raise HclError(f"{head(name)} has no value", name.line)
        return tuple(found)


def _parted(before: Token, after: Token) -> bool:
    """Whether an expression ends between two tokens: a comma, or two values side by side."""
    return after.kind == "," or (
        after.kind in _VALUES and (before.kind in _VALUES or before.kind in CLOSE)
    )


def head(of: Token | Block) -> str:
    """The name of an argument or block as an error tells it."""
    return f'"{of.type if isinstance(of, Block) else of.text}"'
