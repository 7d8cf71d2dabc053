"""What GitHub answers, as far as it is used: pulls, reviews, comments, issues, runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.domain.proposal import Account, Activity


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; ``merge_commit`` is the commit on the base branch once merged."""

    number: int
    title: str
    url: str
    author: str
    head: str
    head_ref: str
    base: str
    base_ref: str
    state: str
    merged: bool
    merge_commit: str
    labels: tuple[str, ...]
    fork: bool

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Pull:
        head_repo = (item["head"].get("repo") or {}).get("full_name")
        base_repo = (item["base"].get("repo") or {}).get("full_name")
        return cls(
            number=item["number"],
            title=item["title"],
            url=item["html_url"],
            author=(item.get("user") or {}).get("login", ""),
            head=item["head"]["sha"],
            head_ref=item["head"]["ref"],
            base=item["base"]["sha"],
            base_ref=item["base"]["ref"],
            state=item["state"],
            merged=bool(item.get("merged_at")),
            merge_commit=item.get("merge_commit_sha") or "",
            labels=tuple(label["name"] for label in item.get("labels", [])),
            fork=head_repo != base_repo,
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A branch of the repository moved."""

    branch: str
    activity: Activity


@dataclass(frozen=True, slots=True)
class Review:
    """A review: who, APPROVED or else, of which commit; anybody may review a public repository.

    GitHub's ``author_association`` does not say who may write: to a job, whose membership is
    private is a CONTRIBUTOR.
    """

    user: str
    state: str
    commit: str

    @property
    def person(self) -> bool:
        """Whether no bot gave it: who lets Actions open reverts lets it approve."""
        return not self.user.endswith("[bot]")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something: a login, and whether it is an app's."""

    login: str
    bot: bool

    @classmethod
    def of(cls, user: Mapping[str, Any] | None) -> Author:
        return cls(user["login"], user.get("type") == "Bot") if user else cls("", False)


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: Author
    body: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Comment:
        return cls(item["id"], Author.of(item.get("user")), item.get("body") or "")


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """Somebody set a label (``set``) or took it away."""

    by: str
    set: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Issue:
    number: int
    title: str
    body: str
    url: str
    state: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Issue:
        return cls(
            item["number"], item["title"], item.get("body") or "", item["html_url"], item["state"]
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow run; over when ``status`` is completed.

    ``path`` is the workflow's file, ``branch`` and ``commit`` are those it ran for, ``starter`` is
    who started this very attempt.
    """

    id: int
    attempt: int
    status: str
    conclusion: str
    url: str
    event: str = ""
    path: str = ""
    branch: str = ""
    commit: str = ""
    actor: Account | None = None
    starter: Account | None = None

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Run:
        return cls(
            item["id"],
            item.get("run_attempt") or 1,
            item.get("status") or "",
            item.get("conclusion") or "",
            item["html_url"],
            item.get("event") or "",
            item.get("path") or "",
            item.get("head_branch") or "",
            item.get("head_sha") or "",
            account_of(item.get("actor")),
            account_of(item.get("triggering_actor")),
        )

    @property
    def over(self) -> bool:
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class Protection:
    """What a branch demands before something gets on it.

    ``checks`` maps a required check to the id of the app that has to report it, None for any.
    ``strict``: a branch must be up to date; ``queue``: a merge queue sees to that. ``bypass`` are
    those who may push past all that, in words; None where GitHub does not say.
    """

    checks: Mapping[str, int | None] = field(default_factory=dict)
    strict: bool = False
    approvals: int = 0
    code_owners: bool = False
    queue: bool = False
    pulls_only: bool = False
    bypass: tuple[str, ...] | None = ("whoever may write",)

    @classmethod
    def classic(cls, item: Mapping[str, Any]) -> Protection:
        """The protection of a branch (GitHub, "Get branch protection")."""
        checks = item.get("required_status_checks") or {}
        reviews = item.get("required_pull_request_reviews")
        bound = (item.get("enforce_admins") or {}).get("enabled", False)
        free = (reviews or {}).get("bypass_pull_request_allowances") or {}
        names = [entry.get("login") or entry.get("slug") for kind in free.values() if
                 isinstance(kind, list) for entry in kind]  # fmt: skip
        past = (*(() if bound else ("administrators",)), *(str(name) for name in names))
        return cls(
            {entry["context"]: entry.get("app_id") for entry in checks.get("checks", [])},
            bool(checks.get("strict")),
            (reviews or {}).get("required_approving_review_count", 0),
            bool((reviews or {}).get("require_code_owner_reviews")),
            pulls_only=reviews is not None,
            bypass=past if reviews is not None else ("whoever may write",),
        )

    def with_rules(
        self, rules: Iterable[Mapping[str, Any]], sets: Mapping[int, Mapping[str, Any]]
    ) -> Protection:
        """This and what rulesets demand beside it (GitHub, "Get rules for a branch")."""
        found = self
        for rule in rules:
            more = rule.get("parameters") or {}
            if rule["type"] == "required_status_checks":
                asked = more["required_status_checks"]
                own = {entry["context"]: entry.get("integration_id") for entry in asked}
                strict = found.strict or bool(more["strict_required_status_checks_policy"])
                found = replace(found, checks={**found.checks, **own}, strict=strict)
            elif rule["type"] == "merge_queue":
                found = replace(found, queue=True)
            elif rule["type"] == "pull_request":
                past = _bypass(sets.get(rule.get("ruleset_id", -1), {}))
                if found.pulls_only and past is not None and found.bypass is not None:
                    past = tuple(name for name in found.bypass if name in past)
                found = replace(
                    found,
                    approvals=max(found.approvals, more["required_approving_review_count"]),
                    code_owners=found.code_owners or bool(more["require_code_owner_review"]),
                    pulls_only=True,
                    bypass=past,
                )
        return found


#: Ids of the roles that a ruleset may name (GitHub, "Creating rulesets for a repository").
_ROLES = {2: "maintainers", 4: "whoever may write", 5: "administrators"}


def _bypass(ruleset: Mapping[str, Any]) -> tuple[str, ...] | None:
    actors = ruleset.get("bypass_actors")
    if actors is None:
        return None
    return tuple(
        _ROLES.get(actor.get("actor_id"), f"{actor['actor_type']} {actor.get('actor_id') or ''}")
        if actor["actor_type"] == "RepositoryRole"
        else f"{actor['actor_type']} {actor.get('actor_id') or ''}".strip()
        for actor in actors
        if actor.get("bypass_mode") != "pull_request"
    )


def account_of(user: Mapping[str, Any] | None) -> Account | None:
    """A user of the REST API; None where GitHub names nobody."""
    return Account(user["login"], user.get("type") == "Bot") if user else None


def activity_of(item: Mapping[str, Any]) -> Activity:
    """An item of "List repository activities"."""
    return Activity(
        by=account_of(item["actor"]),
        at=datetime.fromisoformat(item["timestamp"]),
        kind=item["activity_type"],
        before=item["before"],
        after=item["after"],
    )
