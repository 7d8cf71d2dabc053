"""What Terraform files refer to: local modules, files they read, variables, tfvars keys.

Read from the structure of the files alone. Where a path is computed, the folder of its literal
beginning counts, and each text that is the name of a file counts as read, so that too much may
count but never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from pipeline.domain.hcl import Block, HclError, expressions, parse, template
from pipeline.domain.hcl_calls import (
    FILE_FUNCTIONS,
    Call,
    Path,
    Tokens,
    anchor_at,
    list_items,
    own_calls,
    written,
)
from pipeline.domain.hcl_tokens import Token
from pipeline.domain.patterns import spelled

Texts: TypeAlias = Mapping[str, tuple[str, ...]]

#: Longer texts are no names of files (Linux: PATH_MAX is 4096, NAME_MAX 255; this is generous).
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Reference:
    """A path that a file refers to, relative to its module or to the root module.

    ``template`` says that the file is read as a template.
    """

    base: Literal["module", "root"]
    path: str
    line: int
    template: bool = False


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one Terraform file says about its surroundings.

    ``texts`` may only look like paths, relative to the module or the root module: they count where
    something is there, and stand under the first name in them. ``root`` is the line of a backend
    or provider, which only root modules have, else 0.
    """

    modules: tuple[Reference, ...] = ()
    reads: tuple[Reference, ...] = ()
    texts: Texts = field(default_factory=dict)
    variables: dict[str, tuple[int, bool]] = field(default_factory=dict)  # line, required
    keys: dict[str, int] = field(default_factory=dict)  # top-level attributes: tfvars
    root: int = 0
    error: tuple[str, int] | None = None


@lru_cache(maxsize=65536)
def facts(data: bytes) -> FileFacts:
    """Read one file; a file whose structure cannot be read says so in ``error``.

    Remembered by content, since most files are the same in base and head.
    """
    try:
        block = parse(data.decode("utf-8"))
    except HclError as error:
        return FileFacts(error=(error.sentence, error.line))
    except UnicodeDecodeError as error:
        return FileFacts(error=("not UTF-8", data.count(b"\n", 0, error.start) + 1))
    reads, texts = _sorted(
        found
        for each in block.walk()
        for attribute in each.attributes.values()
        if not (each.type == "module" and attribute.name == "source" and attribute.literal)
        for found in _reads(attribute.tokens)
    )
    return FileFacts(
        modules=tuple(_modules(block)),
        reads=reads,
        texts=texts,
        variables={
            v.labels[0]: (v.line, "default" not in v.attributes)
            for v in block.of_type("variable")
            if v.labels
        },
        keys={name: attribute.line for name, attribute in block.attributes.items()},
        root=_root(block),
    )


@lru_cache(maxsize=65536)
def template_facts(data: bytes) -> FileFacts:
    """What a template reads, relative to the root module; nothing when it is no template."""
    try:
        whole = template(data.decode("utf-8"))
    except (HclError, UnicodeDecodeError):
        return FileFacts()
    reads, texts = _sorted(_reads((whole,), anchors=False))
    return FileFacts(reads=reads, texts=texts)


def _sorted(found: Iterable[Reference | str]) -> tuple[tuple[Reference, ...], Texts]:
    reads: dict[Reference, None] = {}
    texts: dict[str, dict[str, None]] = {}
    for each in found:
        if isinstance(each, str):
            texts.setdefault(each.partition("/")[0], {})[each] = None
        else:
            reads[each] = None
    return tuple(reads), {head: tuple(names) for head, names in texts.items()}


def never_equal(files: Mapping[str, bytes]) -> list[tuple[str, int, str]]:
    """File, line and name of what differs each time it is planned, or with who plans.

    Such a value is never the one that was reviewed: ``plantimestamp()`` says when the plan is
    made, the caller's ARN and user id which role makes it. (``timestamp()`` and ``uuid()`` stay
    unknown until the apply, and an account id is everybody's.) Whoever hands on the whole caller
    hands these on, whatever becomes of it. A file that is not Terraform's is read as a template.
    """
    return [
        (path, line, name)
        for path, data in sorted(files.items())
        for line, name in _never_equal(data, path.endswith(".tf"))
    ]


@lru_cache(maxsize=65536)
def _never_equal(data: bytes, terraform: bool) -> tuple[tuple[int, str], ...]:
    if b"plantimestamp" not in data and b"aws_caller_identity" not in data:
        return ()
    try:
        text = data.decode("utf-8")
        if terraform:
            each = [
                found
                for block in parse(text).walk()
                for attribute in block.attributes.values()
                if attribute.name != "depends_on"
                for found in expressions(attribute.tokens)
            ]
        else:
            each = list(expressions((template(text),)))
    except (HclError, UnicodeDecodeError):
        return ()
    found: dict[tuple[int, str], None] = {}
    for tokens in each:
        for call in own_calls(tokens):
            if call.name == "plantimestamp":
                found[call.line, "plantimestamp()"] = None
        words = [token for token in tokens if token.kind != "newline"]
        for at, token in enumerate(words):
            if token.text == "aws_caller_identity" and token.kind == "name":
                name = _attribute(words, at)
                if name not in _EVERYBODYS:
                    found[token.line, _caller(name)] = None
    return tuple(found)


#: What of ``aws_caller_identity`` is the same for every role of the account.
_EVERYBODYS = ("account_id", "id")


def _caller(name: str) -> str:
    if name in ("arn", "user_id"):
        return f"data.aws_caller_identity's {name}"
    return "data.aws_caller_identity as a whole, with its arn and user_id"


def _attribute(words: list[Token], at: int) -> str:
    """Which attribute ``aws_caller_identity.NAME[…].attribute`` names, empty when none.

    It may be written as an index, ``["attribute"]``; an instance's key is told from it by that it
    is no attribute's name.
    """
    rest = words[at + 3 :]  # after the dot and the name
    while rest and rest[0].text == "[":
        inner = rest[1] if len(rest) > 1 else rest[0]
        if inner.kind == "string" and inner.value in ("arn", "user_id", *_EVERYBODYS):
            return inner.value
        end = next((n for n, word in enumerate(rest) if word.text == "]"), len(rest) - 1)
        rest = rest[end + 1 :]
    if len(rest) > 1 and rest[0].text == ".":
        return rest[1].text
    return ""


def _root(block: Block) -> int:
    for each in block.blocks:
        if each.type == "provider":
            return each.line
        if each.type == "terraform":
            for inner in each.blocks:
                if inner.type in ("backend", "cloud"):
                    return inner.line
    return 0


def _modules(block: Block) -> Iterator[Reference]:
    for module in block.of_type("module"):
        source = module.attributes.get("source")
        if source and source.literal and source.literal.startswith(("./", "../")):
            yield Reference("module", source.literal, source.line)


def _reads(tokens: Tokens, *, anchors: bool = True) -> Iterator[Reference | str]:
    """What an expression reads, and the texts that may be paths; ``anchors`` as :func:`written`."""
    told: set[int] = set()  # tokens that a call below has accounted for
    for call in own_calls(tokens):
        if call.name in FILE_FUNCTIONS and call.arguments:
            yield from _read_by(call, told, anchors)
        elif call.name == "join" and len(call.arguments) == 2:
            yield from _joined(call, told, anchors)
    for at, token in enumerate(tokens):
        if token.parts or token.kind == "string":
            if id(token) not in told and token.kind == "string":
                yield from _text(token, anchors)
            anchored = token.kind == "string" and anchors and _starts_anchored(token)
            for part in token.parts[1 if anchored else 0 :]:
                if not isinstance(part, str):
                    yield from _reads(part, anchors=anchors)
        elif anchors and id(token) not in told and (anchor := anchor_at(tokens, at)):
            yield Reference(anchor, "", token.line)


def _starts_anchored(token: Token) -> bool:
    path = written((token,))
    return path is not None and path.anchor is not None


def _read_by(call: Call, told: set[int], anchors: bool) -> Iterator[Reference]:
    """What a file function reads; its own argument is accounted for."""
    first = call.arguments[0]
    path = written(first, anchors=anchors)
    if path is None:
        if not any(token.kind == "string" for token in first):
            yield Reference("root", "", call.line)  # computed altogether: what lies beside it
        return
    told.update(map(id, first))
    texts = [path.text if path.whole else path.text.rpartition("/")[0]]
    if call.name == "fileset" and path.whole and len(call.arguments) == 2:
        pattern = written(call.arguments[1], anchors=False)
        told.update(map(id, call.arguments[1]))
        if pattern:
            each = spelled(pattern.text) or [pattern.text]
            texts = [f"{path.text}/{_fixed(one)}" for one in each]
    for text in dict.fromkeys(texts):
        if path.anchor is not None or not text.startswith(("/", "~")):  # else the guard refuses it
            is_template = call.name == "templatefile"
            yield Reference(path.anchor or "root", text.lstrip("/"), call.line, is_template)


def _joined(call: Call, told: set[int], anchors: bool) -> Iterator[Reference | str]:
    """The path that ``join("/", [path.module, "..", x])`` begins with, up to what is computed."""
    glue, items = written(call.arguments[0], anchors=False), list_items(call.arguments[1])
    if glue is None or glue.text != "/" or not glue.whole or not items:
        return
    first = written(items[0], anchors=anchors)
    if first is None or not first.whole:
        return
    text, whole = first.text, True
    for item in items[1:]:
        path = written(item, anchors=False)
        text += "/" + (path.text if path else "")
        if path is None or not path.whole:
            text, whole = text.rpartition("/")[0], False
            break
    if first.anchor is not None:
        told.update(map(id, items[0]))
    yield from _named(Path(first.anchor, text, whole), call.line)


def _fixed(pattern: str) -> str:
    """The folders that a pattern names before its first wildcard, or all of it."""
    for at, char in enumerate(pattern):
        if char in "*?[{\\":
            return pattern[:at].rpartition("/")[0]
    return pattern


def _text(token: Token, anchors: bool) -> Iterator[Reference | str]:
    """What a text may refer to, whatever reads it."""
    path = written((token,), anchors=anchors)
    if path is None:
        return
    start, verb, _ = path.text.partition("%")
    if verb:  # format() may put anything there
        yield from _named(Path(path.anchor, start.rpartition("/")[0], whole=False), token.line)
    text = path.text if path.whole else path.text.rpartition("/")[0]
    yield from _named(Path(path.anchor, text, path.whole), token.line)


def _named(path: Path, line: int) -> Iterator[Reference | str]:
    """What counts of a path, or of the folder that a computed one begins with."""
    if path.anchor is not None:
        yield Reference(path.anchor, path.text.lstrip("/"), line)
    elif _may_be_path(path.text, path.whole):
        yield path.text


def _may_be_path(text: str, whole: bool) -> bool:
    if not 0 < len(text) <= _LONGEST or text.startswith(("/", "~")) or "://" in text:
        return False
    if not text.strip("./"):
        return not whole and ".." in text
    return "\n" not in text and "\0" not in text
