"""The hub as Actions sees it: commits, environments, tokens, and the news about runs.

Everything here may be called while the engine holds its own lock; nothing here calls it back.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.adapters.tools import cache_dir
from sandbox.actions.model import (
    EnvironmentRules,
    Job,
    Repository,
    Status,
    WorkflowRun,
)
from sandbox.client import docker_engine
from sandbox.github import queue
from sandbox.github.diffs import changed_files
from sandbox.github.gitrepo import GitError
from sandbox.github.hub import Hub
from sandbox.github.model import BOT, DEFAULT_BRANCH, OWNER_ID, REPOSITORY, REPOSITORY_ID, ZERO, now
from sandbox.github.records import CheckRun, CheckSuite, Deployment, DeploymentStatus, Environment

#: What a job inherits from this machine: where packages come from and certificates are, no secrets.
PASSED_ON = (
    "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CACHE_DIR", "PIP_INDEX_URL", "PIP_CONFIG_FILE",
    "GOPROXY", "GOFLAGS", "NPM_CONFIG_REGISTRY", "TF_PLUGIN_CACHE_DIR", "SANDBOX_DIR",
)  # fmt: skip


def stamp(time: datetime | None) -> str | None:
    """A time as GitHub writes it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def environment_of(hub: Hub, name: str) -> Environment:
    """An environment; a workflow that names an unknown one creates it, unprotected."""
    if name not in hub.state.environments:
        moment = now()
        hub.state.environments[name] = Environment(hub.state.take_id(), name, moment, moment)
    return hub.state.environments[name]


class HubHost:
    """Implements ``sandbox.actions.model.Host``; ``oidc_jobs`` maps request tokens to job ids."""

    def __init__(self, hub: Hub, aws_url: str, region: str = "ap-southeast-2") -> None:
        self._hub = hub
        self._aws_url = aws_url
        self._region = region
        self.oidc_jobs: dict[str, tuple[int, int]] = {}

    def repository(self) -> Repository:
        return Repository(
            REPOSITORY, REPOSITORY_ID, OWNER_ID, DEFAULT_BRANCH, self._hub.url, self._hub.api
        )

    def checkout(self, sha: str) -> Mapping[str, bytes]:
        repo = self._hub.repo
        files = {}
        for _, kind, _, _, path in repo.tree(sha, recursive=True):
            if kind == "blob" and path.startswith(".github/workflows/"):
                files[path] = repo.blob(sha, path) or b""
        return files

    def resolve(self, repository: str, ref: str) -> str | None:
        return self._hub.repo.resolve(ref) if repository == REPOSITORY else None

    def changed_files(self, event: str, payload: Mapping[str, Any]) -> tuple[str, ...]:
        if event == "push":
            old, new = str(payload["before"]), str(payload["after"])
        else:
            pull = payload["pull_request"]
            new = str(pull["head"]["sha"])
            old = self._hub.repo.merge_base(str(pull["base"]["sha"]), new) or new
        if ZERO in (old, new):
            return ()
        try:
            return tuple(file.filename for file in changed_files(self._hub.repo, old, new))
        except GitError:
            return ()  # a commit that a force push made unreachable

    def environment(self, name: str) -> EnvironmentRules:
        with self._hub.lock:
            item = environment_of(self._hub, name)
            branches: tuple[str, ...] = ()
            if item.branch_policy == "protected":
                branches = tuple(self._hub.state.protections) or ("",)
            elif item.branch_policy == "custom":
                branches = tuple(policy.name for policy in item.policies) or ("",)
            return EnvironmentRules(
                name, tuple(item.reviewers), item.prevent_self_review, branches=branches
            )

    def variables(self) -> Mapping[str, str]:
        with self._hub.lock:
            return {item.name: item.value for item in self._hub.state.variables.values()}

    def secrets(self) -> Mapping[str, str]:
        return {}

    def token(self, job: Job, permissions: Mapping[str, str]) -> str:
        with self._hub.lock:
            return self._hub.jobs.issue(job.run_id, job.id, permissions)

    def oidc_request(self, job: Job) -> tuple[str, str]:
        bearer = secrets.token_urlsafe(40)
        with self._hub.lock:
            self.oidc_jobs[bearer] = (job.run_id, job.id)
        return f"{self._hub.url}/_oidc/token?api-version=2.0", bearer

    def runner_env(self) -> Mapping[str, str]:
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {
            **env,
            **({"DOCKER_SANDBOX": env["SANDBOX_DIR"]} if "SANDBOX_DIR" in env else {}),
            "PATH": _path(),
            "PIPELINE_CACHE": str(cache_dir()),
            "PIPELINE_CHECK_PROVIDERS": "init",
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
            "AWS_ENDPOINT_URL": self._aws_url,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def notify(self, run: WorkflowRun) -> None:
        """Bring check runs, deployments and tokens in line with a run."""
        hub = self._hub
        with hub.lock:
            suite = _suite(hub, run)
            for job in (*run.previous_jobs, *run.jobs):
                _check(hub, run, suite, job)
                if job.status is Status.COMPLETED:
                    hub.jobs.retire(job.id)
                    self._forget(job.id)
            for job in run.jobs:
                if job.environment:
                    _deployment(hub, run, job)
            if hub.state.queue:
                queue.advance(hub)
            hub.touch()

    def _forget(self, job_id: int) -> None:
        for bearer in [b for b, (_, job) in self.oidc_jobs.items() if job == job_id]:
            del self.oidc_jobs[bearer]


def _path() -> str:
    """PATH of a job: where no Docker engine is, the sandbox's ``docker`` comes first."""
    path = os.environ.get("PATH", os.defpath)
    own = str(Path(__file__).resolve().parents[1] / "bin")
    return path if docker_engine() else os.pathsep.join([own, path])


def _suite(hub: Hub, run: WorkflowRun) -> CheckSuite:
    for suite in hub.state.check_suites.values():
        if suite.run_id == run.id:
            suite.updated_at = stamp(run.updated_at) or now()
            return suite
    moment = stamp(run.created_at) or now()
    suite = CheckSuite(
        hub.state.take_id(), run.head_sha, run.head_branch, "github-actions", moment, moment, run.id
    )
    hub.state.check_suites[suite.id] = suite
    return suite


def _check(hub: Hub, run: WorkflowRun, suite: CheckSuite, job: Job) -> None:
    if job.id not in hub.state.check_runs:
        url = f"{hub.url}/{REPOSITORY}/actions/runs/{run.id}/job/{job.id}"
        hub.state.check_runs[job.id] = CheckRun(
            job.id, suite.id, job.name, run.head_sha, "queued",
            details_url=url, job_id=job.id, run_id=run.id,
        )  # fmt: skip
    check = hub.state.check_runs[job.id]
    check.name = job.name
    check.status = str(job.status)
    check.conclusion = str(job.conclusion) if job.conclusion else None
    check.started_at = stamp(job.started_at or job.created_at)
    check.completed_at = stamp(job.completed_at)
    check.annotations = [
        {
            "path": note.path or ".github",
            "start_line": note.line,
            "end_line": note.line,
            "annotation_level": note.level,
            "message": note.message,
            "title": note.title or None,
        }
        for note in job.annotations
    ]


#: Job conclusion -> state of its deployment ("Deployment statuses").
_OUTCOME = {"success": "success", "failure": "failure", "cancelled": "error", "skipped": None}


def _deployment(hub: Hub, run: WorkflowRun, job: Job) -> None:
    """The deployment that GitHub keeps for every job with an environment."""
    item = next((d for d in hub.state.deployments.values() if d.job_id == job.id), None)
    if job.status in (Status.QUEUED, Status.PENDING) and item is None:
        return
    if job.status is Status.COMPLETED:
        state = _OUTCOME.get(str(job.conclusion), "error")
    else:
        state = {Status.IN_PROGRESS: "in_progress", Status.WAITING: "pending"}.get(
            job.status, "queued"
        )
    if state is None or (item is None and job.conclusion is not None and job.started_at is None):
        return
    name = job.environment or ""
    if item is None:
        moment = now()
        item = Deployment(
            hub.state.take_id(), run.sha, run.ref.removeprefix("refs/heads/"), name, run.actor,
            moment, moment, run_id=run.id, job_id=job.id,
        )  # fmt: skip
        hub.state.deployments[item.id] = item
    if item.statuses and item.statuses[-1].state in (state, "inactive"):
        return
    if state == "success":
        for other in hub.state.deployments.values():
            last = other.statuses[-1].state if other.statuses else ""
            if other.environment == name and other is not item and last == "success":
                _status(hub, other, "inactive", job)
    _status(hub, item, state, job)


def _status(hub: Hub, item: Deployment, state: str, job: Job) -> None:
    log = f"{hub.url}/{REPOSITORY}/actions/runs/{job.run_id}/job/{job.id}"
    moment = now()
    item.updated_at = moment
    item.statuses.append(
        DeploymentStatus(
            hub.state.take_id(), state, BOT, "", item.environment, log, job.environment_url, moment
        )
    )
