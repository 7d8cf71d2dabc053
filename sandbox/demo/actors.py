"""The people of the story: each works through git and GitHub's API, as people do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox.demo.repository import Clone

Edit = Callable[[Path], None]

#: Seconds a workflow run may take before the story gives up on it.
RUN_LIMIT = 420.0
#: Seconds between two looks at a run: GitHub allows a person 5,000 requests an hour.
LOOK = 1.0
#: Seconds that the checks of a run may take to be told after it.
CHECKS_LIMIT = 10.0


#: The id of a plan record: a commit, a run with its attempt, and a random end.
RECORD = re.compile(r"\b[0-9a-f]{40}-\d+-\d+-[0-9a-f]{8}\b")


class StoryError(Exception):
    """The story did not go as told; the message says what was expected and what was seen."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the local GitHub, with a token and a clone of the repository."""

    login: str
    api: httpx.Client
    clone: Clone

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One API call; the parsed answer, or StoryError with GitHub's message."""
        answer = self.api.request(method, path, **options)
        if answer.is_error:
            raise StoryError(
                f"{self.login}: {method} {path} answered {answer.status_code}: {answer.text[:500]}"
            )
        return answer.json() if answer.content else None

    # -- pull requests -----------------------------------------------------------------------

    def propose(self, branch: str, title: str, body: str, edit: Edit) -> dict[str, Any]:
        """A pull request from a branch with one commit; the existing one when it is there."""
        found = self.call(
            "GET", "pulls", params={"state": "all", "head": f"knowledgeweaver:{branch}"}
        )
        if found:
            pull: dict[str, Any] = self.pull(found[0]["number"])
            return pull
        self.clone.commit(branch, "origin/main", title, edit)
        self.clone.push(branch)
        made: dict[str, Any] = self.call(
            "POST", "pulls", json={"title": title, "body": body, "head": branch, "base": "main"}
        )
        return made

    def push_more(self, pull: dict[str, Any], message: str, edit: Edit) -> dict[str, Any]:
        """One more commit on a pull request's branch."""
        branch = pull["head"]["ref"]
        self.clone.commit(branch, f"origin/{branch}", message, edit)
        self.clone.push(branch)
        return self.pull(pull["number"])

    def pull(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"pulls/{number}")
        return found

    def approve(self, pull: dict[str, Any]) -> None:
        """Approve the head as it is now, unless done already."""
        path = f"pulls/{pull['number']}/reviews"
        head = self.pull(pull["number"])["head"]["sha"]
        if any(r["state"] == "APPROVED" and r["commit_id"] == head for r in self.call("GET", path)):
            return
        self.call(
            "POST", path, json={"event": "APPROVE", "commit_id": head, "body": "Read and approved."}
        )

    def merge(self, pull: dict[str, Any]) -> str:
        """Squash-merge; the commit on main (also when it was merged before)."""
        fresh = self.pull(pull["number"])
        if fresh["merged"]:
            return str(fresh["merge_commit_sha"])
        # a run is over a moment before its checks say so; what stays blocked is told by the merge
        end = time.monotonic() + CHECKS_LIMIT
        while fresh["mergeable_state"] == "blocked" and time.monotonic() < end:
            time.sleep(LOOK)
            fresh = self.pull(pull["number"])
        path = f"pulls/{pull['number']}/merge"
        merged = self.call(
            "PUT", path, json={"merge_method": "squash", "sha": fresh["head"]["sha"]}
        )
        return str(merged["sha"])

    def comment_of(self, pull: dict[str, Any]) -> str:
        """The pipeline's comment on a pull request; StoryError when there is none."""
        comments = self.call("GET", f"issues/{pull['number']}/comments")
        bodies = [str(c["body"]) for c in comments if c["user"]["login"] == "github-actions[bot]"]
        if len(bodies) != 1:
            raise StoryError(
                f"expected one comment of the pipeline on #{pull['number']}, found {len(bodies)}"
            )
        return bodies[0]

    @contextmanager
    def past_review(self) -> Iterator[None]:
        """What an administrator can do at any time: take main's protection away for a while."""
        path = "branches/main/protection"
        rules = self.call("GET", path)
        self.call("DELETE", path)
        try:
            yield
        finally:
            self.call("PUT", path, json=_as_asked(rules))

    # -- workflow runs -----------------------------------------------------------------------

    def run_of(self, sha: str, event: str, after: int = 0) -> dict[str, Any]:
        """The run that an event on a commit started, once it is over or waits for somebody.

        ``after``: only a later run than that one.
        """
        deadline = time.monotonic() + RUN_LIMIT
        run: dict[str, Any] = {}
        while time.monotonic() < deadline:
            answer = self.call("GET", "actions/runs", params={"head_sha": sha, "event": event})
            runs = [
                r
                for r in answer["workflow_runs"]
                if r["conclusion"] != "action_required" and r["id"] > after
            ]
            if runs:
                run = max(runs, key=lambda one: one["id"])
                if run["status"] in ("completed", "waiting"):
                    return run
            time.sleep(LOOK)
        raise StoryError(
            f"no {event} run of {sha[:7]} came to an end in {RUN_LIMIT:.0f} s: {run.get('status')}"
        )

    def finished(self, run: dict[str, Any]) -> dict[str, Any]:
        """A run when it is over."""
        deadline = time.monotonic() + RUN_LIMIT
        while time.monotonic() < deadline:
            fresh: dict[str, Any] = self.call("GET", f"actions/runs/{run['id']}")
            if fresh["status"] in ("completed", "waiting"):
                return fresh
            time.sleep(LOOK)
        raise StoryError(f"run {run['id']} did not end in {RUN_LIMIT:.0f} s")

    def asked_to_review(self, run: dict[str, Any]) -> str:
        """The id of the plan record that a run asks somebody to review, out of its log."""
        for job in self.call("GET", f"actions/runs/{run['id']}/jobs")["jobs"]:
            if job["conclusion"] == "skipped":
                continue
            log = self.api.get(f"actions/jobs/{job['id']}/logs", follow_redirects=True).text
            if found := RECORD.findall(log):
                return str(found[-1])
        raise StoryError(f"run {run['html_url']} asks for no review")

    def dispatch(self, workflow: str, inputs: dict[str, str]) -> dict[str, Any]:
        """Start a workflow by hand; its run once it is over or waits."""
        head = self.call("GET", "branches/main")["commit"]["sha"]
        before = {
            r["id"]
            for r in self.call("GET", "actions/runs", params={"event": "workflow_dispatch"})[
                "workflow_runs"
            ]
        }
        self.call(
            "POST",
            f"actions/workflows/{workflow}/dispatches",
            json={"ref": "main", "inputs": inputs},
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            runs = self.call("GET", "actions/runs", params={"event": "workflow_dispatch"})[
                "workflow_runs"
            ]
            new = [run for run in runs if run["id"] not in before]
            if new:
                return self.finished(new[0])
            time.sleep(LOOK)
        raise StoryError(f"{workflow} was dispatched on {head[:7]}, but no run appeared")

    def failed_log(self, run: dict[str, Any], lines: int = 25) -> str:
        """The end of the log of the first job that failed."""
        jobs = self.call("GET", f"actions/runs/{run['id']}/jobs")["jobs"]
        for job in jobs:
            if job["conclusion"] == "failure":
                answer = self.api.get(f"actions/jobs/{job['id']}/logs", follow_redirects=True)
                return f"{job['name']}:\n" + "\n".join(answer.text.splitlines()[-lines:])
        return "no job failed"


def _as_asked(rules: dict[str, Any]) -> dict[str, Any]:
    """A branch's protection as it is asked for (GitHub, "Update branch protection")."""
    checks = rules.get("required_status_checks")
    reviews = rules.get("required_pull_request_reviews")
    taken = (
        "dismiss_stale_reviews",
        "require_code_owner_reviews",
        "required_approving_review_count",
        "require_last_push_approval",
    )
    return {
        "required_status_checks": checks
        and {
            "strict": checks["strict"],
            "contexts": [],
            "checks": [{name: one[name] for name in one if one[name]} for one in checks["checks"]],
        },
        "enforce_admins": rules["enforce_admins"]["enabled"],
        "required_pull_request_reviews": reviews and {name: reviews[name] for name in taken},
        "restrictions": None,
    }
