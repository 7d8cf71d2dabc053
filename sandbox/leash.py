"""Keep a Python module on a leash: it ends when whoever started it ends, however that happens.

Run as ``python -m sandbox.leash MODULE ARGUMENTS…`` by :mod:`sandbox.supervisor`. The starter keeps
the writing end of a pipe open; its end of file means that the starter is gone, even after SIGKILL
and on systems without a parent-death signal. Linux's ``PR_SET_PDEATHSIG`` (prctl(2)) is set as well
because it also reaches a process whose threads are stuck.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

#: Environment variable with the number of the pipe's reading end.
LEASH = "SANDBOX_LEASH_FD"
#: Seconds between the polite signal and the end of the whole process group.
GRACE = 15.0
_PR_SET_PDEATHSIG = 1


def hold() -> None:
    """Tie this process to its starter; does nothing where it was started without a leash."""
    number = os.environ.pop(LEASH, None)
    if number is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.set_inheritable(int(number), False)
    threading.Thread(target=_watch, args=(int(number),), name="leash", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    hold()
    module, sys.argv[1:] = sys.argv[1], sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
