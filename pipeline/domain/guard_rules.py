"""What the guard judges by, whom it asks for files, and what it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from pipeline.domain.guard_lists import NOTHING_MORE, Allowance
from pipeline.errors import Problem


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed, from the referee's configuration.

    ``providers`` are full source addresses; ``modules`` are prefixes of sources elsewhere, cut at
    a ``/`` or ``?``. ``allowance`` is the stack's own ``[guard]``, which ends on ``today``.
    """

    providers: frozenset[str] = frozenset({"registry.terraform.io/hashicorp/aws"})
    modules: tuple[str, ...] = ()
    allowance: Allowance = NOTHING_MORE
    today: date = date.min


class Tree(Protocol):
    """The files of a checkout; paths are relative to it, with forward slashes."""

    def terraform_files(self, folder: str) -> Mapping[str, str]:
        """Path to text of every .tf, .tf.json and .tfvars file that lies in a folder."""

    def names(self, folder: str) -> Collection[str]:
        """The name of everything that lies in a folder; nothing where there is none."""

    def real(self, path: str) -> str | None:
        """The path with its links followed, there or not; None when it is no file of the
        repository: outside of it, or git's, Terraform's or the pipeline's own."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""

    def read(self, path: str) -> str | None:
        """The text of a file, None when it is not there."""


@dataclass(slots=True)
class Verdict:
    """The problems, what cannot be read at all, and what was judged: texts and files read.

    ``computed`` says that an allowed function reads what is not known before the plan.
    """

    problems: list[Problem] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    computed: bool = False

    @property
    def fingerprint(self) -> str:
        """A text that changes whenever ``terraform init`` has to run again."""
        return "\n".join(sorted(self.calls))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the guard is: a file, its module's folder and the stack's."""

    path: str
    folder: str
    stack: str
    tree: Tree
    rules: Rules
    verdict: Verdict

    def say(self, line: int, sentence: str, remedy: str = "") -> None:
        """Add a problem of this file."""
        self.verdict.problems.append(Problem(sentence, f"{self.path}:{line}", remedy))

    def or_allow(self, list_name: str) -> str:
        """The remedy that lets a team's own stack use more than the guard's lists."""
        return (
            f"Or list it as {list_name} in [guard] of {self.stack}/stack.toml, by a change that "
            "is merged before this one."
        )
