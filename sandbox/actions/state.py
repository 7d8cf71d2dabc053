"""The mutable state of the job graph: runs, levels (one workflow file each), nodes, instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.actions.concurrency import Concurrency
from sandbox.actions.expr import Value
from sandbox.actions.model import Annotation, Conclusion, Job, Review, Status, Step, WorkflowRun
from sandbox.actions.workflow import JobSpec, WorkflowSpec


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class Instance:
    """One job, or one call of a reusable workflow: a node times one matrix combination."""

    node: Node
    id: int
    attempt: int
    name: str
    matrix: Mapping[str, Value] = field(default_factory=dict)
    strategy: Mapping[str, Value] = field(default_factory=dict)
    begun: bool = False
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None
    tolerated: bool = False  # continue-on-error
    environment: str | None = None
    environment_url: str = ""
    group: Concurrency | None = None
    cancelling: bool = False
    child: Level | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    log: Path | None = None

    @property
    def done(self) -> bool:
        return self.status is Status.COMPLETED

    @property
    def result(self) -> Conclusion:
        """What ``needs.<job>.result`` is made of."""
        assert self.conclusion is not None  # noqa: S101  (asked only of completed ones)
        if self.tolerated and self.conclusion is Conclusion.FAILURE:
            return Conclusion.SUCCESS
        return self.conclusion

    def complete(self, conclusion: Conclusion, message: str = "") -> None:
        """End it; a message becomes an annotation."""
        self.status, self.conclusion, self.completed_at = Status.COMPLETED, conclusion, now()
        if message:
            self.annotations += (Annotation("failure", message, ".github"),)


@dataclass(slots=True, eq=False)
class Node:
    """One entry of ``jobs`` in one level of one run."""

    level: Level
    spec: JobSpec
    permissions: Mapping[str, str]
    declared: Mapping[str, str]  # before a fork's reduction: what a called workflow may ask for
    instances: list[Instance] = field(default_factory=list)
    result: Conclusion | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    max_parallel: int = 0
    fail_fast: bool = True

    @property
    def key(self) -> str:
        parent = self.level.parent
        return f"{parent.node.key}/{self.spec.id}" if parent else self.spec.id


@dataclass(slots=True, eq=False)
class Level:
    """One workflow file at work: the run's own, or one a job calls.

    ``ref`` is the file with its ref (``job_workflow_ref``), ``sha`` the commit it was read from.
    """

    run: Run
    spec: WorkflowSpec
    ref: str
    sha: str
    parent: Instance | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    cancelled: bool = False

    @property
    def done(self) -> bool:
        return all(node.result is not None for node in self.nodes.values())

    @property
    def is_cancelled(self) -> bool:
        """Whether ``cancelled()`` holds here."""
        if self.cancelled or self.run.cancelling:
            return True
        return self.parent is not None and self.parent.node.level.is_cancelled

    def instances(self) -> Iterator[Instance]:
        """All instances at this level and below, in file order; calls before what they call."""
        for node in self.nodes.values():
            for instance in node.instances:
                yield instance
                if instance.child:
                    yield from instance.child.instances()


@dataclass(slots=True, eq=False)
class Run:
    """One run of a workflow file."""

    id: int
    number: int
    workflow: str
    path: str
    title: str
    event: str
    payload: Mapping[str, Any]
    sha: str
    ref: str
    head_sha: str
    head_branch: str
    actor: str
    triggering_actor: str
    from_fork: bool = False
    inputs: Mapping[str, Value] = field(default_factory=dict)
    attempt: int = 1
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None
    message: str = ""
    group: Concurrency | None = None
    cancelling: bool = False
    root: Level | None = None
    files: dict[str, tuple[str, str, WorkflowSpec]] = field(default_factory=dict)
    previous: tuple[Job, ...] = ()
    reviews: tuple[Review, ...] = ()
    created_at: datetime = field(default_factory=now)
    started_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)

    @property
    def done(self) -> bool:
        return self.status is Status.COMPLETED

    def instances(self) -> list[Instance]:
        return list(self.root.instances()) if self.root else []

    def snapshot(self) -> WorkflowRun:
        """The run as others see it."""
        return WorkflowRun(
            id=self.id,
            run_number=self.number,
            run_attempt=self.attempt,
            workflow=self.workflow,
            path=self.path,
            display_title=self.title,
            event=self.event,
            payload=self.payload,
            sha=self.sha,
            ref=self.ref,
            head_sha=self.head_sha,
            head_branch=self.head_branch,
            actor=self.actor,
            triggering_actor=self.triggering_actor,
            status=self.status,
            conclusion=self.conclusion,
            created_at=self.created_at,
            run_started_at=self.started_at,
            updated_at=self.updated_at,
            jobs=tuple(job_snapshot(item) for item in self.instances() if _is_listed(item)),
            previous_jobs=self.previous,
            reviews=self.reviews,
            pull_request=self.payload.get("number") if self.event == "pull_request" else None,
            message=self.message,
        )


def _is_listed(instance: Instance) -> bool:
    """A call that was opened shows its jobs instead; one that never began shows nothing yet."""
    return instance.begun and instance.child is None


def job_snapshot(instance: Instance) -> Job:
    """A job as others see it."""
    level = instance.node.level
    return Job(
        id=instance.id,
        run_id=level.run.id,
        run_attempt=instance.attempt,
        key=instance.node.key,
        name=instance.name,
        status=instance.status,
        conclusion=instance.conclusion,
        created_at=instance.created_at,
        started_at=instance.started_at,
        completed_at=instance.completed_at,
        environment=instance.environment,
        environment_url=instance.environment_url,
        labels=_labels(instance.node.spec),
        permissions=instance.node.permissions,
        job_workflow_ref=level.ref,
        job_workflow_sha=level.sha,
        steps=instance.steps,
        outputs=instance.outputs,
        summary=instance.summary,
        annotations=instance.annotations,
        log=instance.log,
    )


def _labels(spec: JobSpec) -> tuple[str, ...]:
    labels = spec.get("runs-on") or ()
    return (labels,) if isinstance(labels, str) else tuple(str(label) for label in labels)
