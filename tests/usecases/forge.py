"""A small GitHub in memory over a real git repository: people push, review and merge, and the
pipeline's own adapter asks it by GraphQL and REST, each request counted.

The GraphQL side runs GitHub's schema as the sandbox keeps it, so a field that GitHub does not have
is refused.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from graphql import build_schema, graphql_sync

from pipeline.adapters.github import GitHub
from pipeline.output import Output
from pipeline.settings import ProjectConfig
from pipeline.usecases.site import Site
from tests.scratch import ESTATE

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema((ROOT / "sandbox/github/graphql/schema.graphql").read_text())
BOT = "github-actions[bot]"
ZERO = "0" * 40
FIRST = {**ESTATE, "pipeline/judge.py": "fair = True\n"}


@dataclass
class Request:
    """A pull request."""

    number: int
    author: str
    branch: str
    base: str
    created: datetime
    fork: bool = False
    head: str = ""
    merged: bool = False
    merged_at: datetime | None = None
    merged_by: str = ""
    merge_commit: str = ""
    landed: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)


class Forge:
    """``root`` is the checkout that deploys: it has the default branch and nothing else."""

    def __init__(
        self,
        folder: Path,
        review: Mapping[str, Any] | None = None,
        estate: Mapping[str, str] = FIRST,
    ) -> None:
        self.work, self.root = folder / "work", folder / "root"
        self.origin = folder / "o/r.git"
        self.review = dict(review or {})
        self.clock = datetime(2026, 12, 1, tzinfo=UTC)
        self.requests: dict[int, Request] = {}
        self.activity: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.writers = {"alice", "bob", "carol", "admin"}
        self.associates_all = True  # whether GitHub knows a rebase by each of its commits
        self.runs: dict[str, dict[str, Any]] = {}
        self.work.mkdir(parents=True)
        for words in (
            ["init", "-q", "--bare", "-b", "main", str(self.origin)],
            ["-C", str(self.origin), "config", "uploadpack.allowAnySHA1InWant", "true"],
            ["init", "-q", "-b", "main", str(self.work)],
        ):
            self._run(words, folder)
        self.write(estate)
        self.first = self.commit("admin", "begin")
        self.push("admin", "main")

    # -- git -------------------------------------------------------------------------------

    def _run(
        self, words: Sequence[str], folder: Path, who: str = "admin", by: str = "", data: str = ""
    ) -> str:
        env = {
            **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": who, "GIT_AUTHOR_EMAIL": f"{who}@people",
            "GIT_COMMITTER_NAME": by or who, "GIT_COMMITTER_EMAIL": f"{by or who}@people",
            "GIT_AUTHOR_DATE": self.now(), "GIT_COMMITTER_DATE": self.now(),
        }  # fmt: skip
        done = subprocess.run(
            ["git", *words], cwd=folder, env=env, capture_output=True, text=True, input=data
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout.strip()

    def git(self, *words: str, who: str = "admin", by: str = "", data: str = "") -> str:
        return self._run(words, self.work, who, by, data)

    def tick(self) -> datetime:
        self.clock += timedelta(seconds=5)
        return self.clock

    def now(self) -> str:
        return self.tick().isoformat()

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_text(text)

    def commit(self, who: str, message: str, by: str = "") -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message, "--allow-empty", who=who, by=by)
        return self.git("rev-parse", "HEAD")

    def change(self, who: str, files: Mapping[str, str], *, on: str, by: str = "") -> str:
        """A commit on a branch, made from main's head where there is none yet; not pushed."""
        known = self.git("branch", "--list", on)
        self.git("checkout", "-q", *([on] if known else ["-b", on, "main"]))
        self.write(files)
        return self.commit(who, f"{who} changes {', '.join(files)}", by)

    def push(self, who: str, branch: str, kind: str = "push") -> str:
        head = self.git("rev-parse", branch)
        old = self._run(["for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}"],
                        self.origin)  # fmt: skip
        self.git("push", "-qf", str(self.origin), branch)
        kind = "branch_creation" if not old else kind
        self.activity.append({
            "id": len(self.activity), "node_id": "n", "ref": f"refs/heads/{branch}",
            "before": old or ZERO, "after": head, "timestamp": self.now(), "activity_type": kind,
            "actor": self.user(who) if who else None,
        })  # fmt: skip
        for request in self.requests.values():
            if request.branch == branch and not request.merged:
                self._at_head(request)
        return head

    def _at_head(self, request: Request) -> None:
        request.head = self.git("rev-parse", request.branch)
        self.git("push", "-qf", str(self.origin), f"{request.head}:refs/pull/{request.number}/head")
        span = f"{request.base}..{request.head}"
        request.commits = self.git("rev-list", "--reverse", span).split()

    # -- people ----------------------------------------------------------------------------

    def user(self, login: str) -> dict[str, Any]:
        return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}

    def propose(
        self, who: str, files: Mapping[str, str] | None = None, *, branch: str = "topic",
        base: str = "main", fork: bool = False, pushed_by: str = "",
    ) -> Request:  # fmt: skip
        """Open a pull request, with one commit of these files where any are given."""
        if files is not None:
            self.change(who, files, on=branch)
        self.push(pushed_by or who, branch)
        number = len(self.requests) + 1
        request = Request(number, who, branch, base, self.tick(), fork)
        self.requests[number] = request
        self._at_head(request)
        return request

    def add(self, who: str, request: Request, files: Mapping[str, str], *, by: str = "",
            pushed_by: str = "") -> str:  # fmt: skip
        """One commit more, pushed."""
        self.change(who, files, on=request.branch, by=by)
        return self.push(pushed_by or who, request.branch)

    def approve(self, who: str, request: Request, state: str = "APPROVED") -> None:
        request.reviews.append({
            "author": who, "state": state, "commit": request.head, "submittedAt": self.now(),
        })  # fmt: skip

    def update(self, who: str, request: Request, extra: Mapping[str, str] | None = None) -> str:
        """Bring the base in ("Update branch"); ``extra`` is what is slipped into the merge."""
        self.git("checkout", "-q", request.branch)
        self.git("merge", "-q", "--no-ff", "--no-commit", request.base, who=who)
        self.write(extra or {})
        self.commit(who, "Merge the base", by="web-flow")
        return self.push(who, request.branch)

    def retarget(self, request: Request, base: str) -> None:
        request.changes.append(
            {"__typename": "BaseRefChangedEvent", "createdAt": self.now(),
             "previousRefName": request.base, "currentRefName": base}
        )  # fmt: skip
        request.base = base
        self._at_head(request)

    def merge(
        self, request: Request, how: str = "squash", who: str = "bob", *,
        extra: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Merge as GitHub does; ``extra`` is an edit that the merge commit brings in silence."""
        into = request.base
        before = self.git("rev-parse", into)
        self.git("checkout", "-q", into)
        if how == "rebase":
            own = self.git("rev-list", "--reverse", "--no-merges", f"{into}..{request.head}")
            for commit in own.split():
                author = self.git("show", "-s", "--format=%an", commit)
                self.git("cherry-pick", "--allow-empty", commit, who=author, by=who)
        elif how == "squash":
            self.git("merge", "-q", "--squash", request.head)
            self.write(extra or {})
            self.commit(request.author, f"{request.branch} (#{request.number})", by="web-flow")
        else:
            self.git("merge", "-q", "--no-ff", "--no-commit", request.head)
            self.write(extra or {})
            self.commit(who, f"Merge pull request #{request.number}", by="web-flow")
        request.merge_commit = self.push(who, into, "pr_merge")
        request.landed = self.git("rev-list", "--first-parent", f"{before}..{into}").split()
        request.merged, request.merged_at, request.merged_by = True, self.tick(), who
        return request.merge_commit

    def past(self, who: str, files: Mapping[str, str], author: str = "") -> str:
        """Push to main past any pull request."""
        self.change(author or who, files, on="main")
        return self.push(who, "main")

    def dispatch(self, who: str, **changes: Any) -> str:
        """A run of deploy.yml that somebody dispatched on main; returns its id."""
        number = str(len(self.runs) + 1)
        actor = self.user(who)
        self.runs[number] = {
            "id": int(number), "html_url": f"https://web/runs/{number}", "run_attempt": 1,
            "event": "workflow_dispatch", "path": ".github/workflows/deploy.yml",
            "head_branch": "main", "head_sha": self.git("rev-parse", "main"), "actor": actor,
            "triggering_actor": actor, **changes,
        }  # fmt: skip
        return number

    # -- the pipeline's side ---------------------------------------------------------------

    def site(self) -> Site:
        if not self.root.exists():
            self._run(["clone", "-q", "--single-branch", str(self.origin), str(self.root)],
                      self.work)  # fmt: skip
        self._run(["fetch", "-q", "origin", "main"], self.root)
        self._run(["reset", "-q", "--hard", "origin/main"], self.root)
        site = Site(self.root, self.root, self.root / ".pipeline", Output(), {})
        github = GitHub("o/r", "t", "https://api.test", f"file://{self.origin.parents[1]}")
        github._rest.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(self.answer))
        site._cache["github"] = github
        site._cache["settings"] = ProjectConfig.model_validate(
            {"name": "kw", "repository": "o/r", "region": "r", "ecr_repository": "kw"}
            | {"review": self.review}
        )
        return site

    def answer(self, request: httpx.Request) -> httpx.Response:
        """GitHub's answer to a request."""
        path = request.url.path
        self.asked.append(path)
        if path == "/graphql":
            sent = json.loads(request.content)
            done = graphql_sync(SCHEMA, sent["query"], self._root(), None, sent["variables"])
            errors = [{"message": str(error)} for error in done.errors or []]
            return httpx.Response(200, json={"data": done.data, "errors": errors})
        if path.endswith("/activity"):
            ref = request.url.params.get("ref", "")
            rows = [item for item in reversed(self.activity) if ref in ("", item["ref"])]
            return self._page(request, rows)
        if path.endswith("/git/ref/heads/main"):
            head = self._run(["rev-parse", "main"], self.origin)
            return httpx.Response(200, json={"object": {"sha": head}})
        if found := re.search(r"/collaborators/([^/]+)/permission", path):
            role = "write" if found[1] in self.writers else "read"
            return httpx.Response(200, json={"permission": role})
        if found := re.search(r"/actions/runs/(\w+)$", path):
            run = self.runs.get(found[1])
            return httpx.Response(200 if run else 404, json=run or {"message": "Not Found"})
        return httpx.Response(404, json={"message": f"Not Found: {path}"})

    def _page(self, request: httpx.Request, rows: list[Any]) -> httpx.Response:
        start = int(request.url.params.get("after", 0))
        size = int(request.url.params.get("per_page", 30))
        headers = {}
        if start + size < len(rows):
            link = request.url.copy_set_param("after", str(start + size))
            headers["Link"] = f'<{link}>; rel="next"'
        return httpx.Response(200, json=rows[start : start + size], headers=headers)

    def _root(self) -> dict[str, Any]:
        return {"repository": lambda info, **_: {
            "object": lambda info, oid: self._commit(oid),
            "pullRequest": lambda info, number: self._pull(self.requests[number]),
        }}  # fmt: skip

    def _commit(self, oid: str) -> dict[str, Any] | None:
        try:
            said = self.git("show", "-s", "--format=%ae%n%ce", oid).split("\n")
        except AssertionError:
            return None
        found = [
            item
            for item in self.requests.values()
            if item.merged
            and (oid in item.landed if self.associates_all else oid == item.merge_commit)
        ]
        # of a commit that is not on the default branch GitHub names whatever has it
        if not found and oid not in self.git("rev-list", "main").split():
            found = [item for item in self.requests.values() if oid in item.commits]
        author, committer = (self._signed(email) for email in said)
        return {
            "__typename": "Commit", "oid": oid, "author": author, "committer": committer,
            "associatedPullRequests": lambda info, **page: self._connection(
                [self._pull(item) for item in found], page
            ),
        }  # fmt: skip

    def _signed(self, email: str) -> dict[str, Any]:
        login = email.removesuffix("@people")
        known = login not in ("nobody", "web-flow") and not login.endswith("[bot]")
        if login.endswith("[bot]"):
            email = f"1+{login}@users.noreply.github.com"
        return {"email": email, "user": {"login": login} if known else None}

    def _actor(self, login: str) -> dict[str, Any] | None:
        if not login:
            return None
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"__typename": kind, "login": login.removesuffix("[bot]")}

    def _pull(self, item: Request) -> dict[str, Any]:
        reviews = [
            {**review, "__typename": "PullRequestReview", "author": self._actor(review["author"]),
             "authorCanPushToRepository": review["author"] in self.writers,
             "commit": {"oid": review["commit"]}}
            for review in item.reviews
        ]  # fmt: skip
        return {
            "number": item.number, "title": item.branch, "url": f"https://web/{item.number}",
            "merged": item.merged, "createdAt": item.created.isoformat(),
            "mergedAt": item.merged_at and item.merged_at.isoformat(),
            "isCrossRepository": item.fork, "baseRefName": item.base, "headRefName": item.branch,
            "headRefOid": item.head, "author": self._actor(item.author),
            "mergedBy": self._actor(item.merged_by),
            "mergeCommit": {"oid": item.merge_commit} if item.merged else None,
            "reviews": lambda info, **page: self._connection(reviews, page),
            "commits": lambda info, **page: self._connection(
                item.commits, page, lambda oid: {"commit": self._commit(oid)}
            ),
            "timelineItems": lambda info, **page: self._connection(item.changes, page),
        }  # fmt: skip

    def _connection(
        self,
        rows: Sequence[Any],
        page: Mapping[str, Any],
        shape: Callable[[Any], Any] = lambda x: x,
    ) -> dict[str, Any]:
        start, size = int(page.get("after") or 0), page["first"]
        more = start + size < len(rows)
        return {
            "nodes": [shape(row) for row in rows[start : start + size]],
            "pageInfo": {"hasNextPage": more, "endCursor": str(start + size)},
        }
