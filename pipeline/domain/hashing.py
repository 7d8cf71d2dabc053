"""Keyed hashes of one plan record: HMAC-SHA-256, cut to 128 bits as RFC 2104 section 5 allows."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from pipeline.domain.canonical import canonical
from pipeline.domain.model import UNKNOWN, LeafValue

#: Stands for the hash of a leaf that is known only after apply.
UNKNOWN_LEAF = "?"

#: Stands for the image reference within a leaf, so that the text around it can be compared.
IMAGE = "\x00image\x00"


@dataclass(frozen=True, slots=True)
class Hasher:
    """Keyed hashes of one record. ``image`` is the image reference its plan was made with."""

    key: bytes
    image: str = ""

    def path(self, path: str) -> str:
        """The hash of a leaf's path."""
        return self._hash(f"path\0{path}")

    def value(self, path: str, value: LeafValue) -> str:
        """The hash of a leaf's value, bound to its path; unknown is told in the open."""
        return self.value_at(self.path(path), value)

    def value_at(self, place: str, value: LeafValue) -> str:
        """As :meth:`value`, for a path of which only the hash is known."""
        if value is UNKNOWN:
            return UNKNOWN_LEAF
        text = canonical(value)
        if self.image:
            text = text.replace(self.image, IMAGE)
        return self._hash(f"leaf\0{place}\0{text}")

    def identity(self, identity: str) -> str:
        """The hash of which object it is; "" stays "": there is none."""
        return self._hash(f"object\0{identity}") if identity else ""

    def imported(self, import_id: str) -> str:
        """The hash of what is imported; "" stays ""."""
        return self._hash(f"import\0{import_id}") if import_id else ""

    def seal(self, unsealed: bytes) -> str:
        """The seal over the stored bytes with an empty seal in them."""
        return hmac.digest(self.key, b"seal\0" + unsealed, "sha256").hex()

    def _hash(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, data, "sha256").hex()[:32]
