"""Unit names of the command line."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.model import UnitId
from pipeline.errors import failure


def parse_units(texts: Iterable[str]) -> list[UnitId]:
    """Read ``stack/workspace`` arguments; raises ``usage`` for another form."""
    try:
        return [UnitId.parse(text) for text in texts]
    except ValueError as error:
        raise failure("usage", f"{error}.") from None
