"""Logs, metrics and traces as the environment says, in one call at the process's start."""

from __future__ import annotations

from knowledgeweaver.telemetry import logs, metrics, traces
from knowledgeweaver.telemetry.settings import TelemetrySettings
from knowledgeweaver.telemetry.traces import Tracing


def start(settings: TelemetrySettings) -> Tracing:
    """Begin; stop() of what is returned sends the last spans, before the process ends."""
    logs.start(settings.kw_log_level)
    metrics.start(settings.kw_environment if settings.kw_metrics else "")
    return traces.start(settings)
