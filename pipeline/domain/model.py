"""The words of the domain as types: units, changes, leaves, findings, costs.

Nothing here does I/O; adapters build these values and use cases pass them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class UnitId:
    """One stack in one workspace, written ``stack/workspace``."""

    stack: str
    workspace: str

    @classmethod
    def parse(cls, text: str) -> UnitId:
        """Read ``stack/workspace``; raises ValueError when it is not of that form."""
        stack, slash, workspace = text.partition("/")
        if not (stack and slash and workspace) or "/" in workspace:
            raise ValueError(f"{text!r} is no unit; write stack/workspace")
        return cls(stack, workspace)

    @property
    def slug(self) -> str:
        """A name for files and concurrency groups: ``stack--workspace``."""
        return f"{self.stack}--{self.workspace}"

    def __str__(self) -> str:
        return f"{self.stack}/{self.workspace}"


class Action(StrEnum):
    """What Terraform will do to one address."""

    NO_OP = "no-op"
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    FORGET = "forget"


class Mark(Enum):
    """Values that are no scalar: known only after apply, or not there at all."""

    UNKNOWN = "unknown"
    ABSENT = "absent"


UNKNOWN: Final = Mark.UNKNOWN
ABSENT: Final = Mark.ABSENT
Scalar: TypeAlias = str | int | float | bool | None
LeafValue: TypeAlias = Scalar | Mark


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of a resource that a change touches.

    ``path`` is a JSON pointer (RFC 6901) into the canonical form, e.g.
    ``/container_definitions/0/image``: JSON strings are parsed, sets are sorted.
    ``sensitive`` is what Terraform itself marks so, before or after.
    """

    path: str
    before: LeafValue
    after: LeafValue
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One address of a plan and the leaves that differ. Outputs have address ``output.NAME``."""

    address: str
    action: Action
    leaves: tuple[Leaf, ...] = ()
    previous_address: str | None = None
    type: str = ""
    reason: str = ""  # Terraform's action_reason, e.g. replace_because_cannot_update
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A Terraform plan of one unit, parsed. ``drift`` is what changed outside Terraform."""

    unit: UnitId
    changes: tuple[Change, ...]
    drift: tuple[Change, ...] = ()
    terraform_version: str = ""
    serial: int = 0
    lineage: str = ""

    @property
    def empty(self) -> bool:
        return all(c.action in (Action.NO_OP, Action.READ) for c in self.changes)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check. ``file`` is relative to the repository, ``line`` counts from 1."""

    tool: str  # terraform, tflint, checkov, action-policy, cost, guard, secrets
    rule: str
    severity: Severity
    message: str
    unit: str = ""
    address: str = ""
    file: str = ""
    line: int = 0
    remedy: str = ""
    new: bool = True  # False: already on main, listed but not failing
    excepted: str = ""  # the exception's reason, when one applies


@dataclass(frozen=True, slots=True)
class CostLine:
    """The monthly cost of one price of a resource in US dollars; None: no price is known.

    ``before`` and ``after`` count usage as it is typical, ``low`` the least after the plan.
    """

    address: str
    what: str
    before: float | None
    after: float | None
    source: str = ""
    assumption: str = ""
    service: str = ""
    low: float | None = None
