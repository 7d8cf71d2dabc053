"""Ends what the jobs started as soon as their engine is gone, however it went.

act ends its steps when it is told to. But an engine that was killed takes the other end of act's
output with it, and "a write to a broken pipe on file descriptors 1 or 2 will cause the program to
exit with a SIGPIPE signal" (Go, package os/signal), which on a busy machine came first. So one
process beside the engine knows the home folder of every job, which all that the job starts has in
its environment, and reads a pipe that ends with the engine.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

#: Seconds after which a process that does not die of SIGKILL is left to the kernel.
PATIENCE = 10.0


class Guardian:
    """The engine's side: tells the process beside it which jobs have begun and ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1  # its writing end

    def begun(self, home: Path) -> None:
        """From now on whatever has this home ends with this process."""
        self._tell("begun", home)

    def ended(self, home: Path) -> None:
        """The job is over; its runner sees to what it left."""
        self._tell("ended", home)

    def _tell(self, word: str, home: Path) -> None:
        with self._lock:
            if self._process is None:
                reading, self._pipe = os.pipe()
                self._process = subprocess.Popen(
                    [sys.executable, "-P", __file__], stdin=reading, start_new_session=True
                )
                os.close(reading)
            with contextlib.suppress(BrokenPipeError):  # somebody ended it; the jobs go on
                os.write(self._pipe, f"{word} {home}\n".encode())


def end(homes: set[str]) -> None:
    """Kill every process with one of these homes, and what they start meanwhile."""
    found, until = True, time.monotonic() + PATIENCE
    while found and time.monotonic() < until:
        found = False
        for process in psutil.process_iter(["environ", "status"]):
            dead = process.info["status"] == psutil.STATUS_ZOMBIE
            if not dead and (process.info["environ"] or {}).get("HOME") in homes:
                found = True
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(0.05)


def main() -> None:
    """Read ``begun`` and ``ended`` with a home folder, one a line, until the engine is gone."""
    homes: set[str] = set()
    for line in sys.stdin:
        word, _, home = line.rstrip("\n").partition(" ")
        (homes.add if word == "begun" else homes.discard)(home)
    if homes:
        end(homes)


if __name__ == "__main__":
    main()
