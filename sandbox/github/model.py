"""What the local GitHub remembers: plain records, one class a thing, in GitHub's own words.

They are mutable because they are the service's state; everything handed out is a shape (see
``sandbox.github.shapes``). Times are ISO 8601 in UTC with a trailing ``Z``, as GitHub writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

OWNER = "knowledgeweaver"
OWNER_ID = 1001
NAME = "delivery"
REPOSITORY = f"{OWNER}/{NAME}"
REPOSITORY_ID = 2001
DEFAULT_BRANCH = "main"

#: GitHub's own app that creates the check runs of workflow jobs; its public id.
ACTIONS_APP_ID = 15368
BOT = "github-actions[bot]"
ZERO = "0" * 40


def now() -> str:
    """Return the present time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class User:
    """An account. ``role`` is its role on the repository (read, write, admin)."""

    id: int
    login: str
    name: str
    role: str
    token: str
    kind: str = "User"

    @property
    def email(self) -> str:
        """The no-reply address GitHub writes into commits made on the web."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True)
class Comment:
    id: int
    number: int
    user: str
    body: str
    created_at: str
    updated_at: str


@dataclass(slots=True)
class Review:
    """``state``: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    user: str
    state: str
    body: str
    commit_id: str
    submitted_at: str


@dataclass(slots=True)
class Pull:
    """The pull request half of an issue.

    ``merged_commits`` are the commits its merge brought to the base branch.
    """

    id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False
    merged: bool = False
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    merged_commits: list[str] = field(default_factory=list)
    mergeable: bool | None = None
    reviews: list[Review] = field(default_factory=list)
    requested_reviewers: list[str] = field(default_factory=list)
    last_pusher: str = ""


@dataclass(slots=True)
class IssueEvent:
    """One entry of a history; ``event``: labeled, unlabeled, closed, reopened or merged."""

    id: int
    event: str
    actor: str
    created_at: str
    label: str = ""
    commit_id: str | None = None


@dataclass(slots=True)
class Issue:
    id: int
    number: int
    user: str
    title: str
    body: str | None
    created_at: str
    updated_at: str
    state: str = "open"
    state_reason: str | None = None
    closed_at: str | None = None
    closed_by: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    pull: Pull | None = None
    events: list[IssueEvent] = field(default_factory=list)


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
    """One check. ``job_id`` is set on checks of workflow jobs and equals ``id``, as at GitHub."""

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
    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


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
class Protection:
    """Branch protection; ``checks`` None: no required checks; ``approvals`` None: no reviews."""

    branch: str
    checks: list[str] | None = None
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


@dataclass(slots=True)
class State:
    """Everything, as written to the snapshot."""

    users: dict[str, User] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    held: dict[int, HeldRun] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    created_at: str = ""
    pushed_at: str = ""
    next_id: int = 1_000_000  # far above the numbers Actions gives its jobs
    actions_may_open_pulls: bool = False
    immutable_subject: bool = True
    workflow_permissions: str = "read"  # of workflows that name none
    oidc_key: str = ""

    def take_id(self) -> int:
        """Return a number that was never used before."""
        self.next_id += 1
        return self.next_id
