"""What the local GitHub remembers about checks, deployments and the rules of a repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class CheckSuite:
    id: int
    head_sha: str
    head_branch: str | None
    app: str
    created_at: str
    updated_at: str
    run_id: int | None = None


@dataclass(slots=True)
class CheckRun:
    """One check. ``job_id`` is set on checks of workflow jobs and equals ``id``, as at GitHub.

    ``app`` is the slug of the app that made it.
    """

    id: int
    suite_id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    app: str = "github-actions"
    job_id: int | None = None
    run_id: int | None = None


@dataclass(slots=True)
class Status:
    """A commit status; ``app`` is the slug of the app that set it, empty for a person."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str
    app: str = ""


@dataclass(slots=True)
class DeploymentStatus:
    id: int
    state: str
    creator: str
    description: str
    environment: str
    log_url: str
    environment_url: str
    created_at: str


@dataclass(slots=True)
class Deployment:
    id: int
    sha: str
    ref: str
    environment: str
    creator: str
    created_at: str
    updated_at: str
    task: str = "deploy"
    description: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    statuses: list[DeploymentStatus] = field(default_factory=list)
    run_id: int | None = None
    job_id: int | None = None


@dataclass(slots=True)
class BranchPolicy:
    id: int
    name: str
    kind: str = "branch"


@dataclass(slots=True)
class Environment:
    """``branch_policy``: None (any branch), ``protected`` or ``custom`` (then ``policies``)."""

    id: int
    name: str
    created_at: str
    updated_at: str
    reviewers: list[str] = field(default_factory=list)
    prevent_self_review: bool = False
    wait_timer: int = 0
    branch_policy: str | None = None
    policies: list[BranchPolicy] = field(default_factory=list)


@dataclass(slots=True)
class RequiredCheck:
    """A check a merge needs; ``app_id`` None: whoever sets it."""

    context: str
    app_id: int | None = None


@dataclass(slots=True)
class Protection:
    """Branch protection; ``checks`` None: no required checks; ``approvals`` None: no reviews."""

    branch: str
    checks: list[RequiredCheck] | None = None
    strict: bool = False
    approvals: int | None = None
    code_owners: bool = False
    dismiss_stale: bool = False
    last_push_approval: bool = False
    enforce_admins: bool = False
    linear_history: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False
    conversation_resolution: bool = False


@dataclass(slots=True)
class QueueEntry:
    """A pull request in the merge queue: who put it there, and its group (base, commit, ref)."""

    number: int
    by: str
    base: str = ""
    sha: str = ""
    ref: str = ""


@dataclass(slots=True)
class Variable:
    name: str
    value: str
    created_at: str
    updated_at: str


@dataclass(slots=True)
class HeldRun:
    """The runs of a pull request that a job opened or updated: they wait for a person's consent."""

    id: int
    number: int
    action: str
    head_sha: str
    created_at: str
