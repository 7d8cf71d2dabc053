"""Log lines: one JSON object each, with the ids of the trace that they belong to."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TextIO

from knowledgeweaver.telemetry.redact import as_text
from knowledgeweaver.telemetry.traces import trace_ids

log = logging.getLogger("knowledgeweaver.request")

#: The longest message of an error; more would be somebody's document.
MESSAGE = 300
FRAMES = 12


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON; ``extra={"fields": {...}}`` become its members."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace_id, span_id = trace_ids()
        if trace_id:
            line |= {"trace_id": trace_id, "span_id": span_id}
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return as_text(json.dumps(line, ensure_ascii=False, default=str))


def _error(error: BaseException) -> dict[str, object]:
    """An error and where it came from.

    Not as Python prints it: the alarm on tasks that die counts the words that such a print begins
    with, and an error that was caught killed nobody.
    """
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "type": type(error).__name__,
        "message": str(error)[:MESSAGE],
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def start(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Write all log lines of the process as JSON; the server's own go the same way.

    Start uvicorn with ``log_config=None`` and ``access_log=False`` for that.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These write a line for each call of theirs.
    for name in ("httpx", "httpcore", "botocore", "urllib3", "neo4j"):
        logging.getLogger(name).setLevel(logging.WARNING)


def request(method: str, route: str, status: int, started: float, **fields: object) -> None:
    """The one line of a request. ``route`` is the pattern, not the path, which may hold names.

    ``started`` is time.perf_counter() at its beginning; ``fields`` may hold embedded() metrics.
    """
    line = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        **fields,
    }
    log.info("request", extra={"fields": line})
