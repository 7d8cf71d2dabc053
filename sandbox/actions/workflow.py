"""Workflow files, read into what the job graph needs; everything wrong is told before a job runs.

Source: docs.github.com, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

#: "Supported keywords for jobs that call a reusable workflow" (Reusing workflow configurations).
CALLER_KEYS = frozenset(
    {"name", "uses", "with", "secrets", "strategy", "needs", "if", "concurrency", "permissions"}
)


class WorkflowError(Exception):
    """A workflow file GitHub would refuse; the run ends as ``startup_failure``."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as GitHub reads it: ``on``, ``yes`` and ``off`` are plain words."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool",
    re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"),
    list("tTfF"),
)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One entry of ``jobs``: the YAML as written, and what the graph needs of it."""

    id: str
    raw: Mapping[str, Any]
    needs: tuple[str, ...]
    uses: str | None

    def get(self, key: str) -> Any:
        return self.raw.get(key)


@dataclass(frozen=True, slots=True)
class WorkflowSpec:
    """One workflow file."""

    path: str
    name: str
    raw: Mapping[str, Any]
    on: Mapping[str, Mapping[str, Any]]
    jobs: Mapping[str, JobSpec]

    def ancestors(self, job: str) -> set[str]:
        """All jobs a job depends on, directly or through others."""
        found: set[str] = set()
        todo = list(self.jobs[job].needs)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.jobs[name].needs)
        return found


def load(path: str, content: bytes) -> WorkflowSpec:
    """Parse and check a workflow file."""
    try:
        raw = yaml.load(content, _Loader)  # noqa: S506  (a SafeLoader with fewer booleans)
    except yaml.YAMLError as error:
        raise WorkflowError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("jobs"), dict) or not raw["jobs"]:
        raise WorkflowError(f"{path}: a workflow needs 'on' and at least one job in 'jobs'")
    jobs = {name: _job(path, name, job) for name, job in raw["jobs"].items()}
    for job in jobs.values():
        for need in job.needs:
            if need not in jobs:
                raise WorkflowError(f"{path}: job '{job.id}' depends on unknown job '{need}'")
    spec = WorkflowSpec(path, str(raw.get("name") or path), raw, _events(path, raw.get("on")), jobs)
    for name in jobs:
        if name in spec.ancestors(name):
            raise WorkflowError(f"{path}: job '{name}' depends on itself")
    return spec


def _job(path: str, name: str, raw: Any) -> JobSpec:
    if not isinstance(raw, dict):
        raise WorkflowError(f"{path}: job '{name}' must be a mapping")
    needs = raw.get("needs") or []
    needs = (needs,) if isinstance(needs, str) else tuple(needs)
    uses = raw.get("uses")
    if uses is None and ("runs-on" not in raw or not raw.get("steps")):
        raise WorkflowError(f"{path}: job '{name}' needs 'runs-on' and 'steps', or 'uses'")
    if uses is not None and (extra := set(raw) - CALLER_KEYS):
        raise WorkflowError(
            f"{path}: job '{name}' calls a workflow and may not have {sorted(extra)}"
        )
    return JobSpec(name, raw, needs, uses)


def _events(path: str, on: Any) -> dict[str, Mapping[str, Any]]:
    if isinstance(on, str):
        return {on: {}}
    if isinstance(on, list):
        return {str(event): {} for event in on}
    if isinstance(on, dict):
        return {
            str(event): rules if isinstance(rules, dict) else {"list": rules} if rules else {}
            for event, rules in on.items()
        }
    raise WorkflowError(f"{path}: 'on' names no event")
