"""A container's health check, run for real.

AWS (API_HealthCheck): ``interval`` 5-300 s (default 30), ``timeout`` 2-60 s (default 5),
``retries`` 1-10 (default 3), ``startPeriod`` 0-300 s (default 0), in which failures do not count;
a success ends the start period.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.ecs.pace import Pace
from sandbox.ecs.spawn import signal_group, spawn


class ContainerHealth:
    """UNKNOWN until the first verdict, then HEALTHY or UNHEALTHY."""

    def __init__(
        self, check: Mapping[str, Any], cwd: Path, env: Mapping[str, str], pace: Pace
    ) -> None:
        self._command = argv(check["command"])
        self._cwd, self._env = cwd, env
        interval = float(check.get("interval") or 30)
        self._interval, self._settled = pace.interval(interval), pace.settled_interval(interval)
        self._timeout = float(check.get("timeout") or 5)
        self._retries = int(check.get("retries") or 3)
        self._start = pace.start_period(float(check.get("startPeriod") or 0))
        self._ended = threading.Event()
        self.status = "UNKNOWN"
        self._thread = threading.Thread(target=self._run, name="container-health", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        begun, failures, seen = time.monotonic(), 0, False
        pause = self._interval
        while not self._ended.wait(pause):
            if self._once():
                failures, seen, self.status = 0, True, "HEALTHY"
                pause = self._settled
                continue
            pause = self._interval
            if not seen and time.monotonic() - begun < self._start:
                continue
            failures += 1
            if failures >= self._retries and not self._ended.is_set():
                self.status = "UNHEALTHY"

    def _once(self) -> bool:
        try:
            process = spawn(self._command, cwd=self._cwd, env=self._env, stdout=subprocess.DEVNULL)
        except OSError:
            return False
        try:
            return process.wait(self._timeout) == 0
        except subprocess.TimeoutExpired:
            signal_group(process, signal.SIGKILL)
            process.wait()
            return False


def argv(command: Sequence[str]) -> list[str]:
    """``CMD`` runs the arguments, ``CMD-SHELL`` (or one bare string) runs a shell."""
    if command[0] == "CMD":
        return list(command[1:])
    if command[0] == "CMD-SHELL":
        return ["/bin/sh", "-c", " ".join(command[1:])]
    return ["/bin/sh", "-c", " ".join(command)]
