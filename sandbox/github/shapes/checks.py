"""Check runs and suites, statuses, deployments, environments."""

from __future__ import annotations

from sandbox.github.hub import Hub
from sandbox.github.records import (
    CheckRun,
    CheckSuite,
    Deployment,
    DeploymentStatus,
    Environment,
    Status,
    Variable,
)
from sandbox.github.shapes.apps import app
from sandbox.github.shapes.common import (
    Shape,
    minimal_repository,
    node,
    page,
    root,
    simple_commit,
    user,
)
from sandbox.github.shapes.threads import pull_minimal, the_pull


def pulls_at(hub: Hub, sha: str) -> list[Shape]:
    """The open pull requests whose head a commit is."""
    return [
        pull_minimal(hub, item)
        for item in hub.pulls()
        if item.state == "open" and the_pull(item).head_sha == sha
    ]


def check_run(hub: Hub, item: CheckRun) -> Shape:
    """``check-run``."""
    url = f"{root(hub)}/check-runs/{item.id}"
    html = item.details_url or f"{page(hub)}/runs/{item.id}"
    return {
        "id": item.id,
        "node_id": node("CheckRun", item.id),
        "head_sha": item.head_sha,
        "external_id": item.external_id,
        "url": url,
        "html_url": html,
        "details_url": html,
        "name": item.name,
        "status": item.status,
        "conclusion": item.conclusion,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
        "output": {
            "title": item.title,
            "summary": item.summary,
            "text": item.text,
            "annotations_count": len(item.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": item.suite_id},
        "app": app(hub, item.app),
        "pull_requests": pulls_at(hub, item.head_sha),
    }


def annotation(hub: Hub, item: CheckRun, raw: Shape) -> Shape:
    """``check-annotation``."""
    return {
        "path": raw["path"],
        "start_line": raw["start_line"],
        "end_line": raw["end_line"],
        "start_column": raw.get("start_column"),
        "end_column": raw.get("end_column"),
        "annotation_level": raw["annotation_level"],
        "title": raw.get("title"),
        "message": raw["message"],
        "raw_details": raw.get("raw_details"),
        "blob_href": f"{page(hub)}/blob/{item.head_sha}/{raw['path']}",
    }


def check_suite(hub: Hub, item: CheckSuite) -> Shape:
    """``check-suite``; status and conclusion follow from its check runs."""
    runs = [run for run in hub.state.check_runs.values() if run.suite_id == item.id]
    done = bool(runs) and all(run.status == "completed" for run in runs)
    bad = {run.conclusion for run in runs} - {"success", "neutral", "skipped"}
    url = f"{root(hub)}/check-suites/{item.id}"
    return {
        "id": item.id,
        "node_id": node("CheckSuite", item.id),
        "head_branch": item.head_branch,
        "head_sha": item.head_sha,
        "status": "completed" if done else "in_progress" if runs else "queued",
        "conclusion": (sorted(map(str, bad))[0] if bad else "success") if done else None,
        "url": url,
        "before": None,
        "after": item.head_sha,
        "pull_requests": pulls_at(hub, item.head_sha),
        "app": app(hub, item.app),
        "repository": minimal_repository(hub),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": simple_commit(hub.repo.commit(item.head_sha)),
    }


def status(hub: Hub, item: Status, simple: bool = False) -> Shape:
    """``status`` or ``simple-commit-status``."""
    shape: Shape = {
        "url": f"{root(hub)}/statuses/{item.sha}",
        "avatar_url": user(hub, item.creator)["avatar_url"],
        "id": item.id,
        "node_id": node("StatusContext", item.id),
        "state": item.state,
        "description": item.description,
        "target_url": item.target_url,
        "context": item.context,
        "created_at": item.created_at,
        "updated_at": item.created_at,
    }
    return shape if simple else {**shape, "creator": user(hub, item.creator)}


def deployment(hub: Hub, item: Deployment) -> Shape:
    """``deployment``."""
    url = f"{root(hub)}/deployments/{item.id}"
    return {
        "url": url,
        "id": item.id,
        "node_id": node("Deployment", item.id),
        "sha": item.sha,
        "ref": item.ref,
        "task": item.task,
        "payload": item.payload,
        "original_environment": item.environment,
        "environment": item.environment,
        "description": item.description,
        "creator": user(hub, item.creator),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "statuses_url": f"{url}/statuses",
        "repository_url": root(hub),
        "transient_environment": False,
        "production_environment": item.environment == "prod",
    }


def deployment_status(hub: Hub, parent: Deployment, item: DeploymentStatus) -> Shape:
    """``deployment-status``."""
    url = f"{root(hub)}/deployments/{parent.id}"
    return {
        "url": f"{url}/statuses/{item.id}",
        "id": item.id,
        "node_id": node("DeploymentStatus", item.id),
        "state": item.state,
        "creator": user(hub, item.creator),
        "description": item.description,
        "environment": item.environment,
        "target_url": item.log_url,
        "log_url": item.log_url,
        "environment_url": item.environment_url,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "deployment_url": url,
        "repository_url": root(hub),
    }


def reviewers(hub: Hub, item: Environment) -> list[Shape]:
    return [{"type": "User", "reviewer": user(hub, login)} for login in item.reviewers]


def environment(hub: Hub, item: Environment) -> Shape:
    """``environment``."""
    rules: list[Shape] = []
    if item.wait_timer:
        rules.append(_rule(item, 1, "wait_timer") | {"wait_timer": item.wait_timer})
    if item.reviewers:
        rules.append(
            _rule(item, 2, "required_reviewers")
            | {
                "prevent_self_review": item.prevent_self_review,
                "reviewers": reviewers(hub, item),
            }
        )
    if item.branch_policy:
        rules.append(_rule(item, 3, "branch_policy"))
    policy = item.branch_policy and {
        "protected_branches": item.branch_policy == "protected",
        "custom_branch_policies": item.branch_policy == "custom",
    }
    return {
        **environment_minimal(hub, item),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "protection_rules": rules,
        "deployment_branch_policy": policy,
    }


def environment_minimal(hub: Hub, item: Environment) -> Shape:
    """The five keys of an environment that pending deployments show."""
    return {
        "id": item.id,
        "node_id": node("Environment", item.id),
        "name": item.name,
        "url": f"{root(hub)}/environments/{item.name}",
        "html_url": f"{page(hub)}/deployments?environment={item.name}",
    }


def _rule(item: Environment, number: int, kind: str) -> Shape:
    id = item.id * 10 + number
    return {"id": id, "node_id": node("GateRule", id), "type": kind}


def variable(item: Variable) -> Shape:
    """``actions-variable``."""
    return {
        "name": item.name,
        "value": item.value,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
