"""Workflow runs, jobs, artifacts and workflows, from the engine's snapshots."""

from __future__ import annotations

import zlib
from datetime import datetime

from sandbox.actions.model import Artifact, Job, Status, WorkflowRun
from sandbox.github.host import stamp
from sandbox.github.hub import Hub
from sandbox.github.model import BOT, REPOSITORY_ID
from sandbox.github.records import HeldRun
from sandbox.github.shapes import checks
from sandbox.github.shapes.common import (
    Shape,
    minimal_repository,
    node,
    page,
    root,
    simple_commit,
    user,
)


def workflow_id(path: str) -> int:
    """A number for a workflow file that stays the same for its path."""
    return zlib.crc32(path.encode()) or 1


def workflow(hub: Hub, path: str, name: str) -> Shape:
    """``workflow``."""
    id = workflow_id(path)
    file = path.rpartition("/")[2]
    return {
        "id": id,
        "node_id": node("Workflow", id),
        "name": name,
        "path": path,
        "state": "active",
        "created_at": hub.state.created_at,
        "updated_at": hub.state.pushed_at,
        "url": f"{root(hub)}/actions/workflows/{id}",
        "html_url": f"{page(hub)}/blob/main/{path}",
        "badge_url": f"{page(hub)}/workflows/{file}/badge.svg",
    }


def run(hub: Hub, item: WorkflowRun) -> Shape:
    """``workflow-run``."""
    url = f"{root(hub)}/actions/runs/{item.id}"
    suite = next((s.id for s in hub.state.check_suites.values() if s.run_id == item.id), 0)
    flow = f"{root(hub)}/actions/workflows/{workflow_id(item.path)}"
    return {
        "id": item.id,
        "name": item.workflow,
        "node_id": node("WorkflowRun", item.id),
        "check_suite_id": suite,
        "check_suite_node_id": node("CheckSuite", suite),
        "head_branch": item.head_branch,
        "head_sha": item.head_sha,
        "path": item.path,
        "run_number": item.run_number,
        "run_attempt": item.run_attempt,
        "event": item.event,
        "display_title": item.display_title,
        "status": str(item.status),
        "conclusion": str(item.conclusion) if item.conclusion else None,
        "workflow_id": workflow_id(item.path),
        "url": url,
        "html_url": f"{page(hub)}/actions/runs/{item.id}",
        "pull_requests": checks.pulls_at(hub, item.head_sha),
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "run_started_at": stamp(item.run_started_at),
        "actor": user(hub, item.actor),
        "triggering_actor": user(hub, item.triggering_actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{root(hub)}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{item.run_attempt - 1}"
        if item.run_attempt > 1
        else None,
        "workflow_url": flow,
        "head_commit": simple_commit(hub.repo.commit(item.head_sha)),
        "repository": minimal_repository(hub),
        "head_repository": minimal_repository(hub),
        "head_repository_id": REPOSITORY_ID,
        "referenced_workflows": [],
    }


def job(hub: Hub, parent: WorkflowRun, item: Job) -> Shape:
    """``job``."""
    at = f"{page(hub)}/actions/runs/{parent.id}/job/{item.id}"
    created = stamp(item.created_at)
    ran = item.started_at is not None
    return {
        "id": item.id,
        "run_id": parent.id,
        "workflow_name": parent.workflow,
        "head_branch": parent.head_branch,
        "run_url": f"{root(hub)}/actions/runs/{parent.id}",
        "run_attempt": item.run_attempt,
        "node_id": node("CheckRun", item.id),
        "head_sha": parent.head_sha,
        "url": f"{root(hub)}/actions/jobs/{item.id}",
        "html_url": at,
        "status": str(item.status),
        "conclusion": str(item.conclusion) if item.conclusion else None,
        "created_at": created,
        "started_at": stamp(item.started_at) or created,
        "completed_at": stamp(item.completed_at),
        "name": item.name,
        "steps": [
            {
                "name": step.name,
                # A step knows only these three; one that waits is queued.
                "status": str(step.status)
                if step.status in (Status.IN_PROGRESS, Status.COMPLETED)
                else "queued",
                "conclusion": str(step.conclusion) if step.conclusion else None,
                "number": step.number,
                "started_at": stamp(step.started_at),
                "completed_at": stamp(step.completed_at),
            }
            for step in item.steps
        ],
        "check_run_url": f"{root(hub)}/check-runs/{item.id}",
        "labels": list(item.labels),
        "runner_id": 1 if ran else None,
        "runner_name": "sandbox" if ran else None,
        "runner_group_id": 1 if ran else None,
        "runner_group_name": "GitHub Actions" if ran else None,
    }


def artifact(hub: Hub, parent: WorkflowRun, item: Artifact) -> Shape:
    """``artifact``."""
    url = f"{root(hub)}/actions/artifacts/{item.id}"
    return {
        "id": item.id,
        "node_id": node("Artifact", item.id),
        "name": item.name,
        "size_in_bytes": item.size_in_bytes,
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "digest": item.digest,
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.created_at),
        "expires_at": None,
        "workflow_run": {
            "id": parent.id,
            "repository_id": REPOSITORY_ID,
            "head_repository_id": REPOSITORY_ID,
            "head_branch": parent.head_branch,
            "head_sha": parent.head_sha,
        },
    }


def held(hub: Hub, item: HeldRun) -> Shape:
    """``workflow-run`` of runs that wait for consent: completed, ``action_required``."""
    issue = hub.state.issues[item.number]
    moment = datetime.fromisoformat(item.created_at)
    snapshot = WorkflowRun(
        id=item.id, run_number=1, run_attempt=1, workflow="pull request",
        path=".github/workflows/pull-request.yml", display_title=issue.title,
        event="pull_request", payload={}, sha=item.head_sha,
        ref=f"refs/pull/{item.number}/merge", head_sha=item.head_sha,
        head_branch=issue.pull.head_ref if issue.pull else "", actor=BOT, triggering_actor=BOT,
        status=Status.COMPLETED, conclusion=None, created_at=moment, run_started_at=moment,
        updated_at=moment, pull_request=item.number,
    )  # fmt: skip
    return {**run(hub, snapshot), "conclusion": "action_required"}
