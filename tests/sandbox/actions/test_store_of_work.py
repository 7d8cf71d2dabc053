"""The folders that jobs ran in: the last ones stay, and none outlives its engine."""

from __future__ import annotations

from pathlib import Path

from sandbox.actions import store


def used(made: store.Store, job: int) -> None:
    folder = made.work(job)
    folder.mkdir(parents=True)
    (folder / "file").touch()
    made.ended(job)


def test_the_folders_of_the_last_jobs_stay_until_the_engine_stops(tmp_path: Path) -> None:
    made = store.Store(tmp_path)
    for job in range(store.KEPT + 2):
        used(made, job)
    there = {int(folder.name) for folder in (tmp_path / "work").iterdir()}
    assert there == {*range(2, store.KEPT + 2)}
    made.remove_work()
    assert not (tmp_path / "work").exists()


def test_what_a_killed_engine_left_is_removed_by_the_next(tmp_path: Path) -> None:
    used(store.Store(tmp_path), 1)
    store.Store(tmp_path)
    assert not (tmp_path / "work").exists()
