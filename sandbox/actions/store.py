"""Keeps runs on disk, so that a restarted sandbox still shows what happened."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pydantic import TypeAdapter

from sandbox.actions.model import Artifact, Conclusion, Status, WorkflowRun

_RUN = TypeAdapter(WorkflowRun)

#: Where Linux keeps files in memory, and the bytes that have to be free there for jobs' folders.
MEMORY = Path("/dev/shm")  # noqa: S108 - used by way of mkdtemp only
NEEDED = 1 << 30
#: How folders there begin; their process's number follows.
PREFIX = "knowledgeweaver-"


class Store:
    """Files below one folder: ``runs/<id>.json``, ``logs/``, ``artifacts/``, ``work`` (a link)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "runs").mkdir(parents=True, exist_ok=True)
        self.remove_work()
        self._work = _made(folder / "work")

    def save(self, run: WorkflowRun) -> None:
        """Write a run; a reader never sees half of it."""
        path = self.folder / "runs" / f"{run.id}.json"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(_RUN.dump_json(run))
        fresh.replace(path)

    def load(self) -> dict[int, WorkflowRun]:
        """All runs; one the last engine left unfinished is told as cancelled."""
        runs = (_RUN.validate_json(p.read_bytes()) for p in (self.folder / "runs").glob("*.json"))
        return {run.id: _ended(run) for run in runs}

    def logs(self, run: int, attempt: int, job: int) -> Path:
        """Folder of a job's logs."""
        return self.folder / "logs" / str(run) / str(attempt) / str(job)

    def work(self, job: int) -> Path:
        """Folder a job runs in."""
        return self._work / str(job)

    def ended(self, job: int) -> None:
        """Remove a job's folder."""
        shutil.rmtree(self.work(job), ignore_errors=True)

    def remove_work(self) -> None:
        """Remove what jobs have left, also those of an engine that was killed."""
        work = self.folder / "work"
        shutil.rmtree(work.resolve(), ignore_errors=True)
        if work.is_symlink():
            work.unlink()

    def artifact_folder(self, run: int) -> Path:
        """Folder of a run's artifacts: ``<attempt>/<name>.zip``."""
        return self.folder / "artifacts" / str(run)

    def artifacts(self, run: int) -> list[Artifact]:
        """A run's artifacts; those of later attempts hide earlier ones of the same name."""
        newest: dict[str, Path] = {}
        attempts = self.artifact_folder(run).glob("*")
        for attempt in sorted(attempts, key=lambda path: int(path.name)):
            newest |= {file.stem: file for file in sorted(attempt.glob("*.zip"))}
        return [_artifact(run, name, file) for name, file in newest.items()]


def _made(work: Path) -> Path:
    """The folder of jobs' folders: in memory, with a link to it, where the machine offers that.

    Each job makes and removes some thousand files (its checkouts, and act's copy of them). An ext4
    without a journal then takes several times as long to make the next ones: it looks past every
    inode that was deleted in the last minutes.
    """
    if not _offers(MEMORY):
        work.mkdir(exist_ok=True)
        return work
    _sweep(MEMORY)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY))
    work.symlink_to(made)
    return made


def _sweep(memory: Path) -> None:
    """Remove what killed engines have left, also those whose state folder is gone."""
    for left in memory.glob(f"{PREFIX}*"):
        process = left.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(FileNotFoundError):  # another engine removes it at this moment
            mine = left.stat(follow_symlinks=False).st_uid == os.getuid()
            if mine and process.isdigit() and not psutil.pid_exists(int(process)):
                shutil.rmtree(left, ignore_errors=True)


def _offers(memory: Path) -> bool:
    """Whether programs can be written there and run from there, and there is room for them."""
    try:
        about = os.statvfs(memory)
    except OSError:  # no such thing on this platform
        return False
    room = about.f_bavail * about.f_frsize >= NEEDED
    return room and not about.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK)


def _artifact(run: int, name: str, file: Path) -> Artifact:
    stat = file.stat()
    number = int(hashlib.sha256(str(file).encode()).hexdigest()[:12], 16)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    at = datetime.fromtimestamp(stat.st_mtime, UTC)
    return Artifact(number, run, name, stat.st_size, f"sha256:{digest}", file, at)


def _ended(run: WorkflowRun) -> WorkflowRun:
    if run.status is Status.COMPLETED:
        return run
    jobs = tuple(
        job
        if job.status is Status.COMPLETED
        else replace(job, status=Status.COMPLETED, conclusion=Conclusion.CANCELLED)
        for job in run.jobs
    )
    return replace(
        run,
        status=Status.COMPLETED,
        conclusion=Conclusion.CANCELLED,
        jobs=jobs,
        message="The sandbox was stopped while this run was under way.",
    )
