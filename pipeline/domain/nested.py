"""JSON and TOML as other people wrote them: what nests too deeply is no document at all.

Python's readers, and whoever walks what they read, go one call deeper with each level, and a
process has about a thousand. So every document comes through here (tests/test_architecture.py).
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

#: Levels of a document. The deepest that Terraform writes, modules in modules, has some dozens.
DEPTH = 200

TOO_DEEP = "nested too deeply"


def parse_json(text: str | bytes, **options: Any) -> Any:
    """A JSON document. Raises ValueError; ``options`` are those of :func:`json.loads`."""
    try:
        found = json.loads(text, **options)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if deep(found):
        raise ValueError(TOO_DEEP)
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """A TOML document. Raises :class:`tomllib.TOMLDecodeError`, a ValueError."""
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(TOO_DEEP) from None
    except ValueError as error:  # a number of more digits than Python converts
        raise tomllib.TOMLDecodeError(str(error)) from None
    if deep(found):  # dots nest, too, and the reader does not mind them
        raise tomllib.TOMLDecodeError(TOO_DEEP)
    return found


def deep(value: object) -> bool:
    """Whether lists and maps lie deeper in each other than :data:`DEPTH`."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > DEPTH:
            return True
        level = [
            inner for item in level for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return False
