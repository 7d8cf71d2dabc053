"""The extractor that needs no model: names by their capitals, relations by their words' order.

It is the default of the embedded application, and says "offline" wherever it was at work. It
knows no meaning: what it finds is what rules about writing can find.
"""

from __future__ import annotations

import re

from knowledgeweaver.extract.cjk import cjk_names
from knowledgeweaver.extract.names import MAX_NAME, Name, names
from knowledgeweaver.extract.port import Extraction, Mention
from knowledgeweaver.extract.relations import relations
from knowledgeweaver.text.words import sentences

_BRACKETS = re.compile(r"\s*\([^()]*\)\s*\Z")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")


class Offline:
    """Extracts by rule; never raises ExtractionFailed, uses no tokens and costs nothing."""

    name = "offline"

    def extract(self, text: str, *, title: str, language: str) -> Extraction:
        """The names and facts of a chunk; ``title`` is what its first pronoun may stand for."""
        found = _names(text, language)
        topic = _BRACKETS.sub("", title)[:MAX_NAME]
        facts = relations(text, found, sentences(text), topic, language)
        return Extraction(
            tuple(Mention(name.text, name.start, name.end, name.kind) for name in found),
            tuple(dict.fromkeys(facts)),
        )


def _names(text: str, language: str) -> list[Name]:
    """All names in order; a text of one script may hold names of another."""
    found = list(names(text, language))
    # A word alone on a line is a heading, and a name only where the text says it again.
    lone = [name for name in found if _is_line(text, name)]
    if lone:
        elsewhere = {name.text for name in found if name not in lone}
        found = [name for name in found if name not in lone or name.text in elsewhere]
    if _CJK.search(text):
        spoken = language if language in ("ja", "zh") else "ja" if _KANA.search(text) else "zh"
        taken = [*found]
        found += [
            name
            for name in cjk_names(text, spoken)
            if not any(name.start < other.end and other.start < name.end for other in taken)
        ]
        found.sort(key=lambda name: name.start)
    return found


def _is_line(text: str, name: Name) -> bool:
    """Whether one capitalised word is all there is on its line."""
    around = text[name.start - 1 : name.start] + text[name.end : name.end + 1]
    return " " not in name.text and not name.kind and around.strip("\n") == "" and "\n" in around
