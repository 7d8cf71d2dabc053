"""The folders that jobs run in: in memory where there is room, and none outlives its job."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.actions import store


@pytest.fixture(params=["memory", "disk"])
def memory(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in for the machine's memory, with room or without."""
    folder = tmp_path / "memory"
    if request.param == "memory":
        folder.mkdir()
    monkeypatch.setattr(store, "MEMORY", folder)
    return folder


def used(made: store.Store, job: int) -> Path:
    folder = made.work(job)
    folder.mkdir(parents=True)
    (folder / "file").touch()
    return folder


def test_a_jobs_folder_goes_with_the_job(tmp_path: Path, memory: Path) -> None:
    made = store.Store(tmp_path / "state")
    folder, other = used(made, 1), used(made, 2)
    assert memory.is_dir() == folder.is_relative_to(memory)
    made.ended(1)
    assert not folder.exists()
    assert other.exists()
    made.remove_work()
    assert left(tmp_path) == []


def test_what_a_killed_engine_left_is_removed_by_the_next(tmp_path: Path, memory: Path) -> None:
    folder = used(store.Store(tmp_path / "state"), 1)
    after = store.Store(tmp_path / "state")
    assert not folder.exists()
    used(after, 1)
    after.remove_work()
    assert left(tmp_path) == []


def test_what_a_killed_engine_left_in_memory_is_removed_by_any_other(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    alive = used(store.Store(tmp_path / "another"), 1)
    with monkeypatch.context() as killed:
        killed.setattr(os, "getpid", lambda: ended.pid)
        folder = used(store.Store(tmp_path / "gone"), 1)
    store.Store(tmp_path / "state")
    assert folder.exists() == (not memory.is_dir())
    assert alive.exists()


def test_a_memory_without_room_is_not_used(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "NEEDED", 1 << 60)
    assert used(store.Store(tmp_path / "state"), 1) == tmp_path / "state" / "work" / "1"


def left(folder: Path) -> list[Path]:
    """All that is neither a folder of the store's own nor the memory itself."""
    own = {folder / "state", folder / "state" / "runs", folder / "memory"}
    return [path for path in folder.rglob("*") if path not in own]
