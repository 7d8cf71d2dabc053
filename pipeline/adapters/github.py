"""GitHub's REST API, as far as the pipeline needs it: pulls, comments, checks, issues, runs.

Only endpoints of GitHub's published OpenAPI description, version 2022-11-28.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.adapters import github_graphql
from pipeline.adapters.github_graphql import Known, moment
from pipeline.adapters.github_rest import Rest
from pipeline.adapters.github_settings import RepositorySettings
from pipeline.adapters.github_types import (
    Author,
    Comment,
    Issue,
    LabelEvent,
    Move,
    Pull,
    Review,
    Run,
    activity_of,
)
from pipeline.domain.proposal import ACTIONS, Activity, Proposal
from pipeline.errors import failure
from pipeline.render.fit import COMMENT, cut


class GitHub(RepositorySettings):
    """One repository at GitHub, by ``GITHUB_API_URL``, ``GITHUB_REPOSITORY``, ``GITHUB_TOKEN``."""

    def __init__(
        self, repository: str, token: str, api: str, server: str, graphql: str = ""
    ) -> None:
        self.repository = repository
        self.token = token
        self._rest = Rest(repository, token, api)
        self._graphql = graphql or f"{api.rstrip('/').removesuffix('/v3')}/graphql"
        self.server = server.rstrip("/")
        self._writers: dict[str, bool] = {}
        self._own: Author | None = None

    @property
    def clone_url(self) -> str:
        return f"{self.server}/{self.repository}.git"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], repository: str) -> GitHub:
        """The repository of this run; raises ``no-credentials`` without a token."""
        token = environ.get("GITHUB_TOKEN", "")
        if not token:
            raise failure(
                "no-credentials", "GITHUB_TOKEN is not set.", remedy="Set it to a token of GitHub."
            )
        return cls(
            environ.get("GITHUB_REPOSITORY") or repository,
            token,
            environ.get("GITHUB_API_URL", "https://api.github.com"),
            environ.get("GITHUB_SERVER_URL", "https://github.com"),
            environ.get("GITHUB_GRAPHQL_URL", ""),
        )

    # -- pull requests ---------------------------------------------------------------------

    def pulls_of_commit(self, sha: str) -> list[Pull]:
        """Pull requests that a commit belongs to."""
        return [Pull.of(p) for p in self._rest.pages(f"commits/{sha}/pulls")]

    def known_commits(self, ids: Sequence[str]) -> dict[str, Known]:
        """Who made commits and which pull requests brought them, 50 a request."""
        return github_graphql.commits(self._ask, ids)

    def proposals(self, numbers: Iterable[int]) -> dict[int, Proposal]:
        """Pull requests with all that decides over their review, 20 a request."""
        return github_graphql.pulls(self._ask, numbers)

    def _ask(self, fields: str) -> Mapping[str, Any]:
        owner, name = self.repository.split("/")
        query = (
            "query($owner: String!, $name: String!) "
            f"{{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
        )
        data = self._rest.graphql(self._graphql, query, {"owner": owner, "name": name})
        if not data["repository"]:
            raise failure("github", f"GitHub shows no repository {self.repository} to this token.")
        found: Mapping[str, Any] = data["repository"]
        return found

    def branch_head(self, branch: str) -> str:
        """The commit at which a branch stands."""
        found = self._rest.json("GET", f"git/ref/heads/{quote(branch)}")
        return str(found["object"]["sha"])

    def activity(self, branch: str) -> Iterator[list[Activity]]:
        """Who moved a branch of this repository, newest first, a page of 100 for each request."""
        for page in self._activity(ref=f"refs/heads/{branch}"):
            yield [activity_of(item) for item in page]

    def moves(self) -> Iterator[list[Move]]:
        """Who moved which branch of this repository, newest first, a page of 100 a request."""
        for page in self._activity():
            yield [
                Move(str(item["ref"]).removeprefix("refs/heads/"), activity_of(item))
                for item in page
            ]

    def _activity(self, **which: str) -> Iterator[list[dict[str, Any]]]:
        url: str | None = None
        while url != "":
            answer = self._rest.page("activity", url, **which)
            yield answer.json()
            url = answer.links.get("next", {}).get("url", "")

    def pull(self, number: int) -> Pull:
        return Pull.of(self._rest.json("GET", f"pulls/{number}"))

    def open_pulls(self, head_ref: str) -> list[Pull]:
        """Open pull requests from a branch of this repository."""
        head = f"{self.repository.split('/')[0]}:{head_ref}"
        return [Pull.of(p) for p in self._rest.pages("pulls", state="open", head=head)]

    def create_pull(self, title: str, head: str, base: str, body: str) -> Pull:
        data = {"title": title, "head": head, "base": base, "body": _fitted(body)}
        return Pull.of(self._rest.json("POST", "pulls", data))

    def reviews(self, number: int) -> list[Review]:
        return [
            Review(
                (r.get("user") or {}).get("login", ""),
                r["state"],
                r.get("commit_id") or "",
            )
            for r in self._rest.pages(f"pulls/{number}/reviews")
        ]

    def label_events(self, number: int, label: str) -> list[LabelEvent]:
        """Who put a label on a pull request or took it away, latest last."""
        found = (
            LabelEvent(
                (event.get("actor") or {}).get("login", ""),
                event["event"] == "labeled",
                moment(event["created_at"]),
            )
            for event in self._rest.pages(f"issues/{number}/events")
            if event.get("event") in ("labeled", "unlabeled")
            and event.get("label", {}).get("name") == label
        )
        return sorted(found, key=lambda event: event.at)

    def team_members(self, team: str) -> list[str]:
        """The logins of a team ``org/team``, those of its child teams with them.

        Raises ``github`` where the token may not read the members of the organization.
        """
        org, slug = (quote(part, safe="") for part in team.split("/"))
        url = f"{self._rest.api}/orgs/{org}/teams/{slug}/members"
        return [member["login"] for member in self._rest.listed(url)]

    # -- comments and issues ---------------------------------------------------------------

    def comments(self, number: int) -> list[Comment]:
        return [Comment.of(c) for c in self._rest.pages(f"issues/{number}/comments")]

    def comment(self, number: int, body: str) -> None:
        self._rest.json("POST", f"issues/{number}/comments", {"body": _fitted(body)})

    def sticky_comment(self, number: int, marker: str, body: str) -> None:
        """Keep one comment of our own that begins with ``marker``; others' stay as they are."""
        body = _fitted(body)
        for found in self.comments(number):
            if found.body.startswith(marker) and found.author == self.own:
                if found.body != body:
                    self._rest.json("PATCH", f"issues/comments/{found.id}", {"body": body})
                return
        self.comment(number, body)

    @property
    def own(self) -> Author:
        """Whom this token writes as: a person, else the app of a job's own token.

        An app's token has no user to ask for: GitHub answers it with 403 ("Get the authenticated
        user").
        """
        if self._own is None:
            answer = self._rest.request("GET", f"{self._rest.api}/user", refusals=(403, 404))
            user = answer.json() if answer.is_success else {"login": ACTIONS, "type": "Bot"}
            self._own = Author.of(user)
        return self._own

    def issues(self, label: str) -> list[Issue]:
        """Open issues with a label; pull requests, which GitHub lists too, left out."""
        return [
            Issue.of(i)
            for i in self._rest.pages("issues", state="open", labels=label)
            if "pull_request" not in i
        ]

    def create_issue(self, title: str, body: str, labels: list[str]) -> Issue:
        data = {"title": title, "body": _fitted(body), "labels": labels}
        return Issue.of(self._rest.json("POST", "issues", data))

    def update_issue(self, number: int, **changes: str) -> None:
        fitted = {key: _fitted(text) if key == "body" else text for key, text in changes.items()}
        self._rest.json("PATCH", f"issues/{number}", fitted)

    # -- checks and runs -------------------------------------------------------------------

    def create_check_run(self, data: Mapping[str, Any]) -> int:
        """A check run as the API describes it (at most 50 annotations); returns its id."""
        return int(self._rest.json("POST", "check-runs", data)["id"])

    def update_check_run(self, check_run: int, data: Mapping[str, Any]) -> None:
        self._rest.json("PATCH", f"check-runs/{check_run}", data)

    def run(self, run_id: str) -> Run | None:
        """A workflow run, None when GitHub no longer knows it."""
        item = self._rest.json("GET", f"actions/runs/{quote(run_id)}", missing=True)
        return None if item is None else Run.of(item)

    # -- people ------------------------------------------------------------------------------

    def may_write(self, login: str) -> bool:
        """Whether a user may write here, as reviewers have to for their approval to count."""
        if login not in self._writers:
            path = f"collaborators/{quote(login, safe='')}/permission"
            found = self._rest.json("GET", path, missing=True) or {}
            self._writers[login] = found.get("permission") in ("admin", "maintain", "write")
        return self._writers[login]


def _fitted(body: str) -> str:
    """A text within what GitHub takes, so that one that nobody fitted is written all the same."""
    return cut(body, COMMENT, "the rest is in the run.")


def run_url(environ: Mapping[str, str] | None = None) -> str:
    """The page of the current workflow run, empty outside GitHub."""
    env = os.environ if environ is None else environ
    if not env.get("GITHUB_RUN_ID"):
        return ""
    server = env.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{env.get('GITHUB_REPOSITORY', '')}/actions/runs/{env['GITHUB_RUN_ID']}"


__all__ = ["Comment", "GitHub", "Issue", "Known", "Pull", "Run", "run_url"]
