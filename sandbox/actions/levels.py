"""Opens a run's workflow files before anything starts: called workflows, permissions, inputs.

Sources: docs.github.com, "Reuse workflows" (which file a call means), "Reusing workflow
configurations" (depth, permissions), "Workflow syntax" (inputs and secrets of a call).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.actions import contexts, permissions
from sandbox.actions.events import read_inputs
from sandbox.actions.expr import Scope, Value, render, resolve_tree
from sandbox.actions.model import Host
from sandbox.actions.state import Instance, Level, Node, Run
from sandbox.actions.workflow import JobSpec, WorkflowError, load

DEPTH = 4  # "You can connect up to four levels of workflows."
_REMOTE = re.compile(r"(?P<repo>[^/]+/[^/]+)/(?P<path>\.github/workflows/[^@]+)@(?P<ref>.+)")


def open_root(run: Run, host: Host, files: Mapping[str, bytes]) -> Level:
    """The run's own level, after checking the whole tree of calls."""
    spec = load(run.path, files[run.path])
    ref = f"{host.repository().full_name}/{run.path}@{run.ref}"
    level = Level(run, spec, ref, run.sha, inputs=run.inputs)
    level.secrets = {} if run.from_fork else host.secrets()
    _fill(level, None)
    for node in level.nodes.values():
        _check(node, host, 1)
    return level


def _fill(level: Level, ceiling: Mapping[str, str] | None) -> None:
    for name, spec in level.spec.jobs.items():
        where = f"{level.spec.path}: job '{name}'"
        declared = permissions.for_job(
            spec.get("permissions"), level.spec.raw.get("permissions"), ceiling, where
        )
        granted = permissions.reduced_for_fork(declared) if level.run.from_fork else declared
        level.nodes[name] = Node(level, spec, granted, declared)


def _check(node: Node, host: Host, depth: int) -> None:
    """Load what a job calls, and what that calls, so that errors show before the first job."""
    if not node.spec.uses:
        return
    if depth >= DEPTH:
        raise WorkflowError(f"{node.level.spec.path}: workflows are nested too deeply")
    for inner in _called(node, host).nodes.values():
        _check(inner, host, depth + 1)


def _called(node: Node, host: Host) -> Level:
    """The level a call opens, without its inputs."""
    run, uses = node.level.run, str(node.spec.uses)
    key = f"{node.level.sha}:{uses}" if uses.startswith("./") else uses
    if key not in run.files:
        run.files[key] = _find(node.level, uses, host)
    ref, sha, spec = run.files[key]
    if "workflow_call" not in spec.on:
        raise WorkflowError(f"{uses} does not have an 'on: workflow_call' trigger")
    level = Level(run, spec, ref, sha)
    _fill(level, node.declared)
    return level


def _find(caller: Level, uses: str, host: Host) -> tuple[str, str, Any]:
    """Where a call leads: the file with its ref, its commit, its content."""
    if uses.startswith("./"):
        # "The called workflow is from the same commit as the caller workflow."
        repository = caller.ref.split("/.github/")[0]
        path, sha, ref = uses[2:], caller.sha, caller.ref.rpartition("@")[2]
    else:
        match = _REMOTE.fullmatch(uses)
        if not match:
            raise WorkflowError(f"{caller.spec.path}: invalid workflow reference '{uses}'")
        repository, path = match["repo"], match["path"]
        ref, sha = _resolve(host, repository, match["ref"], uses)
    files = host.checkout(sha)
    if path not in files:
        raise WorkflowError(f"{caller.spec.path}: workflow was not found: '{uses}'")
    return f"{repository}/{path}@{ref}", sha, load(path, files[path])


def _resolve(host: Host, repository: str, ref: str, uses: str) -> tuple[str, str]:
    for full in (ref,) if ref.startswith("refs/") else (f"refs/heads/{ref}", f"refs/tags/{ref}"):
        if sha := host.resolve(repository, full):
            return full, sha
    if sha := host.resolve(repository, ref):
        return ref, sha
    raise WorkflowError(f"workflow was not found: '{uses}'")


def open_call(instance: Instance, host: Host, scope: Scope) -> Level:
    """Open the workflow an instance calls, with inputs and secrets handed over."""
    spec = instance.node.spec
    level = _called(instance.node, host)
    level.parent = instance
    rules = level.spec.on["workflow_call"]
    given = resolve_tree(dict(spec.get("with") or {}), scope)
    assert isinstance(given, dict)  # noqa: S101  (a dict resolves to a dict)
    try:
        level.inputs = read_inputs(rules.get("inputs") or {}, given, typed=True)
    except ValueError as error:
        raise WorkflowError(f"{spec.uses}: {error}") from None
    level.secrets = _secrets(spec, rules, instance.node.level, scope)
    return level


def _secrets(
    spec: JobSpec, rules: Mapping[str, Any], caller: Level, scope: Scope
) -> dict[str, str]:
    declared: Mapping[str, Any] = rules.get("secrets") or {}
    if spec.get("secrets") == "inherit":
        return dict(caller.secrets)
    held: Value = dict(caller.secrets)
    with_secrets = Scope({**scope.contexts, "secrets": held}, scope.status)
    handed = {
        name: render(str(text), with_secrets) for name, text in (spec.get("secrets") or {}).items()
    }
    for name, rule in declared.items():
        if (rule or {}).get("required") and not handed.get(name):
            raise WorkflowError(f"{spec.uses}: required secret '{name}' is not provided")
    if unknown := set(handed) - set(declared):
        raise WorkflowError(f"{spec.uses}: unexpected secrets {sorted(unknown)}")
    return handed


def call_outputs(level: Level, host: Host) -> dict[str, str]:
    """``on.workflow_call.outputs`` of a called workflow whose jobs are done."""
    scope = contexts.call_scope(level, host.repository(), host.variables())
    declared = level.spec.on["workflow_call"].get("outputs") or {}
    return {name: render(str(rule["value"]), scope) for name, rule in declared.items()}
