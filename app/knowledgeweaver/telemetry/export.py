"""How spans leave the process: in the background, in batches, and never at a request's cost.

A collector that is away, slow or refuses costs spans and nothing else: the queue is bounded, the
sender is a thread of its own, and its trouble is one log line when it begins and one when it ends.
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from knowledgeweaver.telemetry import metrics
from knowledgeweaver.telemetry.settings import TelemetrySettings

log = logging.getLogger(__name__)

#: Seconds that sending one batch may take, with all its retries.
SEND_SECONDS = 10.0
#: Spans that wait at most. A span with ten passages of 2,000 characters is about 25 kB.
QUEUE = 1024
BATCH = 128
#: Milliseconds until a span is sent at the latest.
DELAY_MS = 1000


class Quiet(SpanExporter):
    """An exporter whose trouble is told once, not for every batch."""

    def __init__(self, to: str, inner: SpanExporter) -> None:
        self._to = to
        self._inner = inner
        self._failing = False
        self.lost = 0  # spans that did not arrive

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; a failure is counted."""
        try:
            result = self._inner.export(spans)
        except Exception as error:
            # whatever the library stumbles over, the thread that sends must go on
            result = SpanExportResult.FAILURE
            log.warning("traces to %s: %s", self._to, type(error).__name__)
        failed = result is not SpanExportResult.SUCCESS
        if failed:
            self.lost += len(spans)
            metrics.emit({"SpansLost": len(spans)})
        if failed and not self._failing:
            log.warning("traces do not reach %s; requests go on without them", self._to)
        if self._failing and not failed:
            log.info("traces reach %s again; %d spans were lost", self._to, self.lost)
        self._failing = failed
        return result

    def shutdown(self) -> None:
        """Send nothing more."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return True


def processors(settings: TelemetrySettings) -> list[SpanProcessor]:
    """One sender for each place that traces go to; none where the settings name none."""
    # The library writes a line (and a traceback) for every batch; Quiet says it once.
    for name in ("opentelemetry.exporter", "opentelemetry.sdk._shared_internal"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    made: list[SpanProcessor] = []
    if settings.phoenix:
        key = settings.phoenix_api_key.get_secret_value()
        url = f"{settings.phoenix_collector_endpoint.rstrip('/').removesuffix('/v1/traces')}"
        headers = {"authorization": f"Bearer {key}"} if key else {}
        made.append(_sender("Phoenix", f"{url}/v1/traces", headers))
    if settings.langfuse:
        login = ":".join(
            key.get_secret_value().strip()
            for key in (settings.langfuse_public_key, settings.langfuse_secret_key)
        )
        headers = {
            "authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "x-langfuse-ingestion-version": "4",
        }
        url = f"{settings.langfuse_host.rstrip('/')}/api/public/otel/v1/traces"
        made.append(_sender("Langfuse", url, headers))
    return made


def _sender(to: str, url: str, headers: dict[str, str]) -> SpanProcessor:
    exporter = OTLPSpanExporter(
        endpoint=url, headers=headers, timeout=SEND_SECONDS, compression=Compression.Gzip
    )
    return BatchSpanProcessor(
        Quiet(to, exporter),
        max_queue_size=QUEUE,
        max_export_batch_size=BATCH,
        schedule_delay_millis=DELAY_MS,
    )


def stop(senders: Sequence[SpanProcessor], seconds: float) -> bool:
    """Send what waits, for so many seconds at most; False when some was left."""
    # The library's own shutdown waits 30 seconds for each sender, longer than ECS waits for us.
    threads = [threading.Thread(target=sender.shutdown, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds / max(1, len(threads)))
    return not any(thread.is_alive() for thread in threads)
