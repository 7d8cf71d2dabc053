"""What a question asks the store for: its words, and every run of words that may be a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledgeweaver.resolve import key
from knowledgeweaver.text.words import terms

#: Longer questions are asked by their first words.
WORDS = 32
#: The longest run of words that is looked up as a name.
LONGEST = 8
#: Words for kinds of things: as names of their own they lead nowhere.
_KINDS = frozenset(
    "actor age album area author band birth book city company continent country county date "
    "district film first game group name one part party person place president region school "
    "series song state team time town two university village war world year".split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart. ``runs`` are what may be names, the longest first."""

    words: tuple[str, ...]
    spoken: tuple[str, ...]
    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, question: str) -> Question:
        spoken = tuple(key(question).split())[: 4 * WORDS]
        runs = [
            (start, start + length)
            for length in range(min(LONGEST, len(spoken)), 0, -1)
            for start in range(len(spoken) - length + 1)
        ]
        return cls(tuple(dict.fromkeys(terms(question)))[:WORDS], spoken, tuple(runs))

    def keys(self) -> list[str]:
        """Every run as the key of a name."""
        return list(dict.fromkeys(self._key(*run) for run in self.runs))

    def names(self, known: Iterable[str]) -> list[str]:
        """The names in the question: of those known the longest, none inside another."""
        there, used, found = set(known), [False] * len(self.spoken), []
        for start, stop in self.runs:
            name = self._key(start, stop)
            if name in there and not any(used[start:stop]) and _leads(name, self.words):
                used[start:stop] = [True] * (stop - start)
                found.append(name)
        return list(dict.fromkeys(found))

    def holds(self, name: str) -> bool:
        """Whether all words of a name stand in the question."""
        return set(terms(name)) <= set(self.words)

    def _key(self, start: int, stop: int) -> str:
        return " ".join(self.spoken[start:stop])


def _leads(name: str, words: Sequence[str]) -> bool:
    """A single word is a name only where it is neither a stop word nor one for a kind."""
    return " " in name or (len(name) > 2 and name in words and name not in _KINDS)
