"""What the expressions of a file do: the functions they call and the paths they write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import normpath
from typing import Literal, TypeAlias

from pipeline.domain.hcl_tokens import CLOSE, OPEN, Token

Tokens: TypeAlias = tuple[Token, ...]
Anchor: TypeAlias = Literal["module", "root"]

#: Functions that read files (Terraform: "Filesystem Functions"); what they read comes first.
FILE_FUNCTIONS = frozenset(
    "file fileexists fileset filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 "
    "filesha256 filesha512 templatefile".split()
)
#: Words before a parenthesis that call nothing.
_WORDS = frozenset({"in", "if", "for"})


@dataclass(frozen=True, slots=True)
class Call:
    """A function call. A function of Terraform's own namespace ``core::`` is named without it."""

    name: str
    line: int
    arguments: tuple[Tokens, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A path as it is written: ``text`` after an anchor, or relative to where Terraform runs.

    ``anchor`` is ``path.module``, or ``path.root`` and ``path.cwd``, which are the same here.
    ``whole`` says that nothing of it is computed; otherwise ``text`` is how it begins.
    """

    anchor: Anchor | None
    text: str
    whole: bool

    def under(self, module: str, root: str) -> str | None:
        """The path relative to the repository, normalised as Terraform does.

        Outside of the repository it begins with ``/``, ``~`` or ``..``. None where something
        other than a slash follows the anchor, whose own text is not known here.
        """
        if self.anchor is None:
            if self.text.startswith(("/", "~")):
                return self.text
            return normpath(f"{root}/{self.text}")
        if self.text[:1] not in ("", "/"):
            return None
        return normpath(f"{module if self.anchor == 'module' else root}/{self.text}")


def own_calls(tokens: Tokens) -> Iterator[Call]:
    """The calls of an expression, without those inside its strings."""
    return (call for _, call in placed_calls(tokens))


def placed_calls(tokens: Tokens) -> Iterator[tuple[int, Call]]:
    """As :func:`own_calls`, each with the place of its name among the tokens."""
    places = [at for at, token in enumerate(tokens) if token.kind != "newline"]
    words = [tokens[at] for at in places]
    ended = _after_item(tokens)
    for at, token in enumerate(words):
        if token.kind != "name" or (at and words[at - 1].kind in (".", "::")):
            continue
        name, after = token.text, at + 1
        while after + 1 < len(words) and words[after].kind == "::":
            name += f"::{words[after + 1].text}"
            after += 2
        name = name.removeprefix("core::")
        if after >= len(words) or words[after].kind != "(" or name in _WORDS:
            continue
        if places[after] not in ended:
            yield places[at], Call(name, token.line, tuple(_arguments(words, after + 1)))


def _after_item(tokens: Tokens) -> frozenset[int]:
    """The places of the tokens before which a newline ends an item of an object.

    There the key of the next item may stand in parentheses. Within parentheses, brackets and the
    braces of a ``for`` newlines mean nothing (hclsyntax, ``parseObjectCons``).
    """
    found: list[int] = []
    items: list[bool] = []  # of each open bracket: whether newlines part its items
    ended = False
    for at, token in enumerate(tokens):
        if token.kind == "newline":
            ended = bool(items) and items[-1]
            continue
        if ended:
            found.append(at)
        ended = False
        if token.kind in OPEN:
            items.append(token.kind == "{" and not begins_loop(tokens, at))
        elif token.kind in CLOSE and items:
            items.pop()
    return frozenset(found)


def begins_loop(tokens: Tokens, at: int) -> bool:
    """Whether a ``for`` begins after the bracket at a place."""
    at += 1
    while at < len(tokens) and tokens[at].kind == "newline":
        at += 1
    return at < len(tokens) and (tokens[at].kind, tokens[at].text) == ("name", "for")


def _arguments(words: list[Token], at: int) -> Iterator[Tokens]:
    depth, start = 0, at
    while at < len(words):
        kind = words[at].kind
        if depth == 0 and (kind == "," or kind in CLOSE):
            if at > start:
                yield tuple(words[start:at])
            start = at + 1
            if kind != ",":
                return
        depth += (kind in OPEN) - (kind in CLOSE)
        at += 1


def list_items(tokens: Tokens) -> list[Tokens]:
    """The items of a list that is written out, without those of loops; nothing for all else."""
    words = list(_bare(tokens))
    if not words or words[0].kind != "[" or begins_loop(tuple(words), 0):
        return []
    return list(_arguments(words, 1)) if _closes_last(tuple(words)) else []


def written(tokens: Tokens, *, anchors: bool = True) -> Path | None:
    """The path that an expression writes, None when it is computed altogether.

    ``anchors``: whether ``path.module`` and its like mean Terraform's; inside a template they do
    not, there it is a variable like any other.
    """
    words = _bare(tokens)
    anchor = _anchor(words) if anchors else None
    if anchor:
        return Path(anchor, "", whole=True)
    if len(words) != 1 or words[0].kind != "string":
        return None
    parts = words[0].parts or (words[0].value or "",)
    base: Anchor | None = None
    if anchors and not isinstance(parts[0], str) and (anchor := _anchor(parts[0])):
        base, parts = anchor, parts[1:]
    text = ""
    for part in parts:
        if not isinstance(part, str):
            return Path(base, text, whole=False)
        text += part
    return Path(base, text, whole=True)


def _bare(tokens: Tokens) -> Tokens:
    """Without newlines and the parentheses around the whole."""
    words = tuple(token for token in tokens if token.kind != "newline")
    while len(words) > 2 and words[0].kind == "(" and _closes_last(words):
        words = words[1:-1]
    return words


def _closes_last(words: Tokens) -> bool:
    depth = 0
    for at, token in enumerate(words):
        depth += (token.kind in OPEN) - (token.kind in CLOSE)
        if depth == 0:
            return at == len(words) - 1
    return False


def _anchor(tokens: Tokens) -> Anchor | None:
    if [token.text for token in tokens[:2]] != ["path", "."] or len(tokens) != 3:
        return None
    if tokens[2].text == "module":
        return "module"
    return "root" if tokens[2].text in ("root", "cwd") else None  # cwd: it runs in its folder


def anchor_at(tokens: Tokens, at: int) -> Anchor | None:
    """Whether ``path.module`` or its like begins at a token."""
    before = tokens[at - 1].kind if at else ""
    return _anchor(tokens[at : at + 3]) if before != "." else None
