"""Concurrency groups. Source: docs.github.com, "Control the concurrency of workflows and jobs";
the queue: github.blog changelog of 2026-05-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.actions.workflow import WorkflowError

QUEUE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Concurrency:
    """A resolved ``concurrency`` key. Group names ignore case."""

    group: str
    cancel_in_progress: bool = False
    queue: str = "single"

    @classmethod
    def of(cls, value: Any) -> Concurrency | None:
        """Read the resolved key: a name, or a mapping; an empty name is no group."""
        if value is None:
            return None
        rules: Mapping[str, Any] = value if isinstance(value, Mapping) else {"group": value}
        group = str(rules.get("group") or "").lower()
        queue = rules.get("queue", "single")
        cancels = rules.get("cancel-in-progress") in (True, "true")
        if queue not in ("single", "max"):
            raise WorkflowError(f"concurrency: unknown queue {queue!r}")
        if queue == "max" and cancels:
            raise WorkflowError(
                "concurrency: 'queue: max' and cancel-in-progress exclude each other"
            )
        return cls(group, cancels, queue) if group else None


@dataclass(slots=True)
class _Group:
    holder: object | None = None
    pending: list[object] = field(default_factory=list)


class Groups:
    """Who runs and who waits in every group of the repository."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    def enter(self, rule: Concurrency, member: object) -> tuple[bool, list[object]]:
        """Add a member: (may it go on at once, which members have to be cancelled)."""
        group = self._groups.setdefault(rule.group, _Group())
        if group.holder is None:
            group.holder = member
            return True, []
        if rule.queue == "max":
            if len(group.pending) >= QUEUE_LIMIT:
                return False, [member]
            group.pending.append(member)
            return False, []
        evicted, group.pending = group.pending, [member]
        return False, ([group.holder, *evicted] if rule.cancel_in_progress else evicted)

    def leave(self, rule: Concurrency, member: object) -> object | None:
        """Remove a member; the one that holds the group next, if that changed."""
        group = self._groups.setdefault(rule.group, _Group())
        if group.holder is not member:
            group.pending = [other for other in group.pending if other is not member]
            return None
        group.holder = group.pending.pop(0) if group.pending else None
        return group.holder
