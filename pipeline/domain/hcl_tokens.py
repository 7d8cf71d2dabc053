"""The words of HCL: what Terraform's scanner finds in a file or a template, with lines.

Follows hcl/hclsyntax/scan_tokens.rl, because the guard has to see as code exactly what Terraform
sees as code: where a string, a heredoc, a comment or an interpolation ends decides what runs.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias
from unicodedata import normalize

from pipeline.domain.nested import TOO_DEEP


class HclError(ValueError):
    """The text has no readable structure; ``line`` counts from 1."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line


#: Blocks in blocks and templates in templates: deeper than this nobody writes, and Terraform itself
#: reads no more than some hundreds.
DEPTH = 100


class Token(NamedTuple):
    """``kind``: name, string, heredoc, number, newline or the punctuation itself.

    ``text`` is the source, of a string without its quotes. ``parts`` are those of a template:
    text as Terraform reads it, and for each interpolation or directive its tokens.
    """

    kind: str
    text: str
    line: int
    parts: tuple[Part, ...] = ()

    @property
    def value(self) -> str | None:
        """What a quoted string says, when nothing in it is computed."""
        if self.kind != "string" or any(not isinstance(part, str) for part in self.parts):
            return None
        return "".join(map(str, self.parts)) if self.parts else unescape(self.text)


Part: TypeAlias = str | tuple[Token, ...]

OPEN = {"{": "}", "[": "]", "(": ")"}
CLOSE = frozenset({"}", "]", ")", "~}"})

_ESCAPE = r'\\(?:["\\nrt]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})'
_TOKEN = re.compile(
    rf"""
    [ \t]*+
    (?: (?P<name>[A-Za-z_][A-Za-z0-9_-]*+(?![^\x00-\x7f]))
    | (?P<newline>\r?\n)
    | (?P<comment>\#[^\n]*+|//[^\n]*+|/\*.*?\*/)
    | (?P<plain>"(?:[^"\\$%\r\n]++|{_ESCAPE}|[$%](?!\{{))*+")
    | (?P<quote>")
    | (?P<heredoc><<-?[^\s<-]\S*+\r?\n)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<mark>[{{}}()\[\]]|~\}}|=>|==|!=|<=|>=|&&|\|\||\.\.\.|::|[=<>!?:.,+\-*/%])
    | (?P<wide>[A-Za-z_]|[^\x00-\x7f])
    | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERAL = r"\$\$\{|%%\{|[$%](?!\{)"
_QUOTED = re.compile(rf'(?:[^"\\$%\r\n]++|{_ESCAPE}|{_LITERAL})*+')
_LINE = re.compile(rf"(?:[^$%\r\n]++|{_LITERAL})*+")
_BARE = re.compile(rf"(?:[^$%]++|{_LITERAL})*+", re.DOTALL)
_SPECIAL = re.compile(rf"{_ESCAPE}|\$\$\{{|%%\{{")
_NAMED = {"n": "\n", "r": "\r", "t": "\t"}
#: What Go's bytes.TrimSpace takes away around the end marker of a heredoc (unicode.IsSpace).
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def tokenise(text: str) -> list[Token]:
    """The tokens of a file; raises :class:`HclError`."""
    return _Lexer(text.removeprefix("\ufeff")).tokens()


def template(text: str) -> Token:
    """A whole file read as a template, as ``templatefile`` does; raises :class:`HclError`."""
    return _Lexer(text).bare()


def unescape(text: str, *, quoted: bool = True) -> str:
    """The value of a piece of a template; only quoted ones have backslashes.

    Terraform brings strings into normal form C (cty: "Primitive Types").
    """
    if "\\" in text or "{" in text:
        text = _SPECIAL.sub(lambda found: _special(found[0], quoted), text)
    return text if text.isascii() else normalize("NFC", text)


def _special(found: str, quoted: bool) -> str:
    if found[0] != "\\":
        return found[1:]
    if not quoted:
        return found
    if found[1] in "uU":
        code = int(found[2:], 16)
        return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)
    return _NAMED.get(found[1], found[1])


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.depth = 0  # of templates in each other

    def tokens(self, *, inside: bool = False) -> list[Token]:
        """Read to the end; ``inside`` an interpolation, to its closing brace.

        There a newline counts only between the items of an object.
        """
        found: list[Token] = []
        opened: list[str] = []
        source, match_at = self.text, _TOKEN.match
        while match := match_at(source, self.at):
            kind, line = match.lastgroup or "", self.line
            text = match[kind]
            self.at = match.end()
            if kind == "name" or kind == "number":
                found.append(Token(kind, text, line))
            elif kind == "mark":
                if inside:
                    if text in OPEN:
                        opened.append(OPEN[text])
                    elif text in ("}", "~}") and not opened:
                        return found
                    elif text in CLOSE and (not opened or opened.pop() != text):
                        raise HclError(f"unexpected {text!r}", line)
                found.append(Token(text, text, line))
            elif kind == "newline":
                self.line += 1
                if not inside or opened[-1:] == ["}"]:
                    found.append(Token(kind, "\n", line))
            elif kind == "plain":
                found.append(Token("string", text[1:-1], line))
            elif kind == "quote":
                found.append(self._quoted(line))
            elif kind == "comment":
                self.line += text.count("\n")
            elif kind == "heredoc":
                found.append(self._heredoc(text, line))
            elif kind == "wide":
                self.at = match.start(kind)
                found.append(Token("name", self._name(), line))
            else:
                break
        else:
            raise self._unexpected()
        if inside:
            raise HclError("unclosed template expression", self.line)
        return found

    def _unexpected(self) -> HclError:
        left = self.text[self.at :].lstrip(" \t")
        return HclError(f"unexpected character {left[:1]!r}", self.line)

    def _name(self) -> str:
        """A name with letters beyond ASCII (UAX 31, and dashes)."""
        start = self.at
        if not self.text[start].isidentifier():
            raise self._unexpected()
        while self.at < len(self.text) and _continues(self.text[self.at]):
            self.at += 1
        return self.text[start : self.at]

    def _quoted(self, line: int) -> Token:
        """The rest of a quoted string with interpolations."""
        start = self.at
        parts: list[Part] = []
        while True:
            parts += self._run(_QUOTED, quoted=True)
            char = self.text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                return Token("string", self.text[start : self.at - 1], line, tuple(parts))
            if char == "\\":
                raise HclError("invalid escape in a string", line)
            if char not in ("$", "%"):
                raise HclError("unclosed string", line)
            parts.append(self._interpolation())

    def _heredoc(self, head: str, line: int) -> Token:
        word = head.strip().removeprefix("<<").removeprefix("-")
        if not (word[0].isidentifier() and all(map(_continues, word))):
            raise HclError("unexpected character '<'", line)
        self.line += 1
        start, fresh = self.at, True  # fresh: nothing but text since the line began
        parts: list[Part] = []
        while True:
            begin = self.at
            parts += self._run(_LINE, quoted=False)
            if self.text.startswith(("${", "%{"), self.at):
                parts.append(self._interpolation())
                fresh = False
                continue
            end = re.compile(r"\r?\n").match(self.text, self.at)
            if end is None:
                raise HclError(f"unclosed heredoc <<{word}", line)
            if fresh and self.text[begin : self.at].strip(_SPACES) == word:
                return Token("heredoc", self.text[start:begin], line, tuple(parts[:-1]))
            self.at = end.end()
            self.line += 1
            fresh = True
            parts.append("\n")

    def bare(self) -> Token:
        """The whole text as one template."""
        parts: list[Part] = []
        while self.at < len(self.text):
            begin = self.at
            parts += self._run(_BARE, quoted=False)
            self.line += self.text.count("\n", begin, self.at)
            if self.at < len(self.text):
                parts.append(self._interpolation())
        return Token("template", self.text, 1, tuple(parts))

    def _run(self, pattern: re.Pattern[str], *, quoted: bool) -> list[Part]:
        match = pattern.match(self.text, self.at)
        assert match is not None  # noqa: S101 - the pattern takes nothing, too
        self.at = match.end()
        return [unescape(match[0], quoted=quoted)] if match[0] else []

    def _interpolation(self) -> tuple[Token, ...]:
        self.at += 2
        if self.text.startswith("~", self.at):
            self.at += 1
        self.depth += 1
        if self.depth > DEPTH:
            raise HclError(TOO_DEEP, self.line)
        found = tuple(self.tokens(inside=True))
        self.depth -= 1
        return found


def _continues(char: str) -> bool:
    return char == "-" or ("a" + char).isidentifier()
