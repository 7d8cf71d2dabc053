"""Take every secret out of the environment that this process was started with.

The first environment of a process stays readable in ``/proc/<pid>/environ`` for as long as it
lives, whatever it does to its own variables (proc_pid_environ(5)), and a plan's expressions can
read files. So the process starts itself anew with a listed environment, hands itself the rest
through a file without a name, and then may not be looked into by its children (PR_SET_DUMPABLE,
prctl(2)).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import IO

from pipeline.adapters.child import child_environment

_HANDED = "PIPELINE_HANDED_ON"
_TELLING = ("TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "AUTH")
_PR_SET_DUMPABLE = 4


def withdraw() -> None:
    """Start anew without secrets in the environment, or take them over when that has happened.

    Costs one start of Python, and only where a variable's name says that it may be secret.
    """
    handed = os.environ.pop(_HANDED, "")
    if handed:
        with os.fdopen(int(handed), encoding="utf-8") as file:
            os.environ.update(json.load(file))
        _not_dumpable()
        return
    kept = child_environment(os.environ, "PYTHON")
    rest = {name: value for name, value in os.environ.items() if name not in kept}
    if not any(word in name.upper() for name in rest for word in _TELLING):
        return
    nameless = _nameless()
    nameless.write(json.dumps(rest).encode())
    nameless.flush()
    nameless.seek(0)
    os.set_inheritable(nameless.fileno(), True)
    again = kept | {_HANDED: str(nameless.fileno())}
    os.execve(sys.executable, sys.orig_argv, again)  # noqa: S606 - this very command


def _nameless() -> IO[bytes]:
    """A file in memory, else one on the disk whose name is gone already."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("environment"), "w+b")
    return tempfile.TemporaryFile()


def _not_dumpable() -> None:
    """Let no other process of this user read this one's memory, where the system knows how."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
