"""Unit names of the command line."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.model import UnitId
from pipeline.usecases.request import unit_names


def parse_units(texts: Iterable[str]) -> list[UnitId]:
    """Read ``stack/workspace`` arguments, or a JSON list; raises ``usage`` for another form."""
    return [UnitId.parse(name) for name in unit_names(texts)]
