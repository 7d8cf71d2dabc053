"""Plays extractions that a model made earlier, for a benchmark that anybody can repeat.

A folder holds passages.jsonl ({id, title, text}) and extraction.jsonl ({id, entities, triples}).
The recordings have no quotes and rewrite some names, so more is let through than from a model: a
fact is kept where its subject or its object stands in the chunk, and its span is the one that does.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledgeweaver.extract.check import Finder, mention
from knowledgeweaver.extract.port import Extraction, ExtractionFailed, Fact

#: Words of a chunk's beginning by which its passage is found.
KEY_WORDS = 5


@dataclass(frozen=True, slots=True)
class _Recording:
    words: str  # the passage with single spaces, to find a chunk in
    title: str
    names: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]


class RecordedExtractor:
    """The extractor of one folder; ``name`` says which."""

    def __init__(self, folder: Path) -> None:
        self.name = f"recorded {folder.name}"
        self._by_key: dict[str, list[_Recording]] = defaultdict(list)
        made = {row["id"]: row for row in _rows(folder / "extraction.jsonl")}
        for row in _rows(folder / "passages.jsonl"):
            found = made[row["id"]]
            recording = _Recording(
                _plain(row["text"]),
                row["title"],
                tuple(found["entities"]),
                tuple((s, p, o) for s, p, o in (t for t in found["triples"] if len(t) == 3)),
            )
            # A chunk may begin at any word of its passage.
            for key in set(_keys(recording.words)):
                self._by_key[key].append(recording)

    def extract(self, text: str, *, title: str, language: str) -> Extraction:
        """What was recorded of the passage that the chunk is from; raises ExtractionFailed."""
        recording = self._of(_plain(text), title)
        finder = Finder(text)
        mentions = [one for name in recording.names if (one := mention(finder, name))]
        facts = []
        for subject, predicate, value in recording.facts:
            ends = [one for one in (mention(finder, subject), mention(finder, value)) if one]
            if not ends:
                continue
            start, end = min(one.start for one in ends), max(one.end for one in ends)
            facts.append(Fact(subject, predicate, value, start, end))
        unique = {(one.start, one.end): one for one in mentions}
        return Extraction(tuple(unique.values()), tuple(dict.fromkeys(facts)))

    def _of(self, words: str, title: str) -> _Recording:
        fitting = [
            one for one in self._by_key.get(next(_keys(words), ""), []) if words in one.words
        ]
        # Some passages stand in the set twice, under two titles.
        fitting.sort(key=lambda one: one.title != title)
        if not fitting:
            raise ExtractionFailed("unavailable", "nothing was recorded for this text")
        return fitting[0]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _keys(words: str) -> Iterator[str]:
    """Every run of so many words; the whole text where it has fewer."""
    parts = words.split(" ")
    for start in range(max(1, len(parts) - KEY_WORDS + 1)):
        yield " ".join(parts[start : start + KEY_WORDS])
