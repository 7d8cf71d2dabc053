"""The capital letters of all scripts, for regular expressions that have no class for them."""

from __future__ import annotations

import re
import sys
import unicodedata


def _capitals() -> str:
    """Upper and title case letters of the Basic Multilingual Plane, as ranges."""
    ranges: list[list[int]] = []
    for code in range(0x10000):
        if unicodedata.category(chr(code)) in ("Lu", "Lt"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in ranges)


#: The inside of a character class.
CAPITALS = sys.intern(_capitals())
