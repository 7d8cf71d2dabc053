"""EBS snapshots of the graph store's volumes hold what lies in the volumes' folders.

"Snapshots … capture the data that has been written to your volume at the time the snapshot command
is issued" and "a volume created from a snapshot begins as an exact replica of the original volume"
(Amazon EBS user guide). A server that runs is stopped in its tracks while its folder is copied, so
a snapshot is of one moment; the restored database recovers as after a loss of power.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from moto.ec2.models.elastic_block_store import EBSBackend

_PLACE = "create_snapshot"


class Snapshots:
    """Copies folders when moto makes snapshots; ``running`` tells a volume's server process."""

    def __init__(self, folder: Path, running: Callable[[str], int | None]) -> None:
        self._folder, self._running = folder, running
        self._original: Any = None

    def start(self) -> None:
        """From now on every snapshot that moto makes holds its volume's files."""
        original = self._original = getattr(EBSBackend, _PLACE)

        @functools.wraps(original)
        def create(backend: Any, volume_id: str, *given: Any, **more: Any) -> Any:
            snapshot = original(backend, volume_id, *given, **more)
            self._copy(volume_id, str(snapshot.id))
            return snapshot

        setattr(EBSBackend, _PLACE, create)

    def stop(self) -> None:
        if self._original is not None:
            setattr(EBSBackend, _PLACE, self._original)

    def fill(self, volume: str, snapshot: str | None) -> None:
        """Give a new volume what is in the snapshot that it was made from."""
        if snapshot and (self._folder / snapshot).is_dir() and not (self._folder / volume).exists():
            shutil.copytree(self._folder / snapshot, self._folder / volume)

    def _copy(self, volume: str, snapshot: str) -> None:
        if not (self._folder / volume).is_dir():
            return
        with ExitStack() as held:
            process = self._running(volume)
            if process is not None and psutil.pid_exists(process):
                server = psutil.Process(process)
                server.suspend()
                held.callback(server.resume)
            # A lock of the running server would be a stale one in the copy.
            ignore = shutil.ignore_patterns("run", "store_lock", "database_lock")
            shutil.copytree(self._folder / volume, self._folder / snapshot, ignore=ignore)
