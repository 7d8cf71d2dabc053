"""What Terraform files refer to: local modules, files they read, variables, tfvars keys.

Read from the structure of the files alone. Where a path is computed, the folder of its literal
beginning counts, so that too much may count but never too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pipeline.domain.hcl import Block, HclError, Token, parse

#: Functions whose first argument names a file (Terraform's function reference).
FILE_FUNCTIONS = frozenset(
    "file filebase64 filebase64sha256 filebase64sha512 fileexists filemd5 fileset filesha1 "
    "filesha256 filesha512 templatefile".split()
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A path that a file refers to, relative to its module or to the root module."""

    base: Literal["module", "root"]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one Terraform file says about its surroundings."""

    modules: tuple[Reference, ...] = ()
    reads: tuple[Reference, ...] = ()
    variables: dict[str, tuple[int, bool]] = field(default_factory=dict)  # line, required
    keys: dict[str, int] = field(default_factory=dict)  # top-level attributes: tfvars
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
    return FileFacts(
        modules=tuple(_modules(block)),
        reads=tuple(_reads(list(block.tokens()))),
        variables={
            v.labels[0]: (v.line, "default" not in v.attributes)
            for v in block.of_type("variable")
            if v.labels
        },
        keys={name: attribute.line for name, attribute in block.attributes.items()},
    )


def _modules(block: Block) -> Iterator[Reference]:
    for module in block.of_type("module"):
        source = module.attributes.get("source")
        if source and source.literal and source.literal.startswith(("./", "../")):
            yield Reference("module", source.literal, source.line)


_ANCHOR = re.compile(r"\$\{\s*path\.(module|root|cwd)\s*\}")


def _reads(tokens: list[Token]) -> Iterator[Reference]:
    for at, token in enumerate(tokens):
        if token.kind != "string":
            continue
        anchored = _ANCHOR.match(token.text)
        if anchored:
            base: Literal["module", "root"] = "module" if anchored[1] == "module" else "root"
            rest = token.text[anchored.end() :]
        elif at > 1 and tokens[at - 1].kind == "(" and tokens[at - 2].text in FILE_FUNCTIONS:
            base, rest = "root", token.text  # relative to where Terraform runs: the root module
        else:
            continue
        cut = re.search(r"[$%]\{", rest)
        if cut:
            rest = rest[: cut.start()].rpartition("/")[0]
        yield Reference(base, rest.lstrip("/") if anchored else rest, token.line)
