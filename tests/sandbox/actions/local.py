"""A repository in a folder that hosts an engine: enough of GitHub to run real workflow files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.actions.engine import Engine
from sandbox.actions.model import EnvironmentRules, Job, Repository, WorkflowRun

MAIN = "a" * 40


class LocalHost:
    """Workflow files by commit; everything else as plain attributes."""

    def __init__(self, files: Mapping[str, str], server_url: str = "http://127.0.0.1:9") -> None:
        self.commits: dict[str, dict[str, bytes]] = {MAIN: self._paths(files)}
        self.refs = {"refs/heads/main": MAIN}
        self.environments: dict[str, EnvironmentRules] = {}
        self.vars: dict[str, str] = {}
        self.held: dict[str, str] = {}
        self.extra: dict[str, str] = {}
        self.files_changed: tuple[str, ...] = ()
        self.server_url = server_url
        self.told: list[WorkflowRun] = []
        self.tokens: list[tuple[str, Mapping[str, str]]] = []

    @staticmethod
    def _paths(files: Mapping[str, str]) -> dict[str, bytes]:
        return {f".github/workflows/{name}": text.encode() for name, text in files.items()}

    def repository(self) -> Repository:
        return Repository(
            "octo/demo", 2001, 1001, "main", self.server_url, f"{self.server_url}/api/v3"
        )

    def checkout(self, sha: str) -> Mapping[str, bytes]:
        return self.commits[sha]

    def resolve(self, repository: str, ref: str) -> str | None:
        return self.refs.get(ref) or (ref if ref in self.commits else None)

    def changed_files(self, event: str, payload: Mapping[str, Any]) -> tuple[str, ...]:
        return self.files_changed

    def environment(self, name: str) -> EnvironmentRules:
        return self.environments.get(name, EnvironmentRules(name))

    def variables(self) -> Mapping[str, str]:
        return self.vars

    def secrets(self) -> Mapping[str, str]:
        return self.held

    def token(self, job: Job, permissions: Mapping[str, str]) -> str:
        self.tokens.append((job.key, dict(permissions)))
        return f"token-of-{job.key.replace('/', '-')}-{job.id:012}"

    def oidc_request(self, job: Job) -> tuple[str, str]:
        return f"{self.server_url}/oidc?job={job.id}", f"bearer-of-job-{job.id:012}"

    def runner_env(self) -> Mapping[str, str]:
        return {"PATH": os.environ["PATH"], "KW_EXTRA": "from the host", **self.extra}

    def notify(self, run: WorkflowRun) -> None:
        self.told.append(run)


def workflow(jobs: str, head: str = "") -> LocalHost:
    return LocalHost({"w.yml": f"name: w\non: push\n{head}jobs:\n{jobs}"})


@contextmanager
def engine_for(host: LocalHost, folder: Path, slots: int = 2) -> Iterator[Engine]:
    engine = Engine(host, folder / "state", slots)
    try:
        yield engine
    finally:
        engine.stop()


def push(engine: Engine, sha: str = MAIN, actor: str = "alice") -> int:
    """Push to main; the id of the one run it starts."""
    payload = {"ref": "refs/heads/main", "head_commit": {"message": "Change it"}}
    (run,) = engine.dispatch("push", payload, sha, "refs/heads/main", actor)
    return run


def results(run: WorkflowRun) -> dict[str, str]:
    """Job name -> conclusion (or status)."""
    return {job.name: str(job.conclusion or job.status) for job in run.jobs}


def log(run: WorkflowRun, name: str) -> str:
    """The whole log of a job."""
    (job,) = [job for job in run.jobs if job.name == name]
    assert job.log is not None
    return job.log.read_text()


def git(folder: Path, *args: str) -> str:
    """Run git in a folder; its output."""
    done = subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True)
    return done.stdout.decode().strip()
