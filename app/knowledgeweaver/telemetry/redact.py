"""Text on its way into a trace: cut, cleaned, and without what must not leave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

#: What OpenInference's own instrumentations write where something is hidden.
HIDDEN = "__REDACTED__"
#: How much more than allowed is looked at, so that a secret at the end is seen as a whole.
MARGIN = 500


class Redaction:
    """What of a text a trace may keep. It holds no text itself and may be shared by threads."""

    def __init__(self, patterns: Iterable[str] = (), characters: int = 2000, hide: bool = False):
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._characters = characters
        self._hide = hide

    def __call__(self, value: object) -> str:
        """The value as a trace may show it; what is no text is written as JSON."""
        if self._hide:
            return HIDDEN
        # Cut before it is searched: a document of megabytes must not cost a request its time.
        text = as_text(value)[: self._characters + MARGIN]
        for pattern in self._patterns:
            text = pattern.sub(HIDDEN, text)
        if len(text) > self._characters:
            text = text[: self._characters] + "…"
        return text


def as_text(value: object) -> str:
    """Text as it is, else JSON; never half a character, which no exporter could send."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode("utf-8")
