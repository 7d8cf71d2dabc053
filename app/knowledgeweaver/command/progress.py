"""How far a command is, on one line of a terminal; nothing where nobody looks."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self, TextIO

WIDTH = 30


class Progress:
    """A bar for ``total`` things, taken one after the other."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total, self._stream = total, stream or sys.stderr
        self._begun = 0
        self._shown = self._stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def next(self, name: str) -> None:
        """The next thing begins."""
        done, self._begun = self._begun, self._begun + 1
        if self._shown:
            full = WIDTH * done // max(1, self._total)
            bar = "█" * full + "·" * (WIDTH - full)
            self._stream.write(f"\r\033[K{bar} {self._begun}/{self._total} {name[-40:]}")
            self._stream.flush()
