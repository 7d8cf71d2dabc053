"""What every extractor gives back for a chunk of text, and how it says that it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

#: Why a chunk could not be extracted; stable words, stored and counted.
REASONS = frozenset(
    {"malformed", "refused", "throttled", "over-budget", "unavailable", "truncated"}
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a chunk. start and end are character positions in the chunk's text."""

    name: str
    start: int
    end: int
    kind: str = ""  # person, place, organisation, thing …; "" where nobody knows


@dataclass(frozen=True, slots=True)
class Fact:
    """A relation that a chunk states. The span is where it is said, in the chunk's text."""

    subject: str
    predicate: str
    object: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a piece of work with a model used."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.usd + other.usd,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Extraction:
    """The names and relations of one chunk, and what finding them used."""

    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]
    usage: Usage = Usage()


class ExtractionFailed(Exception):
    """A chunk could not be extracted; ``reason`` is one of the stable words in REASONS."""

    def __init__(self, reason: str, message: str = "") -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not one of {', '.join(sorted(REASONS))}")
        super().__init__(message or reason)
        self.reason = reason


class Extractor(Protocol):
    """Finds names and relations in one chunk at a time."""

    @property
    def name(self) -> str:
        """Which one it is, as "offline" or "bedrock anthropic.claude-…"; stored with a version."""

    def extract(self, text: str, *, title: str, language: str) -> Extraction:
        """Read one chunk of the document ``title``; raises ExtractionFailed."""
