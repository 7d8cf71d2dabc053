"""Keys of callers: kept as hashes, each with what it may do and until when."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

#: A key that somebody made up must be at least so long.
MIN_KEY = 16

#: read: ask, list, open. write: bring documents and take them away, part names.
Scope = Literal["read", "write"]


class Key(BaseModel):
    """A key. Keys are random and long, so a plain hash hides them well enough."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=50)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    scopes: frozenset[Scope] = frozenset({"read", "write"})
    until: AwareDatetime | None = None


class Keys:
    """All that are valid."""

    def __init__(self, main: str, more: Iterable[Key] = ()) -> None:
        first = [Key(name="main", sha256=hashed(main.encode()))] if main else []
        self._keys = (*first, *more)

    def owner(self, given: bytes) -> Key | None:
        """The key that this is, None where it is none or its time is over."""
        digest = hashed(given)
        found = None
        for key in self._keys:  # all of them, so that the time tells nothing
            if hmac.compare_digest(key.sha256, digest):
                found = key
        if found is not None and found.until is not None and found.until <= datetime.now(UTC):
            return None
        return found


def hashed(key: bytes) -> str:
    """As a key is kept."""
    return hashlib.sha256(key).hexdigest()


def new_key(name: str, scopes: Iterable[Scope], until: datetime | None = None) -> tuple[str, Key]:
    """A new key, which is shown once, and what is kept of it."""
    drawn = secrets.token_urlsafe(32)
    kept = Key(name=name, sha256=hashed(drawn.encode()), scopes=frozenset(scopes), until=until)
    return drawn, kept
