"""The state on disk: one JSON file, replaced atomically, read back into the same dataclasses."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from sandbox.github.model import FORMAT, State


def save(state: State, path: Path) -> None:
    """Write ``state`` so that a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(asdict(state)), encoding="utf-8")
    part.replace(path)


class SnapshotError(Exception):
    """The state on disk was written by another version of the sandbox."""


def load(path: Path) -> State | None:
    """Read a state that :func:`save` wrote; None where there is none yet.

    Raises :class:`SnapshotError` where it has another format.
    """
    if not path.exists():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    found = raw.get("format", 1)
    if found != FORMAT:
        raise SnapshotError(
            f"{path} has format {found}, and this sandbox reads format {FORMAT} alone. "
            f"Remove the folder {path.parent} to begin anew."
        )
    state = _decode(State, raw)
    assert isinstance(state, State)  # noqa: S101 - tells the type checker what _decode returns
    return state


def _decode(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(arg for arg in typing.get_args(kind) if arg is not type(None))
        return _decode(inner, value)
    if origin is list:
        (item,) = typing.get_args(kind)
        return [_decode(item, entry) for entry in value]
    if origin is dict:
        key, item = typing.get_args(kind)
        # JSON turns integer keys into strings; the annotation says which they were.
        return {key(name) if key is int else name: _decode(item, v) for name, v in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        known = {field.name for field in fields(kind)}
        return kind(**{n: _decode(hints[n], v) for n, v in value.items() if n in known})
    return value
