"""The picture of a run: jobs in columns, each column after all it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.actions.model import Job


@dataclass(frozen=True, slots=True)
class Group:
    """One job of the workflow file and the jobs it became (matrix, reusable workflow)."""

    id: str
    needs: tuple[str, ...]
    jobs: tuple[Job, ...]


def columns(workflow: Mapping[str, Any], jobs: Sequence[Job]) -> list[list[Group]]:
    """Groups by depth. ``workflow`` is the parsed file; jobs it lacks stand in front."""
    declared = workflow.get("jobs")
    specs: Mapping[str, Any] = declared if isinstance(declared, Mapping) else {}
    needs: dict[str, tuple[str, ...]] = {}
    for name, spec in specs.items():
        raw = spec.get("needs", []) if isinstance(spec, Mapping) else []
        needs[str(name)] = (raw,) if isinstance(raw, str) else tuple(map(str, raw))
    members: dict[str, list[Job]] = {name: [] for name in needs}
    for job in jobs:
        members.setdefault(job.key.partition("/")[0].partition(" ")[0], []).append(job)
    depths: dict[str, int] = {}
    result: list[list[Group]] = []
    for name, found in members.items():
        depth = _depth(name, needs, depths, frozenset())
        while len(result) <= depth:
            result.append([])
        if found:
            result[depth].append(Group(name, needs.get(name, ()), tuple(found)))
    return [column for column in result if column]


def _depth(
    name: str, needs: Mapping[str, tuple[str, ...]], known: dict[str, int], seen: frozenset[str]
) -> int:
    if name not in known:
        before = [n for n in needs.get(name, ()) if n in needs and n not in seen]
        known[name] = 1 + max((_depth(n, needs, known, seen | {name}) for n in before), default=-1)
    return known[name]
