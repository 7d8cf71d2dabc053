"""GitHub's REST API, as far as the pipeline needs it: pulls, comments, checks, issues, runs.

Only endpoints of GitHub's published OpenAPI description, version 2022-11-28.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pipeline.adapters.github_rest import Rest
from pipeline.adapters.github_types import Comment, Issue, Pull, Review, Run
from pipeline.errors import failure


class GitHub:
    """One repository at GitHub, by ``GITHUB_API_URL``, ``GITHUB_REPOSITORY``, ``GITHUB_TOKEN``."""

    def __init__(self, repository: str, token: str, api: str, server: str) -> None:
        self.repository = repository
        self.token = token
        self._rest = Rest(repository, token, api)
        self.server = server.rstrip("/")
        self._writers: dict[str, bool] = {}

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
        )

    # -- pull requests ---------------------------------------------------------------------

    def pulls_of_commit(self, sha: str) -> list[Pull]:
        """Pull requests that a commit belongs to."""
        return [Pull.of(p) for p in self._rest.pages(f"commits/{sha}/pulls")]

    def pull(self, number: int) -> Pull:
        return Pull.of(self._rest.json("GET", f"pulls/{number}"))

    def open_pulls(self, head_ref: str) -> list[Pull]:
        """Open pull requests from a branch of this repository."""
        head = f"{self.repository.split('/')[0]}:{head_ref}"
        return [Pull.of(p) for p in self._rest.pages("pulls", state="open", head=head)]

    def create_pull(self, title: str, head: str, base: str, body: str) -> Pull:
        data = {"title": title, "head": head, "base": base, "body": body}
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

    def labeled_by(self, number: int, label: str) -> list[str]:
        """Who put a label on a pull request, latest last."""
        return [
            (event.get("actor") or {}).get("login", "")
            for event in self._rest.pages(f"issues/{number}/events")
            if event.get("event") == "labeled" and event.get("label", {}).get("name") == label
        ]

    # -- comments and issues ---------------------------------------------------------------

    def comments(self, number: int) -> list[Comment]:
        return [
            Comment(c["id"], (c.get("user") or {}).get("login", ""), c.get("body") or "")
            for c in self._rest.pages(f"issues/{number}/comments")
        ]

    def comment(self, number: int, body: str) -> None:
        self._rest.json("POST", f"issues/{number}/comments", {"body": body})

    def sticky_comment(self, number: int, marker: str, body: str) -> None:
        """Keep one comment that begins with ``marker``: updated where there is one of ours."""
        for found in self.comments(number):
            if found.body.startswith(marker):
                if found.body != body:
                    self._rest.json("PATCH", f"issues/comments/{found.id}", {"body": body})
                return
        self.comment(number, body)

    def issues(self, label: str) -> list[Issue]:
        """Open issues with a label; pull requests, which GitHub lists too, left out."""
        return [
            Issue.of(i)
            for i in self._rest.pages("issues", state="open", labels=label)
            if "pull_request" not in i
        ]

    def create_issue(self, title: str, body: str, labels: list[str]) -> Issue:
        return Issue.of(
            self._rest.json("POST", "issues", {"title": title, "body": body, "labels": labels})
        )

    def update_issue(self, number: int, **changes: str) -> None:
        self._rest.json("PATCH", f"issues/{number}", changes)

    # -- checks and runs -------------------------------------------------------------------

    def create_check_run(self, data: Mapping[str, Any]) -> int:
        """A check run as the API describes it (at most 50 annotations); returns its id."""
        return int(self._rest.json("POST", "check-runs", data)["id"])

    def update_check_run(self, check_run: int, data: Mapping[str, Any]) -> None:
        self._rest.json("PATCH", f"check-runs/{check_run}", data)

    def run(self, run_id: str) -> Run | None:
        """A workflow run, None when GitHub no longer knows it."""
        item = self._rest.json("GET", f"actions/runs/{quote(run_id)}", missing=True)
        if item is None:
            return None
        return Run(
            item["id"],
            item.get("run_attempt") or 1,
            item.get("status") or "",
            item.get("conclusion") or "",
            item["html_url"],
        )

    # -- settings of the repository --------------------------------------------------------

    def repository_ids(self) -> tuple[int, int]:
        """Ids of the repository and its owner, as OIDC subjects carry them."""
        item = self._rest.json("GET", "")
        return int(item["id"]), int(item["owner"]["id"])

    def set_variable(self, name: str, value: str) -> None:
        """Create or update a variable of Actions."""
        if self._rest.json("GET", f"actions/variables/{name}", missing=True) is None:
            self._rest.json("POST", "actions/variables", {"name": name, "value": value})
        else:
            self._rest.json("PATCH", f"actions/variables/{name}", {"name": name, "value": value})

    def let_jobs_open_pulls(self) -> None:
        """Let a deploy open the revert of what did not become healthy; tokens begin read-only."""
        data = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
        self._rest.json("PUT", "actions/permissions/workflow", data)

    def jobs_open_pulls(self) -> bool:
        """Whether they may; the token has to be one that may read the repository's settings."""
        found = self._rest.json("GET", "actions/permissions/workflow")
        return bool(found["can_approve_pull_request_reviews"])

    def number_subjects(self) -> bool:
        """Let identity tokens carry the ids that the roles trust; whether they did not yet.

        Repositories from before 2026-07-15 have to ask for it (GitHub, "Immutable subject claims").
        """
        path = "actions/oidc/customization/sub"
        found = self._rest.json("GET", path)
        if found.get("use_immutable_subject") or "@" in found.get("sub_claim_prefix", ""):
            return False
        self._rest.json("PUT", path, {"use_default": True, "use_immutable_subject": True})
        return True

    def put_environment(self, name: str, reviewers: list[dict[str, Any]]) -> None:
        """Create or update an environment; ``reviewers`` as the API wants them."""
        data: dict[str, Any] = {
            "deployment_branch_policy": {
                "protected_branches": True,
                "custom_branch_policies": False,
            },
        }
        if reviewers:  # where the plan has no such rules GitHub refuses even their defaults
            data |= {"prevent_self_review": True, "reviewers": reviewers}
        self._rest.json("PUT", f"environments/{quote(name, safe='')}", data)

    def protect_branch(self, branch: str, check: str) -> None:
        """Require the check, an approval of the last push and of a code owner."""
        data: dict[str, Any] = {
            "required_status_checks": {
                "strict": False,
                "contexts": [],
                "checks": [{"context": check}],
            },
            "enforce_admins": False,
            "required_pull_request_reviews": {
                "dismiss_stale_reviews": True,
                "require_code_owner_reviews": True,
                "required_approving_review_count": 1,
                "require_last_push_approval": True,
            },
            "restrictions": None,
        }
        self._rest.json("PUT", f"branches/{quote(branch, safe='')}/protection", data)

    def may_write(self, login: str) -> bool:
        """Whether a user may write here, as reviewers have to for their approval to count."""
        if login not in self._writers:
            path = f"collaborators/{quote(login, safe='')}/permission"
            found = self._rest.json("GET", path, missing=True) or {}
            self._writers[login] = found.get("permission") in ("admin", "maintain", "write")
        return self._writers[login]

    def user_id(self, login: str) -> int:
        return int(self._rest.request("GET", f"{self._rest.api}/users/{quote(login)}").json()["id"])


def run_url(environ: Mapping[str, str] | None = None) -> str:
    """The page of the current workflow run, empty outside GitHub."""
    env = os.environ if environ is None else environ
    if not env.get("GITHUB_RUN_ID"):
        return ""
    server = env.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{env.get('GITHUB_REPOSITORY', '')}/actions/runs/{env['GITHUB_RUN_ID']}"


__all__ = ["Comment", "GitHub", "Issue", "Pull", "Review", "Run", "run_url"]
