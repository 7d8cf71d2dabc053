"""One job graph that a test plays the runner of, and short words to move it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sandbox.actions.graph import Graph
from sandbox.actions.model import Conclusion, Status
from sandbox.actions.state import Instance, Run, now
from sandbox.actions.workflow import load

from .local import MAIN, LocalHost

STEPS = "runs-on: x, steps: [{run: 'true'}]"


class Play:
    """One graph, and short words to move it."""

    def __init__(self, files: Mapping[str, str] | str) -> None:
        named = {"w.yml": files} if isinstance(files, str) else files
        self.host = LocalHost(named)
        self.graph = Graph(self.host)
        self._ids = itertools.count(1)

    def start(self, name: str = "w.yml", **more: Any) -> Run:
        path = f".github/workflows/{name}"
        files = self.host.checkout(MAIN)
        given: dict[str, Any] = {
            "event": "push",
            "payload": {},
            "sha": MAIN,
            "ref": "refs/heads/main",
            "head_sha": MAIN,
            "head_branch": "main",
            "actor": "alice",
            "triggering_actor": "alice",
        }
        number = next(self._ids)
        spec = load(path, files[path])
        run = Run(number, number, spec.name, path, "title", **{**given, **more})
        self.graph.add(run, files)
        return run

    def ready(self) -> list[str]:
        """Jobs that only lack a runner."""
        return [item.name for item in self.graph.startable()]

    def job(self, name: str, run: Run | None = None) -> Instance:
        """The newest job of that name."""
        runs = [run] if run else self.graph.runs.values()
        return [item for each in runs for item in each.instances() if item.name == name][-1]

    def take(self, name: str, run: Run | None = None) -> Instance:
        job = self.job(name, run)
        assert job.status is Status.QUEUED, job.status
        job.status, job.started_at = Status.IN_PROGRESS, now()
        self.graph.settle(job.node.level.run)
        return job

    def end(self, name: str, how: str = "success", /, run: Run | None = None, **out: str) -> None:
        job = self.job(name, run)
        if job.status is not Status.IN_PROGRESS:
            self.take(name, run)
        self.graph.finish(job, Conclusion(how), out)


def told(run: Run) -> dict[str, str]:
    return {job.name: str(job.conclusion or job.status) for job in run.snapshot().jobs}
