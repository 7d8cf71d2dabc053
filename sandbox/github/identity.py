"""Who asks: users with their long-lived tokens, and jobs with a ``GITHUB_TOKEN`` each.

A user may do what its role on the repository allows. A job's token may do what its
``permissions`` say and nothing else, and dies with its job ("GITHUB_TOKEN": "expires when the
job is complete").
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.github.model import BOT, QUEUE_BOT, State, Team, User

ACTIONS = "github-actions"
_RANK = {"none": 0, "read": 1, "triage": 1, "write": 2, "maintain": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Identity:
    """The one behind a request. ``permissions`` is None for users, who have a role instead.

    ``app`` is the slug of the app whose token this is, empty for people.
    """

    login: str
    role: str
    permissions: Mapping[str, str] | None = None
    run_id: int | None = None
    job_id: int | None = None
    app: str = ""

    @property
    def is_job(self) -> bool:
        """Whether this is an app's token: a workflow job's own, or another app's."""
        return self.permissions is not None

    @property
    def may_change_workflows(self) -> bool:
        """No job's token can have the permission ``workflows``; another app's may."""
        return not self.is_job or (self.app != ACTIONS and self.may("workflows", "write"))

    def may(self, scope: str, level: str) -> bool:
        """Whether a permission (``contents``, ``pull-requests``, …) is there at a level."""
        if scope == "metadata" and level == "read":
            return True
        if self.permissions is not None:
            if scope in ("administration", "variables", "members"):
                return False  # no ``permissions`` key gives these
            return _RANK[self.permissions.get(scope, "none")] >= _RANK[level]
        needed = "admin" if (scope, level) in ADMIN_ONLY else level
        return _RANK[self.role] >= _RANK[needed]


#: One without a token, where the repository is public.
STRANGER = Identity("", "read")

#: What a role below admin cannot do ("Repository roles for an organization").
ADMIN_ONLY = {("administration", "read"), ("administration", "write"), ("variables", "write")}


def seed_users() -> dict[str, User]:
    """The accounts that every sandbox has. Tokens are long, so masking them harms no log."""
    people = (
        (5001, "alice", "Alice Author", "write"),
        (5002, "bob", "Bob Owner", "write"),
        (5003, "octo-admin", "Octo Admin", "admin"),
    )
    users = {
        login: User(id, login, name, role, f"{login}-token-for-the-local-sandbox-only-0123456789")
        for id, login, name, role in people
    }
    # GitHub's own bot; its id is the public one that commits of workflows carry.
    users[BOT] = User(41898282, BOT, "github-actions[bot]", "write", "", "Bot")
    users[QUEUE_BOT] = User(118344674, QUEUE_BOT, QUEUE_BOT, "write", "", "Bot")
    users["other-app[bot]"] = User(90011, "other-app[bot]", "other-app[bot]", "write", "", "Bot")
    return users


def seed_teams() -> dict[str, Team]:
    """The one team that every sandbox has; the seed's door takes others."""
    team = Team(7001, "platform", "Platform", ["bob", "octo-admin"])
    return {team.slug: team}


@dataclass(slots=True)
class JobTokens:
    """Tokens of running jobs, in memory only: after a restart no job is left to use them."""

    by_token: dict[str, Identity] = field(default_factory=dict)

    def issue(self, run_id: int, job_id: int, permissions: Mapping[str, str]) -> str:
        token = f"ghs_{secrets.token_urlsafe(30)}"
        self.by_token[token] = Identity(BOT, "write", dict(permissions), run_id, job_id, ACTIONS)
        return token

    def issue_app(self, permissions: Mapping[str, str]) -> str:
        """A token of somebody else's app, ``other-app``."""
        token = f"ghs_{secrets.token_urlsafe(30)}"
        self.by_token[token] = Identity(
            "other-app[bot]", "write", dict(permissions), app="other-app"
        )
        return token

    def retire(self, job_id: int) -> None:
        """Make the tokens of a job worthless."""
        for token in [t for t, who in self.by_token.items() if who.job_id == job_id]:
            del self.by_token[token]


class BadCredentials(Exception):
    """A token was given and nobody has it."""


def identify(header: str | None, state: State, jobs: JobTokens) -> Identity | None:
    """Read an Authorization header (Bearer, token or Basic); None where there is none."""
    if not header:
        return None
    scheme, _, rest = header.partition(" ")
    token = rest.strip()
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(token).decode().partition(":")
        except ValueError as error:
            raise BadCredentials from error
        token = password or name
    elif scheme.lower() not in ("bearer", "token"):
        raise BadCredentials
    if token in jobs.by_token:
        return jobs.by_token[token]
    for user in state.users.values():
        if user.token and secrets.compare_digest(user.token.encode(), token.encode()):
            return Identity(user.login, user.role)
    raise BadCredentials
