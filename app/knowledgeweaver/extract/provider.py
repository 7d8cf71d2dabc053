"""What a model is asked and gives back, whoever serves it, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from knowledgeweaver.extract.port import REASONS


@dataclass(frozen=True, slots=True)
class Form:
    """What the model must fill in: a JSON schema under a name."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a model. Without a form it answers in plain text."""

    purpose: str  # "extract" or "answer", for traces
    prompt_version: str
    system: str
    user: str
    max_tokens: int
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``filled`` is the form as JSON, None where there is no JSON object at all."""

    filled: object
    text: str  # what the model wrote, for traces
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """The end of a streamed answer: what it took."""

    input_tokens: int
    output_tokens: int


class ModelFailed(Exception):
    """No usable answer; ``reason`` is one of REASONS. The tokens were used in vain."""

    def __init__(
        self, reason: str, message: str = "", *, input_tokens: int = 0, output_tokens: int = 0
    ) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not one of {', '.join(sorted(REASONS))}")
        super().__init__(message or reason)
        self.reason = reason
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens


class Model(Protocol):
    """A model behind a service. Threads may share one."""

    @property
    def name(self) -> str:
        """The service's id of the model."""

    @property
    def provider(self) -> str:
        """Who serves it: "bedrock" or "openai"."""

    def fill(self, call: Call) -> Reply:
        """Let the model fill the call's form; raises ModelFailed."""

    def stream(self, call: Call) -> Iterator[str | Tokens]:
        """The answer's text in parts as they come, Tokens at the end; raises ModelFailed."""
