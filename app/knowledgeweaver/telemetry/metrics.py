"""The application's figures, in one table that code, dashboard, alarms and docs share.

A metric is a member of a log line in CloudWatch's embedded metric format: CloudWatch Logs makes
metrics of the lines, and no request waits for a call to AWS. Only the standard library is needed
here, so that the tests of the dashboard can read the table.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

log = logging.getLogger("knowledgeweaver.metrics")

NAMESPACE = "KnowledgeWeaver"
#: Every metric has it; the values of further dimensions must stay few, each is a metric that costs.
ENVIRONMENT = "Environment"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure. ``dimensions`` are the sets, beside Environment, that it is kept by."""

    name: str
    unit: str  # one of CloudWatch's
    meaning: str
    dimensions: tuple[tuple[str, ...], ...] = ((),)


TABLE: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("Questions", "Count", "Questions that were asked"),
        Metric("Refusals", "Count", "Questions that the documents do not answer"),
        Metric("AnswerTime", "Milliseconds", "From a question to the end of its answer"),
        Metric("RetrievalTime", "Milliseconds", "The search for passages, within AnswerTime"),
        Metric("Documents", "Count", "Documents by what became of them", (("Status",),)),
        Metric("DocumentsFailed", "Count", "Documents that were not read", ((), ("Reason",))),
        Metric("DocumentTime", "Milliseconds", "From reading a document to the graph"),
        Metric("Chunks", "Count", "Chunks that were extracted"),
        Metric("ChunksFailed", "Count", "Chunks without an extraction", ((), ("Reason",))),
        Metric("ModelCalls", "Count", "Calls of a model, repairs included"),
        Metric("ModelFailures", "Count", "Calls that brought no answer", ((), ("Reason",))),
        Metric("ModelTime", "Milliseconds", "One call of a model, with botocore's retries"),
        Metric("ModelCacheHits", "Count", "Chunks whose extraction was there already"),
        Metric("InputTokens", "Count", "Tokens sent to models"),
        Metric("OutputTokens", "Count", "Tokens that models wrote"),
        Metric("ModelUsd", "None", "What the model calls cost, in US$"),
        Metric("StorePoolInUse", "Count", "Connections to the graph store in use"),
        Metric("StorePoolWaiting", "Count", "Threads that wait for such a connection"),
        Metric("QueueAge", "Seconds", "How long a message lay in the queue of uploads"),
        Metric("SpansLost", "Count", "Spans that no collector took"),
    )
}

_environment = ""


def start(environment: str) -> None:
    """Write metrics from now on, under this environment; empty: write none."""
    global _environment
    _environment = environment


def embedded(values: Mapping[str, float], **dimensions: str) -> dict[str, object]:
    """Members of a log line that CloudWatch makes metrics of; none where metrics are off.

    ``dimensions`` are the further ones, as Reason="encrypted". Raises KeyError for a metric that is
    not in the table, ValueError where a dimension that it needs is missing.
    """
    groups: dict[tuple[tuple[str, ...], ...], list[dict[str, str]]] = {}
    members: dict[str, object] = {}
    for name, value in values.items():
        metric = TABLE[name]
        sets = tuple(one for one in metric.dimensions if set(one) <= dimensions.keys())
        if not sets:
            raise ValueError(f"{name} wants {metric.dimensions}")
        if not math.isfinite(value):
            continue  # CloudWatch refuses the whole line
        groups.setdefault(sets, []).append({"Name": name, "Unit": metric.unit})
        members[name] = value
    if not _environment or not members:
        return {}
    used = {name for sets in groups for one in sets for name in one}
    return {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[ENVIRONMENT, *one] for one in sets],
                    "Metrics": metrics,
                }
                for sets, metrics in groups.items()
            ],
        },
        ENVIRONMENT: _environment,
        **{name: value for name, value in dimensions.items() if name in used},
        **members,
    }


def emit(values: Mapping[str, float], **dimensions: str) -> None:
    """Write metrics as a log line of their own, where no other line can carry them."""
    if members := embedded(values, **dimensions):
        log.info("metrics", extra={"fields": members})


class Gauges:
    """Figures looked at from time to time, as the use of a pool. A Background of api.py."""

    def __init__(self, read: Callable[[], Mapping[str, float]], seconds: float = 60.0) -> None:
        self._read = read
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gauges", daemon=True)

    def start(self) -> None:
        """Begin; return at once."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Write the figures no more."""
        self._end.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            try:
                emit(self._read())
            except Exception as error:
                log.warning("gauges cannot be read: %s", type(error).__name__)
