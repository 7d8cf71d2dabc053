"""The service's side of Actions: takes events, owns the job graph, hands jobs to the runner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.actions.model import Artifact, Host, WorkflowRun


class Engine:
    """Runs the workflows of one repository.

    ``state`` keeps runs, logs and artifacts; ``slots`` is how many jobs run at a time.
    Every method may be called from any thread; refused requests raise ``ActionsError``.
    """

    def __init__(self, host: Host, state: Path, slots: int = 2) -> None:
        raise NotImplementedError

    def dispatch(
        self, event: str, payload: Mapping[str, Any], sha: str, ref: str, actor: str
    ) -> list[int]:
        """Start every workflow an event triggers; the ids of the new runs.

        ``sha``/``ref`` as in GitHub's table "Events that trigger workflows": for ``pull_request``
        the merge commit and ``refs/pull/N/merge``. ``payload`` is the webhook's; for
        ``workflow_dispatch`` it has ``workflow`` (file path) and ``inputs``.
        """
        raise NotImplementedError

    def approve(self, run_id: int, environment: str, actor: str, comment: str = "") -> None:
        """Let the jobs go on that wait for an environment."""
        raise NotImplementedError

    def reject(self, run_id: int, environment: str, actor: str, comment: str = "") -> None:
        """Fail the jobs that wait for an environment."""
        raise NotImplementedError

    def cancel(self, run_id: int) -> None:
        """Cancel a run as GitHub does: jobs whose ``if`` still holds go on."""
        raise NotImplementedError

    def rerun_failed(self, run_id: int, actor: str) -> None:
        """Run what failed, and all that depends on it, once more; the rest keeps its outputs."""
        raise NotImplementedError

    def rerun(self, run_id: int, actor: str) -> None:
        """Run all jobs once more."""
        raise NotImplementedError

    def runs(self) -> list[WorkflowRun]:
        """All runs, newest first."""
        raise NotImplementedError

    def run(self, run_id: int) -> WorkflowRun:
        """One run; ``ActionsError`` 404 where there is none."""
        raise NotImplementedError

    def artifacts(self, run_id: int) -> list[Artifact]:
        """What a run's jobs uploaded."""
        raise NotImplementedError

    def wait(self, run_id: int, timeout: float) -> WorkflowRun:
        """Block until a run is completed or waits for a review; ``TimeoutError`` else."""
        raise NotImplementedError

    def stop(self) -> None:
        """Cancel what runs, end every child process; returns when they are gone."""
        raise NotImplementedError
