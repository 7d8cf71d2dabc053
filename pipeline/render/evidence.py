"""Why a service did not become healthy, for a summary and for the pull request that reverts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from pipeline.domain.secrets import scrub
from pipeline.render.fit import COMMENT, Item, Section, fit
from pipeline.render.markdown import block, code, plain
from pipeline.render.visible import visible_line

#: What a container said last decides as a rule: so many lines are left where there is less room.
_LAST = (200, 20, 3)


class Task(Protocol):
    """A task that stopped: why, its containers' endings, and what it said last."""

    @property
    def id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def containers(self) -> Sequence[str]: ...
    @property
    def log(self) -> Sequence[str]: ...


class Found(Protocol):
    """What AWS tells of a rollout that failed; each part may be empty."""

    @property
    def tasks(self) -> Sequence[Task]: ...
    @property
    def targets(self) -> Sequence[str]: ...
    @property
    def events(self) -> Sequence[str]: ...


def evidence(
    unit: str,
    verdict: str,
    reason: str,
    found: Found,
    known: Iterable[str] = (),
    limit: int = COMMENT,
) -> str:
    """The outcome and all that is known of it, scrubbed, within ``limit`` bytes."""
    secrets = tuple(known)

    def clean(text: str) -> str:
        return scrub(text, secrets)[0]

    why = plain(clean(reason).rstrip("."))
    sections = [
        Section(0, f"### {plain(unit)}: {plain(verdict)}"),
        Section(0, f"{why}."),
        *(_task(task, clean) for task in found.tasks),
        *_listed(2, "**Targets of the load balancer**", map(clean, found.targets), "targets"),
        *_listed(3, "**Events of the service**", map(clean, found.events), "events"),
    ]
    return fit(sections, limit, "see the log of the run.") + "\n"


def _task(task: Task, clean: Callable[[str], str]) -> Section:
    ended = [f"- {plain(clean(container))}" for container in task.containers]
    lines = [visible_line(line) for text in task.log for line in clean(text).split("\n")]
    logged = []
    if lines:
        cuts = (block(lines[-most:], "text") for most in _LAST)
        logged = [Item(tuple(dict.fromkeys(f"\n{text}" for text in cuts)))]
    head = f"**Task {code(task.id)}**: {plain(clean(task.reason or 'stopped'))}"
    return Section(1, head, (*ended, *logged), unit="parts")


def _listed(rank: int, head: str, lines: Iterable[str], unit: str) -> Iterator[Section]:
    shown = tuple(f"- {plain(line)}" for line in lines)
    if shown:
        yield Section(rank, head, shown, unit=unit)
