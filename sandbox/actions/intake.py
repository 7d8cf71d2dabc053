"""From an event to new runs. Source: docs.github.com, "Events that trigger workflows"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.actions.events import read_inputs, triggered
from sandbox.actions.model import ActionsError
from sandbox.actions.state import Run
from sandbox.actions.workflow import WorkflowError, WorkflowSpec, load


def triggered_by(
    path: str,
    content: bytes,
    event: str,
    payload: Mapping[str, Any],
    ref: str,
    changed_files: Callable[[str, Mapping[str, Any]], Sequence[str]],
) -> WorkflowSpec | None:
    """The workflow if the event starts it; a broken file runs (and fails) for every push."""
    asked_for = event == "workflow_dispatch" and payload.get("workflow") == path
    try:
        spec = load(path, content)
    except WorkflowError:
        return WorkflowSpec(path, path, {}, {}, {}) if event == "push" or asked_for else None
    if triggered(spec, event, payload, ref, lambda: changed_files(event, payload)):
        return spec
    if asked_for:
        raise ActionsError("Workflow does not have 'workflow_dispatch' trigger")
    return None


def new_run(
    run_id: int,
    number: int,
    spec: WorkflowSpec,
    event: str,
    payload: Mapping[str, Any],
    sha: str,
    ref: str,
    actor: str,
    ours: str,
) -> Run:
    """A run of a workflow; ``ours`` is the repository's full name, by which forks are told."""
    pull = payload.get("pull_request") or {}
    head = pull.get("head") or {}
    source = (head.get("repo") or {}).get("full_name")
    message = (payload.get("head_commit") or {}).get("message") or ""
    run = Run(
        id=run_id,
        number=number,
        workflow=spec.name,
        path=spec.path,
        title=pull.get("title") or message.split("\n")[0] or spec.name,
        event=event,
        payload=payload,
        sha=sha,
        ref=ref,
        head_sha=head.get("sha") or sha,
        head_branch=head.get("ref") or ref.split("/", 2)[-1],
        actor=actor,
        triggering_actor=actor,
        from_fork=bool(source and source != ours),
    )
    if event == "workflow_dispatch":
        declared = spec.on.get(event, {}).get("inputs") or {}
        try:
            run.inputs = read_inputs(declared, payload.get("inputs") or {}, typed=False)
        except ValueError as error:
            raise ActionsError(str(error)) from None
    return run
