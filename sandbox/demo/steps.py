"""What several parts of the story do, each step checked as it is told."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx

from sandbox.demo.actors import Person, StoryError
from sandbox.demo.client import SteadyClient
from sandbox.demo.stage import UNIT, Stage
from sandbox.demo.teller import Teller

#: How long an uploaded document may take until it answers a question, or a task until it answers.
ANSWER_SECONDS = 60


class Steps:
    """Steps on a stage; raises StoryError where one does not end as told."""

    def __init__(self, stage: Stage, tell: Teller) -> None:
        self.stage = stage
        self.tell = tell
        self.began = datetime.now(UTC)

    def checked(self, pull: dict[str, Any], conclusion: str) -> dict[str, Any]:
        """The checks of a pull request's head, which must end as told."""
        bob = self.stage.bob
        with self.tell.doing(f"checks of pull request #{pull['number']}"):
            run = bob.run_of(pull["head"]["sha"], "pull_request")
            if self.broke_off(run, conclusion):
                for state in ("closed", "open"):
                    bob.call("PATCH", f"pulls/{pull['number']}", json={"state": state})
                run = bob.run_of(pull["head"]["sha"], "pull_request", after=run["id"])
        return self.expect(run, conclusion)

    def broke_off(self, run: dict[str, Any], conclusion: str) -> bool:
        """Whether an earlier telling left a run that did not end as told."""
        wrong = run["status"] == "completed" and run["conclusion"] != conclusion
        return wrong and self.earlier(run)

    def earlier(self, run: dict[str, Any]) -> bool:
        return datetime.fromisoformat(run["updated_at"]) < self.began

    def expect(self, run: dict[str, Any], conclusion: str) -> dict[str, Any]:
        if run["conclusion"] != conclusion:
            said = self.stage.bob.failed_log(run)
            raise StoryError(
                f"run {run['html_url']} ended with {run['conclusion']}, not {conclusion}\n{said}"
            )
        return run

    def approved_and_merged(self, pull: dict[str, Any]) -> str:
        self.stage.bob.approve(pull)
        sha = self.stage.bob.merge(pull)
        self.tell.seen(f"bob approved #{pull['number']} and merged it as {sha[:7]}")
        return sha

    def deploying(self, sha: str, conclusion: str = "success") -> dict[str, Any]:
        """The deploy of a commit, over or waiting for somebody."""
        with self.tell.doing(f"deploy of {sha[:7]}"):
            run = self.stage.bob.run_of(sha, "push")
            if self.broke_off(run, conclusion):
                run = self._again(sha, conclusion)
        return run

    def _again(self, sha: str, conclusion: str) -> dict[str, Any]:
        """The deploy of a commit by hand: one that ended as told, else a new one."""
        which = {"head_sha": sha, "event": "workflow_dispatch"}
        runs = self.stage.bob.call("GET", "actions/runs", params=which)["workflow_runs"]
        for run in runs:
            if run["conclusion"] == conclusion:
                return dict(run)
        self.stage.pipeline("unlock", UNIT)  # a lock that the run left, if any
        return self.stage.admin.dispatch("deploy.yml", {})

    def deployed(self, sha: str, conclusion: str = "success") -> dict[str, Any]:
        return self.expect(self.deploying(sha, conclusion), conclusion)

    def serving(self) -> str:
        """The tree that the service runs, once it answers: after a restart its tasks start anew."""
        url, end = f"{self.stage.url()}/version", time.monotonic() + ANSWER_SECONDS
        while True:
            answer = httpx.get(url, timeout=10)
            if answer.is_success:
                return str(answer.json()["tree"])
            if time.monotonic() > end:
                raise StoryError(f"{url} answers {answer.status_code}")
            time.sleep(0.2)

    def serves(self, tree: str) -> None:
        url = self.stage.url()
        answer = httpx.get(f"{url}/version", timeout=10).json()
        if answer["tree"] != tree:
            raise StoryError(f"{url}/version says {answer['tree']}, not {tree}")
        self.tell.seen(f"curl {url}/version: tree {tree[:12]}")

    def verified(self, *units: str, expect: int = 0) -> str:
        command = ("verify", *units)
        with self.tell.doing(f"pipeline {' '.join(command)}"):
            return self.stage.pipeline(*command, expect=expect)

    def wake(self, person: Person, pull: dict[str, Any]) -> None:
        """Let the checks run: GitHub holds those of a pull request that a workflow opened."""
        runs = person.call("GET", "actions/runs", params={"head_sha": pull["head"]["sha"]})
        for run in runs["workflow_runs"]:
            if run["conclusion"] == "action_required":
                person.call("POST", f"actions/runs/{run['id']}/approve")

    def answered(self, question: str) -> dict[str, Any]:
        """The first answer that there is, or the last without one: an upload takes its moment."""
        url, key = f"{self.stage.url()}/ask", {"x-api-key": self.stage.api_key()}
        end = time.monotonic() + ANSWER_SECONDS
        while True:
            answer: dict[str, Any] = httpx.post(
                url, json={"question": question}, headers=key, timeout=20
            ).json()
            if answer["answer"] or time.monotonic() > end:
                return answer
            time.sleep(0.2)

    def pull_from(self, branch: str) -> dict[str, Any]:
        alice = self.stage.alice
        params = {"state": "all", "head": f"knowledgeweaver:{branch}"}
        return alice.pull(alice.call("GET", "pulls", params=params)[0]["number"])

    def revert_of(self, pull: dict[str, Any]) -> dict[str, Any]:
        pulls = self.stage.bob.call("GET", "pulls", params={"state": "all"})
        found = [
            p for p in pulls if p["title"].startswith("Revert") and p["number"] > pull["number"]
        ]
        if not found:
            raise StoryError(f"no revert of #{pull['number']} was opened")
        return self.stage.bob.pull(found[0]["number"])

    def uninterrupted(self, client: SteadyClient, run: dict[str, Any], versions: int) -> None:
        """What a client saw of a deploy's roll."""
        if self.earlier(run):
            self.tell.seen("it rolled in an earlier telling, when requests were not counted")
            return
        if client.failed or client.total < 20:
            raise StoryError(
                f"{len(client.failed)} of {client.total} requests failed: {client.failed[:3]}"
            )
        if len(client.versions) != versions:
            raise StoryError(f"expected {versions} versions to answer, saw {client.versions}")
        self.tell.seen(f"{client.total} requests during the roll, 0 failed")
