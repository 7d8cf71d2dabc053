"""Workflow files as the API and the pages list them, and starting one by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.github import payloads
from sandbox.github.api.errors import ApiError
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH


def workflows(hub: Hub, ref: str = DEFAULT_BRANCH) -> list[tuple[str, dict[str, Any]]]:
    """Path and content of every workflow file at a ref; broken YAML counts as empty."""
    sha = hub.repo.resolve(ref)
    if sha is None:
        return []
    found = []
    for _, kind, _, _, path in hub.repo.tree(sha, recursive=True):
        folder, _, name = path.rpartition("/")
        if (kind, folder) == ("blob", ".github/workflows") and Path(name).suffix in (
            ".yml", ".yaml",
        ):  # fmt: skip
            try:
                content = yaml.safe_load(hub.repo.blob(sha, path) or b"")
            except yaml.YAMLError:
                content = {}
            found.append((path, content if isinstance(content, dict) else {}))
    return found


def triggers(content: dict[str, Any]) -> dict[str, Any]:
    """The ``on`` of a workflow as a mapping (YAML 1.1 reads the key ``on`` as true)."""
    raw: Any = content.get("on", content.get(True))  # type: ignore[call-overload]
    if isinstance(raw, str):
        return {raw: {}}
    if isinstance(raw, list):
        return {name: {} for name in raw}
    return {name: rules or {} for name, rules in raw.items()} if isinstance(raw, dict) else {}


def start(
    hub: Hub, path: str, content: dict[str, Any], inputs: dict[str, Any], ref: str, by: Identity
) -> list[int]:
    """Start a workflow by hand; at once, since its caller wants to hear what is wrong."""
    if "workflow_dispatch" not in triggers(content):
        raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
    names = (ref,) if ref.startswith("refs/") else (f"refs/heads/{ref}", f"refs/tags/{ref}")
    full = next((name for name in names if name in hub.state.refs), "")
    sha = hub.state.refs.get(full)
    if sha is None:
        raise ApiError(422, f"No ref found for: {ref}")
    with hub.lock:
        event = payloads.dispatch(hub, path, inputs, full, sha, by.login)
    ids = hub.actions.dispatch(event.name, event.payload, event.sha, event.ref, event.actor)
    if not ids:
        raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
    return ids
