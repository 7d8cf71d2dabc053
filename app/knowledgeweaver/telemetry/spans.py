"""What a step tells about itself while its span is open."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openinference.semconv.trace import DocumentAttributes as Document
from openinference.semconv.trace import MessageAttributes as Message
from openinference.semconv.trace import OpenInferenceMimeTypeValues as Mime
from openinference.semconv.trace import SpanAttributes as Name
from opentelemetry.trace import Span, StatusCode

from knowledgeweaver.extract.port import Usage
from knowledgeweaver.telemetry.redact import Redaction


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a retrieval found, for its span."""

    id: str
    text: str
    score: float
    about: Mapping[str, object] = field(default_factory=dict)  # document, section, positions


def figures(facts: Mapping[str, Any]) -> dict[str, str | bool | int | float]:
    """Facts as OpenTelemetry takes them; what it would not take is written out."""
    return {
        key: value if isinstance(value, (str, bool, int, float)) else str(value)
        for key, value in facts.items()
    }


@dataclass(frozen=True, slots=True)
class Step:
    """An open span."""

    span: Span
    redact: Redaction

    def input(self, value: object) -> None:
        """What the step was given, where that is known only after it began."""
        if self.span.is_recording():
            self.span.set_attribute(Name.INPUT_VALUE, self.redact(value))

    def output(self, value: object) -> None:
        """What came out of the step; what is no text is shown as JSON."""
        if self.span.is_recording():
            self.span.set_attribute(Name.OUTPUT_VALUE, self.redact(value))
            if not isinstance(value, str):
                self.span.set_attribute(Name.OUTPUT_MIME_TYPE, Mime.JSON.value)

    def note(self, **facts: Any) -> None:
        """Figures and ids, which are shown even where texts are hidden."""
        self.span.set_attributes(figures(facts))

    def failed(self, reason: str) -> None:
        """The step ended without what was wanted, for a reason in one of our own words."""
        self.span.set_status(StatusCode.ERROR, reason)


@dataclass(frozen=True, slots=True)
class RetrievalSpan(Step):
    """An open retrieval."""

    def documents(self, found: Iterable[Found]) -> None:
        """The passages, best first, with their scores."""
        if not self.span.is_recording():
            return
        values: dict[str, str | float] = {}
        for place, one in enumerate(found):
            at = f"{Name.RETRIEVAL_DOCUMENTS}.{place}"
            values[f"{at}.{Document.DOCUMENT_ID}"] = one.id
            values[f"{at}.{Document.DOCUMENT_SCORE}"] = float(one.score)
            values[f"{at}.{Document.DOCUMENT_CONTENT}"] = self.redact(one.text)
            if one.about:
                about = json.dumps(dict(one.about), ensure_ascii=False, default=str)
                values[f"{at}.{Document.DOCUMENT_METADATA}"] = about
        self.span.set_attributes(values)


@dataclass(frozen=True, slots=True)
class ModelSpan(Step):
    """An open call of a model."""

    def asked(
        self,
        model: str,
        provider: str,
        system: str,
        user: str,
        prompt_version: str,
        parameters: Mapping[str, object],
    ) -> None:
        """What the model is asked."""
        values: dict[str, str] = {
            Name.LLM_MODEL_NAME: model,
            Name.LLM_PROVIDER: provider,
            Name.LLM_INVOCATION_PARAMETERS: json.dumps(dict(parameters), default=str),
            Name.LLM_PROMPT_TEMPLATE_VERSION: prompt_version,
        }
        for place, (role, text) in enumerate((("system", system), ("user", user))):
            at = f"{Name.LLM_INPUT_MESSAGES}.{place}"
            values[f"{at}.{Message.MESSAGE_ROLE}"] = role
            values[f"{at}.{Message.MESSAGE_CONTENT}"] = self.redact(text)
        self.span.set_attributes(values)

    def answered(self, answer: object, usage: Usage, *, usd_input: float = 0.0) -> None:
        """What came back, the tokens it took and what it cost. ``usd_input`` is input's part."""
        if not self.span.is_recording():
            return
        self.output(answer)
        at = f"{Name.LLM_OUTPUT_MESSAGES}.0"
        self.span.set_attribute(f"{at}.{Message.MESSAGE_ROLE}", "assistant")
        self.span.set_attribute(f"{at}.{Message.MESSAGE_CONTENT}", self.redact(answer))
        counts = {
            Name.LLM_TOKEN_COUNT_PROMPT: usage.input_tokens,
            Name.LLM_TOKEN_COUNT_COMPLETION: usage.output_tokens,
            Name.LLM_TOKEN_COUNT_TOTAL: usage.input_tokens + usage.output_tokens,
            Name.LLM_COST_PROMPT: usd_input,
            Name.LLM_COST_COMPLETION: usage.usd - usd_input,
            Name.LLM_COST_TOTAL: usage.usd,
        }
        self.span.set_attributes(counts)
