"""Wait for a Terraform that outlives the step that started it.

A cancelled job signals its step's first process only, and kills it ten seconds later (GitHub:
"Workflow cancellation reference"); Terraform, asked to stop, may need longer to store its state.
Whatever still runs at the end of the job is killed.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.adapters.child import child_environment

#: GitHub grants five minutes to the steps that run after a cancel.
LIMIT = 270.0
_PAUSE = 0.5


def running(folder: Path) -> list[str]:
    """Command lines of the Terraforms of this machine that apply a plan below a folder."""
    listed = subprocess.run(
        ["ps", "-Aww", "-o", "args="],
        capture_output=True,
        text=True,
        env=child_environment(os.environ),
    )
    return [
        line
        for line in listed.stdout.splitlines()
        if f"{folder}/" in line
        and any(word.rpartition("/")[2] == "terraform" for word in line.split())
    ]


def await_end(
    folder: Path, limit: float = LIMIT, *, alive: Callable[[Path], list[str]] = running
) -> bool:
    """Wait until none is left, at most ``limit`` seconds; False when one still runs then."""
    end = time.monotonic() + limit
    while alive(folder):
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True
