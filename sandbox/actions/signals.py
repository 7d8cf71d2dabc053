"""How a cancelled step is told to end, as GitHub's runner tells it.

Sources: docs.github.com, "Workflow cancellation reference" (SIGINT "to the step's entry process",
SIGTERM after 7.5 s, the end 2.5 s later); actions/runner, ``ProcessInvoker.cs`` (``kill`` goes to
that one process and not to its group; the whole tree is killed only if it outlives both signals)
and ``JobExtension.cs`` (what is left is killed when the job ends).

So a shell that runs a program gets the signal and the program does not, unless the shell became the
program by ``exec``.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Container, Iterable
from pathlib import PurePath

import psutil

from sandbox.actions.jobfile import WAITS

#: Seconds to wait after each signal.
INTERRUPT_SECONDS = 7.5
TERMINATE_SECONDS = 2.5


class Stopper:
    """Ends the steps of one job; ``act`` is the process id of its act."""

    def __init__(self, act: int) -> None:
        self._act = act
        self._told: set[psutil.Process] = set()
        self._family: set[psutil.Process] = set()

    def stop(self, step: str, *, action: bool) -> None:
        """Tell the entry process of the step with this key to end, and see that it does."""
        self.look()
        entries = self._entries({step, ""} if action else {step})
        stages = (signal.SIGINT, INTERRUPT_SECONDS), (signal.SIGTERM, TERMINATE_SECONDS)
        for number, seconds in stages:
            for entry in entries:
                with contextlib.suppress(psutil.NoSuchProcess):
                    entry.send_signal(number)
            _, entries = psutil.wait_procs(entries, timeout=seconds)
            self.look()
        for entry in entries:
            kill([*_children(entry, recursive=True), entry])

    def look(self) -> None:
        """Remember what the job has started by now, to end it with the job."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family.update(_children(psutil.Process(self._act), recursive=True))

    def end(self) -> None:
        """Kill what is left of all that was seen."""
        kill(self._family)

    def _entries(self, scripts: Container[str]) -> list[psutil.Process]:
        """The entry process of the step: act's child, or that of our waiting shell."""
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in _children(psutil.Process(self._act)):
                # act may be at the next step before we have read that this one ended
                if child in self._told or _script(child) not in scripts:
                    continue
                inner = _children(child) if _waits(child) else [child]
                found += inner
                if inner:
                    self._told.add(child)
        return found


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to each that is still there."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _waits(process: psutil.Process) -> bool:
    return any(WAITS in word for word in _words(process))


def _script(process: psutil.Process) -> str:
    """Key of the step whose ``run`` script a process was given; empty for one without a script.

    act (``getScriptName`` in ``step_run.go``) writes it to ``workflow/<key>``, and that of a
    composite action's inner step to ``workflow/<key>-composite-<inner key>``.
    """
    for path in map(PurePath, _words(process)[-1:]):
        if path.parent.name == "workflow":
            return path.stem.partition("-composite-")[0]
    return ""


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _children(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        return process.children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []
