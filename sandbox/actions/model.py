"""What the rest of the sandbox sees of Actions: runs, jobs and steps as snapshots, and the host.

The words and their values are those of GitHub's REST API ("Workflow runs", "Workflow jobs"), so
the API and the pages hand them on unchanged. All times are UTC; all snapshots are immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class Status(StrEnum):
    """Where a run, a job or a step stands."""

    QUEUED = "queued"
    PENDING = "pending"  # held back by a concurrency group
    WAITING = "waiting"  # for a review of its environment
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """How a completed run, job or step ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    STARTUP_FAILURE = "startup_failure"  # runs only: the workflow file is not valid


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message a step left with ``::error::``, ``::warning::`` or ``::notice::``.

    ``level`` is ``failure``, ``warning`` or ``notice``, as in the check runs API; ``path`` is
    empty and ``line`` is 1 where the step named none.
    """

    level: str
    message: str
    path: str = ""
    line: int = 1
    title: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job; ``number`` starts at 1. ``log`` is a file of plain lines."""

    number: int
    name: str
    status: Status
    conclusion: Conclusion | None
    started_at: datetime | None
    completed_at: datetime | None
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one attempt of a run.

    ``name`` is what a reader sees (``deploy-1 (a/b) / apply``), ``key`` the path of job ids that
    led here (``deploy-1/apply``). ``job_workflow_ref`` and ``job_workflow_sha`` name the file the
    job is written in, as the OIDC claims of the same names. ``permissions`` are what its token
    may do after every reduction. ``log`` is the whole log, ``summary`` the Markdown of its steps.
    """

    id: int
    run_id: int
    run_attempt: int
    key: str
    name: str
    status: Status
    conclusion: Conclusion | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    environment: str | None
    environment_url: str
    labels: tuple[str, ...]
    permissions: Mapping[str, str]
    job_workflow_ref: str
    job_workflow_sha: str
    steps: tuple[Step, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A decision on an environment: ``state`` is ``approved`` or ``rejected``."""

    environment: str
    state: str
    user: str
    comment: str
    at: datetime
    run_attempt: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a run left behind; ``path`` is a zip file, ``digest`` its ``sha256:…``."""

    id: int
    run_id: int
    name: str
    size_in_bytes: int
    digest: str
    path: Path
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run of one workflow file, with the jobs of its newest attempt.

    ``sha`` is what ``GITHUB_SHA`` says (for a pull request: its merge commit), ``head_sha`` what
    the API calls so (for a pull request: its head commit). ``jobs`` of earlier attempts are in
    ``previous_jobs``.
    """

    id: int
    run_number: int
    run_attempt: int
    workflow: str
    path: str
    display_title: str
    event: str
    payload: Mapping[str, Any]
    sha: str
    ref: str
    head_sha: str
    head_branch: str
    actor: str
    triggering_actor: str
    status: Status
    conclusion: Conclusion | None
    created_at: datetime
    run_started_at: datetime
    updated_at: datetime
    jobs: tuple[Job, ...] = ()
    previous_jobs: tuple[Job, ...] = ()
    reviews: tuple[Review, ...] = ()
    pull_request: int | None = None
    message: str = ""  # why a run could not start, or failed as a whole

    def waiting_environments(self) -> tuple[str, ...]:
        """The environments whose review this run waits for, each once, in job order."""
        names = (job.environment for job in self.jobs if job.status is Status.WAITING)
        return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository the runs belong to, and where its GitHub is reached."""

    full_name: str
    id: int
    owner_id: int
    default_branch: str
    server_url: str
    api_url: str

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class EnvironmentRules:
    """What protects an environment. No reviewers: nobody has to review."""

    name: str
    reviewers: tuple[str, ...] = ()
    prevent_self_review: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    branches: tuple[str, ...] = ()  # patterns; empty: every branch may deploy


class ActionsError(Exception):
    """A request the engine refuses; ``status`` is the HTTP status the API answers with."""

    def __init__(self, message: str, status: int = 422) -> None:
        self.status = status
        super().__init__(message)


class Host(Protocol):
    """What the engine asks of the service around it. Called from any of the engine's threads.

    No method may wait for a lock that is held while the engine is called.
    """

    def repository(self) -> Repository:
        """Name, ids and addresses of the repository."""

    def checkout(self, sha: str) -> Mapping[str, bytes]:
        """Path -> content of everything below ``.github/workflows`` at a commit."""

    def resolve(self, repository: str, ref: str) -> str | None:
        """The commit of a full ref (``refs/heads/main``) or a sha; ``None``: there is none."""

    def changed_files(self, event: str, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """Paths an event changed. Asked only where a workflow filters by path."""

    def environment(self, name: str) -> EnvironmentRules:
        """Protection rules and variables; like GitHub, an unknown one springs up unprotected."""

    def variables(self) -> Mapping[str, str]:
        """The repository's configuration variables (context ``vars``)."""

    def secrets(self) -> Mapping[str, str]:
        """The repository's secrets, without ``GITHUB_TOKEN``."""

    def token(self, job: Job, permissions: Mapping[str, str]) -> str:
        """A new token for a job; worthless once the job is completed (see :meth:`notify`)."""

    def oidc_request(self, job: Job) -> tuple[str, str]:
        """URL and bearer token to ask for an ID token; only with ``id-token: write``."""

    def runner_env(self) -> Mapping[str, str]:
        """Environment of every job: ``PATH``, endpoints, caches; no credentials."""

    def notify(self, run: WorkflowRun) -> None:
        """Something about a run changed. Called from one thread, in order; must return soon."""
