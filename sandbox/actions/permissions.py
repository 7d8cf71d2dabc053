"""What a job's token may do.

Sources: docs.github.com, "Workflow syntax", "permissions"; "Reusing workflow configurations",
"Access and permissions for nested workflows"; "GITHUB_TOKEN", "Permissions for the GITHUB_TOKEN"
(the restricted default).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.actions.workflow import WorkflowError

_RANK = {"none": 0, "read": 1, "write": 2}
NAMES = (
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
)
#: The restricted default of a repository; metadata is always readable.
DEFAULT: Mapping[str, str] = {"contents": "read", "packages": "read"}
EVERYTHING: Mapping[str, str] = dict.fromkeys(NAMES, "write")


def read(declared: Any) -> dict[str, str] | None:
    """A ``permissions`` key as a mapping without ``none``; ``None`` where it is missing."""
    if declared is None:
        return None
    if declared in ("read-all", "write-all"):
        level = declared.removesuffix("-all")
        return {name: level for name in NAMES if (name, level) != ("id-token", "read")}
    if not isinstance(declared, Mapping):
        raise WorkflowError(f"'permissions' is not valid: {declared!r}")
    for name, level in declared.items():
        if name not in NAMES or level not in _RANK or (name, level) == ("id-token", "read"):
            raise WorkflowError(f"Unknown permission '{name}: {level}'")
    return {name: level for name, level in declared.items() if level != "none"}


def for_job(
    job: Any, workflow: Any, ceiling: Mapping[str, str] | None, where: str
) -> dict[str, str]:
    """The permissions of a job: its own, else its workflow's, else the caller's or the default.

    ``ceiling`` is what a caller has to give (``None``: no caller). Asking for more is the error
    GitHub refuses such a workflow with.
    """
    wanted = read(job)
    if wanted is None:
        wanted = read(workflow)
    if wanted is None:
        return dict(DEFAULT if ceiling is None else ceiling)
    if ceiling is not None:
        for name, level in wanted.items():
            allowed = ceiling.get(name, "none")
            if _RANK[level] > _RANK[allowed]:
                raise WorkflowError(
                    f"{where} is requesting '{name}: {level}', but is only allowed "
                    f"'{name}: {allowed}'"
                )
    return wanted


def reduced_for_fork(permissions: Mapping[str, str]) -> dict[str, str]:
    """A pull request from a fork gets a token that can read at most, and no ID token."""
    return {name: "read" for name in permissions if name != "id-token"}
