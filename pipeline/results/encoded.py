"""Text that a value holds in base64, as user data does, so that a difference in it is seen."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from pipeline.domain.model import Mark

#: Shorter texts are read by whoever wants to, and words are taken for base64 by chance.
_SHORTEST = 24
#: Bytes that a packed text may have; more is no text for people, and may be a bomb.
_LONGEST = 1_048_576

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
#: Controls that no text has.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


def opened(before: str | Mark, after: str | Mark) -> tuple[str | Mark, str | Mark, str]:
    """Both sides as the text in them, and how they hold it; unchanged where they hold none.

    A side without a value stays as it is. Both sides have to hold text, and still to differ: the
    same text packed twice is shown as it stands in the plan.
    """
    given = [side for side in (before, after) if isinstance(side, str) and side]
    read = {side: _read(side) for side in given}
    kinds = {found[1] if found else "" for found in read.values()}
    if not given or "" in kinds or len({text for text, _ in _found(read)}) < len(set(given)):
        return before, after, ""
    texts = {side: found[0] for side, found in read.items() if found}
    return (
        before if isinstance(before, Mark) else texts.get(before, before),
        after if isinstance(after, Mark) else texts.get(after, after),
        " and ".join(sorted(kinds)),
    )


def _found(read: dict[str, tuple[str, str] | None]) -> list[tuple[str, str]]:
    return [found for found in read.values() if found]


def _read(value: str) -> tuple[str, str] | None:
    """The text and how it is held, None where it is no text."""
    packed = "".join(value.split())
    if len(packed) < _SHORTEST or len(packed) % 4 or not _BASE64.fullmatch(packed):
        return None
    try:
        data = base64.b64decode(packed, validate=True)
    except binascii.Error:
        return None
    held = "base64"
    if data[:2] == b"\x1f\x8b":  # RFC 1952; cloud-init reads user data so, too
        held = "gzip in base64"
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, _LONGEST)
        except zlib.error:
            return None
    if len(data) >= _LONGEST:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if not text or _BINARY.search(text) else (text, held)
