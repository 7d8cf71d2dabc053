"""Lines of a container into CloudWatch Logs, as its ``awslogs`` configuration says."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from sandbox.ecs.backends import Backends

LONGEST = 256 * 1024  # bytes of one log event at CloudWatch Logs


class LogPump:
    """Reads a stream to its end and writes each line as a log event, and into a local file."""

    def __init__(
        self,
        stream: IO[bytes],
        definition: Mapping[str, Any],
        task: str,
        backends: Backends,
        copy: Path,
    ) -> None:
        self._stream = stream
        self._backends = backends
        self._copy = copy
        options = _awslogs(definition)
        self.group = options.get("awslogs-group")
        # AWS ("Send Amazon ECS logs to CloudWatch"): prefix-name/container-name/ecs-task-id
        prefix = options.get("awslogs-stream-prefix")
        name = f"{prefix}/{definition['name']}/{task}" if prefix else task
        self.stream_name = name
        self._thread = threading.Thread(target=self._run, name=f"logs-{task[:8]}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait until the last line is written."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with self._copy.open("ab") as copy:
            for raw in iter(lambda: self._stream.readline(LONGEST), b""):
                copy.write(raw)
                copy.flush()
                self.put(raw.decode("utf-8", "replace").rstrip("\n"))

    def put(self, line: str) -> None:
        """Write one line as an event."""
        if not self.group or not line:
            return
        event = {"timestamp": int(time.time() * 1000), "message": line}
        logs = self._backends.logs
        # A group deleted under a running task loses its lines at AWS too.
        with contextlib.suppress(Exception):
            if self.stream_name not in logs.groups[self.group].streams:
                logs.create_log_stream(self.group, self.stream_name)
            logs.put_log_events(self.group, self.stream_name, [event])


def _awslogs(definition: Mapping[str, Any]) -> dict[str, str]:
    configuration = definition.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return {}
    return {str(k): str(v) for k, v in (configuration.get("options") or {}).items()}
