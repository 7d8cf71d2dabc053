"""The contexts expressions may see. Source: docs.github.com, "Contexts reference"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.actions.expr import Scope, Value
from sandbox.actions.model import Conclusion, Repository
from sandbox.actions.state import Instance, Level, Node, Run

#: Properties only the runner knows.
RUNNER_ONLY = frozenset(
    ("github", name)
    for name in (
        "action",
        "action_path",
        "action_ref",
        "action_repository",
        "action_status",
        "env",
        "event_path",
        "job",
        "path",
        "token",
        "workspace",
    )
)


def github(run: Run, repository: Repository) -> dict[str, Value]:
    """The ``github`` context of a run, but for what only the runner knows."""
    payload: Mapping[str, Any] = run.payload
    pull = payload.get("pull_request") or {}
    kind = "tag" if run.ref.startswith("refs/tags/") else "branch"
    name = run.ref.removeprefix("refs/")
    return {
        "actor": run.actor,
        "api_url": repository.api_url,
        "base_ref": pull.get("base", {}).get("ref", ""),
        "event": dict(payload),
        "event_name": run.event,
        "graphql_url": f"{repository.api_url.removesuffix('/v3')}/graphql",
        "head_ref": pull.get("head", {}).get("ref", ""),
        "ref": run.ref,
        "ref_name": name.partition("/")[2],
        "ref_protected": run.ref == f"refs/heads/{repository.default_branch}",
        "ref_type": kind,
        "repository": repository.full_name,
        "repository_id": str(repository.id),
        "repository_owner": repository.owner,
        "repository_owner_id": str(repository.owner_id),
        "repositoryUrl": f"{repository.server_url}/{repository.full_name}.git",
        "retention_days": "90",
        "run_attempt": str(run.attempt),
        "run_id": str(run.id),
        "run_number": str(run.number),
        "secret_source": "None" if run.from_fork else "Actions",
        "server_url": repository.server_url,
        "sha": run.sha,
        "triggering_actor": run.triggering_actor,
        "workflow": run.workflow,
        "workflow_ref": f"{repository.full_name}/{run.path}@{run.ref}",
        "workflow_sha": run.sha,
    }


def needs(node: Node) -> dict[str, Value]:
    """Result and outputs of the direct dependencies."""
    found: dict[str, Value] = {}
    for name in node.spec.needs:
        other = node.level.nodes[name]
        outputs: dict[str, Value] = dict(other.outputs)
        found[name] = {"result": str(other.result or ""), "outputs": outputs}
    return found


def status(node: Node, *, cancelled: bool | None = None) -> dict[str, bool]:
    """The status checks for a job's ``if``: over all its ancestors, not only the direct ones."""
    level = node.level
    results = [level.nodes[name].result for name in level.spec.ancestors(node.spec.id)]
    is_cancelled = level.is_cancelled if cancelled is None else cancelled
    failed = Conclusion.FAILURE in results
    return {
        "always": True,
        "cancelled": is_cancelled,
        "failure": failed and not is_cancelled,
        "success": not is_cancelled and all(r is Conclusion.SUCCESS for r in results),
    }


def scope(
    node: Node,
    repository: Repository,
    variables: Mapping[str, str],
    instance: Instance | None = None,
    *,
    cancelled: bool | None = None,
) -> Scope:
    """What a job's keys may see; ``matrix`` and ``strategy`` only once it is expanded."""
    run = node.level.run
    found: dict[str, Value] = {
        "github": github(run, repository),
        "inputs": dict(node.level.inputs),
        "vars": dict(variables),
        "needs": needs(node),
    }
    if instance is not None:
        found["matrix"] = dict(instance.matrix)
        found["strategy"] = dict(instance.strategy)
    return Scope(found, status(node, cancelled=cancelled))


def run_scope(run: Run, repository: Repository, variables: Mapping[str, str]) -> Scope:
    """What the keys of a whole workflow may see (``concurrency``, ``run-name``)."""
    return Scope(
        {
            "github": github(run, repository),
            "inputs": dict(run.inputs),
            "vars": dict(variables),
        }
    )


def call_scope(level: Level, repository: Repository, variables: Mapping[str, str]) -> Scope:
    """What ``on.workflow_call.outputs`` may see."""
    jobs: dict[str, Value] = {}
    for name, node in level.nodes.items():
        outputs: dict[str, Value] = dict(node.outputs)
        jobs[name] = {"result": str(node.result or ""), "outputs": outputs}
    return Scope(
        {
            "github": github(level.run, repository),
            "inputs": dict(level.inputs),
            "vars": dict(variables),
            "jobs": jobs,
        }
    )
