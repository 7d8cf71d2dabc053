"""Every way the pipeline can fail: one sentence, one place, one remedy, one exit code.

The reason words are part of the interface: scripts may match on them, so they are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FOUND = 1  # found what it looks for: findings, drift, uncovered changes
    USAGE = 2  # wrong use or configuration
    TOOL = 3  # a tool or a service failed
    ROLLED_BACK = 4
    INTERRUPTED = 130


#: reason word -> exit code. Kept in one place so that docs and tests can enumerate them.
REASONS: dict[str, Exit] = {
    # found
    "findings": Exit.FOUND,
    "drift": Exit.FOUND,
    "not-covered": Exit.FOUND,
    "over-budget": Exit.FOUND,
    "not-deployed": Exit.FOUND,
    "leftovers": Exit.FOUND,
    "held": Exit.FOUND,
    "no-backup": Exit.FOUND,
    # use and configuration
    "usage": Exit.USAGE,
    "bad-config": Exit.USAGE,
    "bad-hcl": Exit.USAGE,
    "bad-tfvars": Exit.USAGE,
    "unknown-unit": Exit.USAGE,
    "guard": Exit.USAGE,
    "tool-missing": Exit.USAGE,
    "tool-version": Exit.USAGE,
    "no-credentials": Exit.USAGE,
    "confirmation": Exit.USAGE,
    "protected": Exit.USAGE,
    "prevented": Exit.USAGE,  # the plan destroys what prevent_destroy keeps
    "superseded": Exit.USAGE,  # the checkout is older than what the ledger says
    "ledger-damaged": Exit.USAGE,
    "record-damaged": Exit.USAGE,
    "locked": Exit.USAGE,
    # tools and services
    "unreachable": Exit.TOOL,
    "terraform": Exit.TOOL,
    "killed": Exit.TOOL,  # a signal ended Terraform before it could store its state
    "stale": Exit.TOOL,  # the state changed after the plan was made
    "tflint": Exit.TOOL,
    "checkov": Exit.TOOL,
    "aws": Exit.TOOL,
    "github": Exit.TOOL,
    "git": Exit.TOOL,
    "build": Exit.TOOL,
    "download": Exit.TOOL,
    "internal": Exit.TOOL,
    # rollout
    "rolled-back": Exit.ROLLED_BACK,
    "interrupted": Exit.INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``sentence`` says what is wrong, ``where`` names file:line (or a resource), ``remedy`` what to
    do about it. None of them may hold a secret value.
    """

    sentence: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.sentence}" if self.where else self.sentence
        return f"{head} {self.remedy}".rstrip()


class Failure(Exception):
    """A failure a user is told about: a reason word and one or more problems.

    Raised anywhere, caught once in ``pipeline.cli``; never shown as a traceback.
    """

    def __init__(self, reason: str, *problems: Problem) -> None:
        if reason not in REASONS:
            raise KeyError(f"reason {reason!r} is not declared in pipeline.errors.REASONS")
        self.reason = reason
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems) or reason)

    @property
    def exit_code(self) -> Exit:
        return REASONS[self.reason]


def failure(reason: str, sentence: str, where: str = "", remedy: str = "") -> Failure:
    """Build a :class:`Failure` with a single problem."""
    return Failure(reason, Problem(sentence, where, remedy))
