"""Seal JSON documents: an HMAC over the very bytes that are stored, as their last field.

A reader checks the bytes before it parses them, so what a parser or a later version makes of them
can never change whether they are what was sealed. HMAC-SHA-256 (RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

_SEAL = re.compile(rb',"seal":"([0-9a-f]{64})"\}\Z')


def sealed(document: Mapping[str, Any], key: bytes, purpose: str) -> bytes:
    """The bytes of a document with its seal; ``purpose`` keeps kinds of documents apart."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return body[:-1] + f',"seal":"{_mac(body, key, purpose)}"}}'.encode()


def opened(data: bytes, key: bytes, purpose: str) -> bytes | None:
    """The bytes without their seal; None when one bit of them is not what was sealed."""
    found = _SEAL.search(data)
    if found is None:
        return None
    body = data[: found.start()] + b"}"
    fits = hmac.compare_digest(found[1].decode(), _mac(body, key, purpose))
    return body if fits else None


def _mac(body: bytes, key: bytes, purpose: str) -> str:
    return hmac.new(key, purpose.encode() + b"\0" + body, hashlib.sha256).hexdigest()
