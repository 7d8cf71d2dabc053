"""How wide text is, without a font at hand.

The widths are those of DejaVu Sans and a little more, one of the widest faces that a browser falls
back to: what fits here, fits in the others.
"""

from __future__ import annotations

import re

TEXT, TITLE = 12, 13  # font sizes in pixels; titles are bold
_WIDTHS = (
    ("ijlI.,:;'|! ", 0.34),
    ("ftr()[]/-·", 0.42),
    ("mwMW%@", 0.98),
    ("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.76),
)


def width(text: str, size: int = TEXT) -> float:
    """Pixels that a line takes at most."""
    bold = 1.12 if size == TITLE else 1.0
    return sum(_letter(letter) for letter in text) * size * bold


def wrap(text: str, room: float, size: int = TEXT) -> tuple[str, ...]:
    """The text in lines that fit, cut at spaces or, in long names, behind dashes and slashes."""
    lines = [""]
    for part in re.findall(r"[^\s/-]*[\s/-]?", text):
        if lines[-1] and width((lines[-1] + part).rstrip(), size) > room:
            lines.append("")
        lines[-1] += part
    return tuple(line.strip() for line in lines if line.strip())


def _letter(letter: str) -> float:
    return next((width for letters, width in _WIDTHS if letter in letters), 0.65)
