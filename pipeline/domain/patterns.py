"""Patterns of file names as Terraform's ``fileset`` reads them (bmatcuk/doublestar)."""

from __future__ import annotations

import re

#: A pattern whose braces say more than this many things is not worth its riddle.
_MOST = 256


def spelled(pattern: str) -> list[str]:
    """Every text that the braces of a pattern spell, nothing when they are too many."""
    texts = [pattern]
    while any("{" in text for text in texts):
        spelled = []
        for text in texts:
            inner = re.search(r"\{([^{}]*)\}", text)
            if inner is None:
                if "{" in text:
                    return []
                spelled.append(text)
                continue
            for choice in inner[1].split(","):
                spelled.append(text[: inner.start()] + choice + text[inner.end() :])
        texts = spelled
        if len(texts) > _MOST:
            return []
    return texts
