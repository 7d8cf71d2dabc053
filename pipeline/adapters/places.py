"""Where in the repository a resource address is written: file, line and its inline skips.

A plan says ``module.alb.aws_security_group.this``; people need ``file:line``. The way leads
through the literal sources of local module calls, read by the pipeline's own HCL reader, so it
works for any plan and needs no second tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.domain.hcl import Block, HclError, parse
from pipeline.domain.stack_source import is_override

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_SKIP = re.compile(r"checkov:skip=(?P<rule>[A-Z0-9_]+)(?::(?P<reason>.*))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource block begins, and what its inline comments skip (rule -> reason)."""

    file: str = ""
    line: int = 0
    skips: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    file: Path
    block: Block
    last: int


class Places:
    """Finds addresses below one checkout; files are read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._blocks = lru_cache(maxsize=None)(self._read)

    def of(self, stack: str, address: str, hints: Iterable[str] = ()) -> Place:
        """The place of an address of a stack (folder relative to the root).

        ``hints`` are attributes or blocks to point at instead of the resource's head, the first
        that is there. An address that cannot be followed gives an empty place.
        """
        parts = _INDEX.sub("", address).split(".")
        folder = self._root / stack
        while len(parts) > 2 and parts[0] == "module":
            found = self._find(folder, "module", (parts[1],))
            source = found.block.attributes.get("source") if found else None
            literal = source.literal if source else None
            if literal is None or not literal.startswith("."):
                return self._place(found, ()) if found else Place()
            folder = (folder / literal).resolve()
            parts = parts[2:]
        if not folder.is_relative_to(self._root):
            return Place()
        kind = "data" if parts[0] == "data" else "output" if parts[0] == "output" else "resource"
        labels = tuple(parts[1:] if kind != "resource" else parts)
        found = self._find(folder, kind, labels)
        return self._place(found, hints) if found else Place()

    def _find(self, folder: Path, kind: str, labels: tuple[str, ...]) -> _Found | None:
        return self._blocks(folder).get((kind, labels))

    def _read(self, folder: Path) -> dict[tuple[str, tuple[str, ...]], _Found]:
        blocks: dict[tuple[str, tuple[str, ...]], _Found] = {}
        for file in _files(folder):
            text = file.read_text(encoding="utf-8", errors="replace")
            try:
                found = parse(text).blocks
            except HclError:
                continue  # the guard and Terraform tell broken files; here they just have no lines
            ends = [block.line for block in found[1:]] + [text.count("\n") + 2]
            for block, end in zip(found, ends, strict=False):
                # What an override file changes is written in another.
                blocks.setdefault((block.type, block.labels), _Found(file, block, end))
        return blocks

    def _place(self, found: _Found, hints: Iterable[str]) -> Place:
        lines = found.file.read_text(encoding="utf-8", errors="replace").splitlines()
        body = "\n".join(lines[found.block.line - 1 : found.last - 1])
        skips = {m["rule"]: (m["reason"] or "").strip() for m in _SKIP.finditer(body)}
        line = next((n for h in hints if (n := _line(found.block, h))), found.block.line)
        return Place(found.file.relative_to(self._root).as_posix(), line, skips)


def _files(folder: Path) -> list[Path]:
    """The Terraform files of a folder, override files last; links to nothing are left out."""
    found = (file for file in folder.glob("*.tf") if file.is_file())
    return sorted(found, key=lambda file: (is_override(file.name), file.name))


def _line(block: Block, name: str) -> int:
    if name in block.attributes:
        return block.attributes[name].line
    return next(
        (nested.line for nested in block.blocks if name in (nested.type, *nested.labels)), 0
    )


def lint_inputs(root: Path, stack: str) -> list[str]:
    """Files (relative to the root) that decide what lint says: the stack's and its modules'."""
    root = root.resolve()
    todo, seen = [root / stack], set[Path]()
    while todo:
        folder = todo.pop()
        if folder in seen or not folder.is_relative_to(root):
            continue
        seen.add(folder)
        for file in _files(folder):
            try:
                modules = list(parse(file.read_text(encoding="utf-8", errors="replace")).blocks)
            except HclError:
                continue
            for block in modules:
                source = block.attributes.get("source") if block.type == "module" else None
                if source and (source.literal or "").startswith("."):
                    todo.append((folder / str(source.literal)).resolve())
    names = (
        f for folder in seen for p in ("*.tf", "*.tf.json", "*.tfvars") for f in folder.glob(p)
    )
    return sorted(file.relative_to(root).as_posix() for file in names)
