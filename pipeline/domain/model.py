"""The words of the domain as types: units, changes, leaves, findings, costs.

Nothing here does I/O; adapters build these values and use cases pass them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Values that are no scalar."""

    UNKNOWN = "unknown"  # known only after apply
    ABSENT = "absent"  # not there at all, or null where Terraform takes both for one
    NULL = "null"  # null where its place counts: in a list, and in a JSON text
    EMPTY_LIST = "[]"
    EMPTY_MAP = "{}"


UNKNOWN: Final = Mark.UNKNOWN
ABSENT: Final = Mark.ABSENT
NULL: Final = Mark.NULL
EMPTY_LIST: Final = Mark.EMPTY_LIST
EMPTY_MAP: Final = Mark.EMPTY_MAP
Scalar: TypeAlias = str | int | float | bool | None
LeafValue: TypeAlias = Scalar | Mark


class JsonText(str):
    """A string that holds JSON and stands beside its leaves: it says only that there is one.

    All of them are one value, because the leaves below decide; the text is kept to be shown.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar of a resource that a change touches.

    ``path`` is like a JSON pointer (RFC 6901), but an index stands in brackets, so that no list
    is taken for a map: ``/container_definitions/[0]/image``. JSON strings are opened.
    ``sensitive`` is what Terraform itself marks so, before or after.
    """

    path: str
    before: LeafValue
    after: LeafValue
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What Terraform does to one object. Outputs have address ``output.NAME``.

    ``deposed`` names an object that a replacement left over; it shares nothing but the address
    with the live one. ``identity`` says which object it is before the change, "" where there is
    none; ``import_id`` what is imported, in canonical form.
    """

    address: str
    action: Action
    leaves: tuple[Leaf, ...] = ()
    previous_address: str | None = None
    type: str = ""
    reason: str = ""  # Terraform's action_reason, e.g. replace_because_cannot_update
    imported: bool = False
    deposed: str = ""
    identity: str = ""
    import_id: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What it is compared by: the address, and which of its objects."""
        return self.address, self.deposed

    @property
    def idle(self) -> bool:
        """Whether it does nothing to the cloud or the state: it reads, or is told only."""
        still = self.action is Action.NO_OP and not self.imported
        return self.action is Action.READ or (still and self.previous_address is None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The live object of an address, or an output, as it is when the plan is applied."""

    identity: str
    leaves: Mapping[str, LeafValue]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plan works: the account, the region, and the hash of the downloaded modules."""

    account: str = ""
    region: str = ""
    modules: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """What a ``check`` block or another condition says without stopping the plan."""

    address: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A Terraform plan of one unit, parsed.

    ``drift`` is what changed outside Terraform; ``standing`` every object and output by address,
    those that nothing changes included; ``applyable`` what Terraform says of itself.
    """

    unit: UnitId
    changes: tuple[Change, ...]
    drift: tuple[Change, ...] = ()
    terraform_version: str = ""
    serial: int = 0
    lineage: str = ""
    applyable: bool | None = None
    standing: Mapping[str, Standing] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    place: Place = Place()

    @property
    def empty(self) -> bool:
        """Whether an apply would do nothing; moves, imports, forgets and outputs are something.

        Terraform says so itself, but for one case: it also wants to apply a plan that only reads
        the data sources of ``check`` blocks again, after every apply anew.
        """
        if self.applyable and not self.changes:
            return False
        return self.applyable is False or all(change.idle for change in self.changes)


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
