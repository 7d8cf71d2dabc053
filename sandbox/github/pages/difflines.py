"""A patch as numbered lines, ready to be laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
MAX_LINES = 2000  # of one file


@dataclass(frozen=True, slots=True)
class Line:
    """``kind``: hunk, add, del or same; numbers are empty where a side lacks the line."""

    kind: str
    old: str
    new: str
    text: str


def lines(patch: str | None) -> list[Line]:
    """The lines of one file's patch; none for a binary file."""
    rows: list[Line] = []
    old = new = 0
    for raw in (patch or "").split("\n")[:MAX_LINES]:
        if match := _HUNK.match(raw):
            old, new = int(match.group(1)), int(match.group(2))
            rows.append(Line("hunk", "", "", raw))
        elif raw.startswith("+"):
            rows.append(Line("add", "", str(new), raw))
            new += 1
        elif raw.startswith("-"):
            rows.append(Line("del", str(old), "", raw))
            old += 1
        elif raw.startswith(" "):
            rows.append(Line("same", str(old), str(new), raw))
            old, new = old + 1, new + 1
        elif raw:
            rows.append(Line("hunk", "", "", raw))
    return rows
