"""What became of a document, told as metrics and on its span."""

from __future__ import annotations

from collections import Counter

from knowledgeweaver.model import State, Version
from knowledgeweaver.telemetry import metrics
from knowledgeweaver.telemetry.spans import Step


def tell(version: Version, span: Step, seconds: float) -> None:
    """Tell that a version has ended, after so many seconds of work."""
    source = version.source
    failed = Counter(chunk.failed for chunk in version.chunks if chunk.failed)
    metrics.emit(
        {
            "Documents": 1,
            "DocumentTime": seconds * 1000,
            "Chunks": len(version.chunks) - failed.total(),
        },
        Status=source.state.value,
    )
    if source.state is State.FAILED:
        metrics.emit({"DocumentsFailed": 1}, Reason=source.reason)
        span.failed(source.reason)
    for reason, count in failed.items():
        metrics.emit({"ChunksFailed": count}, Reason=reason)
    span.note(
        **{"document.id": source.id, "document.state": source.state.value},
        chunks=len(version.chunks),
        entities=source.entities,
        usd=source.usage.usd,
    )
