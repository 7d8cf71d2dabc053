"""Names as people say them."""

from __future__ import annotations

import re

_PREFIX = re.compile(r"^/?knowledgeweaver[-/](?:(?:dev|staging|prod)[-/])?")
_PLACE = re.compile(r"-\d{12}(?:-[a-z]{2}(?:-[a-z]+)+-\d)?$")


def short(name: str) -> str:
    """A name without the project, the workspace, the account and the region in it."""
    return _PLACE.sub("", _PREFIX.sub("", name)) or name


def counted(number: int, one: str, many: str = "") -> str:
    """``1 day``, ``2 days``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
