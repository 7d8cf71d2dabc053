"""What GitHub answers, as far as it is used: pulls, reviews, comments, issues, runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
class Comment:
    id: int
    author: str
    body: str


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
    """A workflow run; over when ``status`` is completed."""

    id: int
    attempt: int
    status: str
    conclusion: str
    url: str

    @property
    def over(self) -> bool:
        return self.status == "completed"
