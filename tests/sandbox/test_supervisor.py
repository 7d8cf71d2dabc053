"""Who may supervise a sandbox's folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox import supervisor as module
from sandbox.layout import Layout, take_lock
from sandbox.supervisor import TAKEN, Options, Supervisor


def supervised(root: Path) -> int:
    """The exit code of a supervisor of no servers, which is told to stop before it starts."""
    supervisor = Supervisor(Options(root, only=()))
    supervisor.stop_asked.set()
    return supervisor.run()


def test_who_only_asks_whether_the_folder_is_taken_keeps_no_supervisor_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = take_lock(Layout(tmp_path).lock)
    assert asking is not None

    def asked(_seconds: float) -> None:
        os.close(asking)

    monkeypatch.setattr(module.time, "sleep", asked)
    assert supervised(tmp_path) == 0


def test_a_folder_has_one_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_LIMIT", 0.1)
    other = take_lock(Layout(tmp_path).lock)
    assert other is not None
    assert supervised(tmp_path) == TAKEN
    os.close(other)
    assert supervised(tmp_path) == 0
