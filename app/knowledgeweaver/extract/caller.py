"""Calls a model within a budget, a few at a time, as one span, with its cost counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from knowledgeweaver.extract.budget import Allowance, Hold, OverBudget
from knowledgeweaver.extract.port import Usage
from knowledgeweaver.extract.prices import Price, tokens
from knowledgeweaver.extract.provider import Call, Model, ModelFailed, Reply, Tokens
from knowledgeweaver.telemetry import metrics
from knowledgeweaver.telemetry.spans import ModelSpan
from knowledgeweaver.telemetry.traces import span_model


class Caller:
    """One model with its price; ``concurrency`` calls run at the same time at most."""

    def __init__(self, model: Model, price: Price, *, concurrency: int = 4) -> None:
        self.model = model
        self.price = price
        self._free = threading.BoundedSemaphore(concurrency)

    def fill(self, call: Call, allowance: Allowance) -> tuple[Reply, Usage]:
        """Let the model fill the call's form; raises ModelFailed, also where money is short."""
        with self._counted(call, allowance) as counted:
            reply = self.model.fill(call)
            counted.took(reply.input_tokens, reply.output_tokens, reply.text)
        return reply, counted.hold.usage

    def stream(self, call: Call, allowance: Allowance) -> Iterator[str]:
        """The answer's text in parts; raises ModelFailed."""
        written: list[str] = []
        with self._counted(call, allowance) as counted:
            try:
                for part in self.model.stream(call):
                    if isinstance(part, Tokens):
                        counted.took(part.input_tokens, part.output_tokens, "".join(written))
                    else:
                        written.append(part)
                        yield part
            finally:
                # Broken off, by the reader or on the way: what was written until then is paid.
                if not counted.told and written:
                    text = "".join(written)
                    counted.took(asked_tokens(call), tokens(text), text)

    def dearest(self, call: Call) -> float:
        """US$ that the call costs if the model writes as much as it may."""
        return self.price.usd(asked_tokens(call), call.max_tokens)

    @contextmanager
    def _counted(self, call: Call, allowance: Allowance) -> Iterator[_Counted]:
        """A call under way: its money, its place among the others, its span, its metrics."""
        try:
            with (
                allowance.hold(self.dearest(call)) as hold,
                self._free,
                span_model(
                    call.purpose,
                    model=self.model.name,
                    provider=self.model.provider,
                    system=call.system,
                    user=call.user,
                    prompt_version=call.prompt_version,
                    parameters={"max_tokens": call.max_tokens},
                ) as span,
            ):
                counted = _Counted(self.price, hold, span)
                try:
                    yield counted
                except ModelFailed as error:
                    if not counted.told:
                        counted.took(error.input_tokens, error.output_tokens, "")
                    metrics.emit({"ModelFailures": 1}, Reason=error.reason)
                    raise
                finally:
                    counted.emit()
        except OverBudget as error:
            metrics.emit({"ModelFailures": 1}, Reason="over-budget")
            raise ModelFailed("over-budget", str(error)) from error


def asked_tokens(call: Call) -> int:
    """About how many tokens a call sends."""
    form = str(call.form.schema) if call.form else ""
    return tokens(call.system) + tokens(call.user) + tokens(form)


@dataclass(slots=True)
class _Counted:
    price: Price
    hold: Hold
    span: ModelSpan
    started: float = field(default_factory=time.perf_counter)
    told: bool = False

    def took(self, input_tokens: int, output_tokens: int, text: str) -> None:
        """What the call used, and what it brought."""
        usd = self.price.usd(input_tokens, output_tokens)
        seconds = time.perf_counter() - self.started
        self.hold.usage = Usage(input_tokens, output_tokens, usd, seconds)
        self.span.answered(text, self.hold.usage, usd_input=self.price.usd(input_tokens))
        self.told = True

    def emit(self) -> None:
        used = self.hold.usage
        metrics.emit(
            {
                "ModelCalls": 1,
                "ModelTime": (time.perf_counter() - self.started) * 1000,
                "InputTokens": used.input_tokens,
                "OutputTokens": used.output_tokens,
                "ModelUsd": used.usd,
            }
        )
