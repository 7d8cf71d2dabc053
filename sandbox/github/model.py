"""What the local GitHub remembers: plain records, one class a thing, in GitHub's own words.

They are mutable because they are the service's state; everything handed out is a shape (see
``sandbox.github.shapes``). Times are ISO 8601 in UTC with a trailing ``Z``, as GitHub writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.github.records import (
    CheckRun,
    CheckSuite,
    Deployment,
    Environment,
    HeldRun,
    Protection,
    QueueEntry,
    Status,
    Variable,
)

OWNER = "knowledgeweaver"
OWNER_ID = 1001
NAME = "delivery"
REPOSITORY = f"{OWNER}/{NAME}"
REPOSITORY_ID = 2001
DEFAULT_BRANCH = "main"

#: GitHub's own app that creates the check runs of workflow jobs; its public id.
ACTIONS_APP_ID = 15368
#: Slug -> id of the apps there are: GitHub's own, and one of somebody else.
APP_IDS = {"github-actions": ACTIONS_APP_ID, "other-app": 90001}
BOT = "github-actions[bot]"
QUEUE_BOT = "github-merge-queue[bot]"
ZERO = "0" * 40
#: The format of the snapshot; one more whenever an older one cannot be read any longer.
FORMAT = 2


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
    address: str = ""

    @property
    def email(self) -> str:
        """The no-reply address GitHub writes into commits made on the web."""
        return self.address or f"{self.id}+{self.login}@users.noreply.github.com"


#: GitHub's own account, the committer of what is committed on its pages; id and address are public.
WEB_FLOW = User(19864447, "web-flow", "GitHub", "none", "", address="noreply@github.com")


@dataclass(slots=True)
class Team:
    """A team of the organisation; ``members`` are logins, ``role`` its role on the repository."""

    id: int
    slug: str
    name: str
    members: list[str] = field(default_factory=list)
    role: str = "write"


@dataclass(slots=True)
class Activity:
    """One change of a branch. ``kind``: push, force_push, branch_creation, branch_deletion,
    pr_merge or merge_queue_merge."""

    id: int
    kind: str
    ref: str
    before: str
    after: str
    actor: str
    at: str


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
    """One entry of a history; ``event`` in the words of the REST API's issue events.

    ``old`` and ``new``: the branches of a ``base_ref_changed`` or
    ``automatic_base_change_succeeded``, the commits of a ``head_ref_force_pushed``.
    """

    id: int
    event: str
    actor: str
    created_at: str
    label: str = ""
    commit_id: str | None = None
    old: str = ""
    new: str = ""


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
class State:
    """Everything, as written to the snapshot; ``format`` says how it is to be read."""

    format: int = FORMAT
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
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
    visibility: str = "private"  # or public
    merge_queue: bool = False
    queue_method: str = "merge"  # or squash, rebase
    queue: list[QueueEntry] = field(default_factory=list)
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
