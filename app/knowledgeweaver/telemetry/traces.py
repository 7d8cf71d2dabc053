"""One trace a request: the steps of an answer or of a document's way into the graph, as spans.

    with span_request("POST /ask", question) as request:
        with span_retrieval(question) as retrieval:
            with span_query("search", store="sqlite") as query: ...
            retrieval.documents(...)
        with span_model("answer", ...) as model: ...

The names of the attributes are OpenInference's, so that Phoenix and Langfuse show passages, tokens
and costs as such. Before start() is called, and where nothing is sampled, spans cost next to
nothing. No function here raises because of what it is given, and none waits for a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

from openinference.semconv.resource import ResourceAttributes
from openinference.semconv.trace import OpenInferenceSpanKindValues as Kind
from openinference.semconv.trace import SpanAttributes as Name
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import INVALID_SPAN_CONTEXT, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from knowledgeweaver import __version__
from knowledgeweaver.telemetry import export
from knowledgeweaver.telemetry.redact import Redaction
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.telemetry.spans import ModelSpan, RetrievalSpan, Step, figures

T = TypeVar("T")
_W3C = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Tracing:
    """What turns steps into spans: a tracer, what texts may hold, and what sends."""

    tracer: trace.Tracer
    redact: Redaction
    senders: tuple[SpanProcessor, ...] = ()

    def stop(self, seconds: float = 5.0) -> bool:
        """Send what is left, for so many seconds at most; False when some of it was lost."""
        return export.stop(self.senders, seconds)


def _off() -> Tracing:
    # Spans that nobody records have ids all the same, which the log lines carry.
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    return Tracing(provider.get_tracer("knowledgeweaver"), Redaction(hide=True))


_now = _off()


def start(settings: TelemetrySettings, *more: SpanProcessor) -> Tracing:
    """Trace from now on as the settings say; ``more`` are further receivers of spans."""
    global _now
    senders = (*export.processors(settings), *more)
    if not senders:
        _now = _off()
        return _now
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.kw_trace_sample)),
        resource=Resource.create(
            {
                "service.name": "knowledgeweaver",
                "service.version": __version__,
                "deployment.environment": settings.kw_environment,
                ResourceAttributes.PROJECT_NAME: settings.phoenix_project_name,
            }
        ),
        shutdown_on_exit=False,
    )
    for sender in senders:
        provider.add_span_processor(sender)
    redact = Redaction(
        settings.kw_trace_redact, settings.kw_trace_characters, settings.kw_trace_content == "none"
    )
    _now = Tracing(provider.get_tracer("knowledgeweaver", __version__), redact, senders)
    return _now


@contextmanager
def span_request(
    name: str, asked: object = None, *, parent: Context | None = None, **facts: Any
) -> Iterator[Step]:
    """A request from outside, the root of its trace. ``parent`` comes from arrived()."""
    with _current(name, Kind.CHAIN, asked, facts, parent) as span:
        yield Step(span, _now.redact)


@contextmanager
def span_ingest(source: str, *, parent: Context | None = None, **facts: Any) -> Iterator[Step]:
    """A document's way into the graph; below a request, or the root where it came by a queue."""
    with _current("ingest", Kind.CHAIN, source, facts, parent) as span:
        yield Step(span, _now.redact)


@contextmanager
def span_step(name: str, given: object = None, **facts: Any) -> Iterator[Step]:
    """Any further step: reading, resolving, writing."""
    with _current(name, Kind.CHAIN, given, facts) as span:
        yield Step(span, _now.redact)


@contextmanager
def span_retrieval(question: str, **facts: Any) -> Iterator[RetrievalSpan]:
    """The search for passages; tell what it found with documents()."""
    with _current("retrieval", Kind.RETRIEVER, question, facts) as span:
        yield RetrievalSpan(span, _now.redact)


@contextmanager
def span_query(name: str, *, store: str, given: object = None, **facts: Any) -> Iterator[Step]:
    """One round trip to the graph store; ``name`` is the operation, as "search"."""
    named = {"db.system.name": store, "db.operation.name": name}
    with _leaf(f"{store} {name}", Kind.CHAIN, given, {**named, **facts}) as span:
        yield Step(span, _now.redact)


@contextmanager
def span_model(
    name: str,
    *,
    model: str,
    provider: str,
    system: str = "",
    user: str = "",
    prompt_version: str = "",
    parameters: Mapping[str, object] | None = None,
) -> Iterator[ModelSpan]:
    """One call of a model; tell what came back with answered()."""
    with _leaf(name, Kind.LLM, user, {}) as span:
        made = ModelSpan(span, _now.redact)
        if span.is_recording():
            made.asked(model, provider, system, user, prompt_version, parameters or {})
        yield made


def current() -> Step:
    """The innermost open span, as of a request that the server opened for its handler."""
    return Step(trace.get_current_span(), _now.redact)


def trace_ids() -> tuple[str, str]:
    """Ids of the current trace and span in hexadecimal digits; empty outside of one."""
    context = trace.get_current_span().get_span_context()
    if context == INVALID_SPAN_CONTEXT or not context.is_valid:
        return "", ""
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)


def outgoing() -> dict[str, str]:
    """The current trace as W3C headers (traceparent, tracestate), for whom we call."""
    headers: dict[str, str] = {}
    _W3C.inject(headers)
    return headers


def arrived(headers: Mapping[str, str]) -> Context | None:
    """The trace that W3C headers tell of, as a parent; None where they tell of none."""
    context = _W3C.extract({key.lower(): value for key, value in headers.items()}, Context())
    return context if trace.get_current_span(context).get_span_context().is_valid else None


def to_sqs() -> dict[str, dict[str, str]]:
    """The current trace as MessageAttributes of an SQS message."""
    return {
        name: {"DataType": "String", "StringValue": value} for name, value in outgoing().items()
    }


def from_sqs(message: Mapping[str, Any]) -> Context | None:
    """The trace that a received SQS message belongs to; ask SQS for MessageAttributeNames All.

    None for a message that S3 wrote: it knows of no trace, and the document's begins here.
    """
    attributes = message.get("MessageAttributes") or {}
    return arrived({name: str(one.get("StringValue", "")) for name, one in attributes.items()})


def carry(function: Callable[..., T]) -> Callable[..., T]:
    """The function as a thread of a pool must call it, to stay in the trace of now.

    For one call at a time: each task of a pool needs its own carry().
    """
    context = copy_context()
    return lambda *args, **kwargs: context.run(function, *args, **kwargs)


def keep(steps: Iterable[T]) -> Iterator[T]:
    """The same items, each made in the context of now, whichever thread asks for it.

    A streamed answer needs this: the server asks for each part from another thread.
    """
    context = copy_context()
    iterator = iter(steps)
    end = object()
    try:
        while (item := context.run(next, iterator, end)) is not end:
            yield item  # type: ignore[misc]  # everything but the mark of the end is a T
    finally:
        # A reader who went away: the steps end in their own context, too.
        if close := getattr(iterator, "close", None):
            context.run(close)


@contextmanager
def _current(
    name: str, kind: Kind, given: object, facts: Mapping[str, Any], parent: Context | None = None
) -> Iterator[trace.Span]:
    with (
        _leaf(name, kind, given, facts, parent) as span,
        trace.use_span(span, record_exception=False, set_status_on_exception=False),
    ):
        yield span


@contextmanager
def _leaf(
    name: str, kind: Kind, given: object, facts: Mapping[str, Any], parent: Context | None = None
) -> Iterator[trace.Span]:
    """A span that is not made the current one: nothing will be below it."""
    now = _now
    span = now.tracer.start_span(name, parent)
    if span.is_recording():
        span.set_attribute(Name.OPENINFERENCE_SPAN_KIND, kind.value)
        if given is not None:
            span.set_attribute(Name.INPUT_VALUE, now.redact(given))
        span.set_attributes(figures(facts))
    try:
        yield span
    except GeneratorExit:
        raise  # a reader who went away is no error
    except BaseException as error:
        # The message may quote a document; the reason is one of our own words.
        reason = getattr(error, "reason", "")
        span.set_status(StatusCode.ERROR, f"{type(error).__name__} {reason}".strip())
        raise
    finally:
        span.end()
