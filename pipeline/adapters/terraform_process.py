"""Start terraform, read its JSON lines, and pass an interrupt on so that it can write its state.

Terraform runs in a session of its own: Ctrl-C on a terminal and a runner that signals the process
group reach only us. The first SIGINT or SIGTERM is passed on as one SIGINT, after which Terraform
finishes what is under way, writes the state and releases the lock. A second one is never passed
on: Terraform would exit at once and lose state (internal/command/meta.go, "Two interrupts
received"), and GitHub sends SIGTERM 7.5 s after SIGINT when a run is cancelled.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline.domain.nested import parse_json
from pipeline.errors import failure

JsonLine = dict[str, Any]
OnLine = Callable[[JsonLine], None]

#: Process ids of the terraforms that were not interrupted yet.
_running: set[int] = set()
_interrupted = threading.Event()


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run: exit code, JSON lines' diagnostics and types, other output as text."""

    code: int
    diagnostics: tuple[JsonLine, ...]
    text: str
    kinds: frozenset[str]

    @property
    def document(self) -> dict[str, Any]:
        """The text as JSON, empty where there is none; numbers may be rounded."""
        try:
            found: dict[str, Any] = parse_json(self.text) if self.text.strip() else {}
        except ValueError as error:
            raise failure("terraform", f"What Terraform wrote cannot be read: {error}.") from None
        return found


def _forward(_signal: int, _frame: FrameType | None) -> None:
    first = not _interrupted.is_set()
    _interrupted.set()
    if first:
        for pid in tuple(_running):
            _interrupt(pid)


def _interrupt(pid: int) -> None:
    """Send SIGINT, once for each process, whichever thread comes first."""
    try:
        _running.remove(pid)  # in one step: only one of those who try succeeds
    except KeyError:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)


@contextlib.contextmanager
def interrupts() -> Iterator[None]:
    """Pass SIGINT and SIGTERM on to terraform while the block runs; afterwards ``interrupted``.

    Only the main thread may set handlers; a worker thread relies on the main thread's block.
    Nested blocks are fine: only the outermost does anything.
    """
    if threading.current_thread() is not threading.main_thread() or (
        signal.getsignal(signal.SIGINT) is _forward
    ):
        yield
        return
    _interrupted.clear()
    before = {s: signal.signal(s, _forward) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    raise_if_interrupted()


def raise_if_interrupted() -> None:
    """Raise ``interrupted`` when a signal came inside the current :func:`interrupts` block."""
    if _interrupted.is_set():
        raise failure(
            "interrupted",
            "Interrupted; Terraform was given the time to write its state and release its lock.",
            remedy="Run the same command again to finish what is left.",
        )


def run(
    argv: Sequence[str | Path],
    cwd: Path,
    environ: Mapping[str, str],
    on_line: OnLine | None = None,
    *,
    messages: bool = True,
) -> Ran:
    """Run to the end and return what came; lines that are no messages become ``text``.

    Without ``messages`` all output is text: ``show -json`` is one line of many megabytes.
    """
    diagnostics: list[JsonLine] = []
    kinds: set[str] = set()
    text: list[str] = []
    with interrupts(), tempfile.TemporaryFile("w+", errors="replace") as errors:
        raise_if_interrupted()
        process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _running.add(process.pid)
        if _interrupted.is_set():  # the signal came too early to find this process
            _interrupt(process.pid)
        try:
            assert process.stdout is not None  # noqa: S101 - PIPE above
            for line in process.stdout:
                found = _parse(line) if messages else None
                if found is None:
                    text.append(line)
                    continue
                kinds.add(str(found["type"]))
                if isinstance(found.get("diagnostic"), dict):
                    diagnostics.append(found["diagnostic"])
                if on_line is not None:
                    on_line(found)
            code = process.wait()
        except BaseException:
            # an error of ours must not leave an apply alone with the lock
            _interrupt(process.pid)
            process.wait()
            raise
        finally:
            _running.discard(process.pid)
        errors.seek(0)
        text.append(errors.read())
        if code < 0:
            text.append(f" It was killed by signal {-code}.")
    return Ran(code, tuple(diagnostics), "".join(text), frozenset(kinds))


def _parse(line: str) -> JsonLine | None:
    if not line.startswith("{"):
        return None
    try:
        found = parse_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "type" in found else None
