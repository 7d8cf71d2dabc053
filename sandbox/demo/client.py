"""A client that never stops calling, to see whether a rollout can be felt."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import httpx


class SteadyClient:
    """Calls an address about ten times a second from a thread; counts what failed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._call, daemon=True)
        self.total = 0
        self.failed: list[str] = []
        self.versions: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(15)

    def _call(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._stop.is_set():
                try:
                    answer = client.get(f"{self._url}/version")
                    if answer.status_code == 200:
                        tree = str(answer.json()["tree"])
                        if not self.versions or self.versions[-1] != tree:
                            self.versions.append(tree)
                    else:
                        self.failed.append(f"{answer.status_code} {answer.text[:80]}")
                except httpx.HTTPError as error:
                    self.failed.append(f"{type(error).__name__}: {error}")
                self.total += 1
                time.sleep(0.1)
