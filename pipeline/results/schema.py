"""The boundary models of the work folder's public files.

The ``schema_version`` rises when a field is added or changes its meaning. It is read: files of an
older version are understood, since what they lack has a default, and a newer one is refused.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.domain.model import Action, Change, CostLine, Finding, Plan, Scalar, Severity, UnitId
from pipeline.errors import Failure

#: 2: marks of values, deposed objects, warnings, values that differ at every plan.
VERSION = 2


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemReport(Base):
    """One thing that went wrong, as :class:`pipeline.errors.Problem` with its reason word."""

    reason: str
    sentence: str
    where: str = ""
    remedy: str = ""

    @classmethod
    def of(cls, error: Failure) -> list[ProblemReport]:
        """The problems of a failure, each with the failure's reason word."""
        return [
            cls(reason=error.reason, sentence=p.sentence, where=p.where, remedy=p.remedy)
            for p in error.problems
        ]


#: What a side of a leaf is when it is no value; "" for a value.
MarkOf = Literal["", "unset", "unknown", "sensitive", "null", "empty", "empty-list", "empty-map"]


class LeafReport(Base):
    """One changed scalar, made readable.

    ``before`` and ``after`` are texts to show also where there is no value, and then their marks
    say so; ``encoded`` is what a text was read from, such as "base64".
    """

    path: str
    before: Scalar = None
    after: Scalar = None
    sensitive: bool = False
    unknown: bool = False
    before_mark: MarkOf = ""
    after_mark: MarkOf = ""
    encoded: str = ""

    def mark(self, side: Literal["before", "after"]) -> MarkOf:
        """The mark of a side; files of version 1 have only what it can be told from."""
        value, mark = (
            (self.before, self.before_mark) if side == "before" else (self.after, self.after_mark)
        )
        if mark:
            return mark
        if value is None:
            return "unset"
        if self.sensitive and value == "(sensitive)":
            return "sensitive"
        if self.unknown and side == "after":
            return "unknown"
        return "empty" if value == "" else ""


class ChangeReport(Base):
    """What happens to one object of the plan; reads and what stays as it is are left out.

    ``deposed`` names an object that an earlier replacement left over: the address itself stays.
    """

    address: str
    action: Action
    type: str = ""
    reason: str = ""
    previous_address: str | None = None
    imported: bool = False
    deposed: str = ""
    leaves: list[LeafReport] = []

    @property
    def is_output(self) -> bool:
        return self.type == "output"

    @property
    def destructive(self) -> bool:
        """Whether the live object of this address ends."""
        ends = self.action in (Action.DELETE, Action.REPLACE)
        return ends and not self.deposed and not self.is_output


class WarningReport(Base):
    """What Terraform says without stopping: a failing ``check`` block, a deprecation."""

    sentence: str
    address: str = ""


class Report(Base):
    """What all four files share."""

    kind: ClassVar[str]
    schema_version: int = Field(default=VERSION, ge=1, le=VERSION)
    unit: str
    error: list[ProblemReport] = []

    @property
    def unit_id(self) -> UnitId:
        return UnitId.parse(self.unit)


class PlanReport(Report):
    """A plan as its reviewer may see it; ``error`` when it failed.

    ``counts`` is by action, of resources as Terraform counts them. ``never_equal`` names values
    that differ at every plan, so that no review of this plan can be applied as it was reviewed.
    """

    kind = "plan"
    digest: str = ""
    terraform_version: str = ""
    counts: dict[Action, int] = {}
    changes: list[ChangeReport] = []
    drift: list[ChangeReport] = []
    warnings: list[WarningReport] = []
    never_equal: list[str] = []

    @property
    def empty(self) -> bool:
        return not self.changes and not self.error

    def as_plan(self) -> Plan:
        """The typed plan without its leaves, for policies on actions."""
        return Plan(
            unit=self.unit_id,
            changes=tuple(
                Change(c.address, c.action, (), c.previous_address, c.type, c.reason, c.imported)
                for c in self.changes
            ),
            terraform_version=self.terraform_version,
        )


class FindingReport(Base):
    """:class:`pipeline.domain.model.Finding` on disk."""

    tool: str
    rule: str
    severity: Severity
    message: str
    unit: str = ""
    address: str = ""
    file: str = ""
    line: int = 0
    remedy: str = ""
    new: bool = True
    excepted: str = ""

    @classmethod
    def of(cls, finding: Finding) -> FindingReport:
        return cls(**{name: getattr(finding, name) for name in Finding.__slots__})

    @property
    def failing(self) -> bool:
        """Whether this finding alone makes the check fail."""
        return self.new and not self.excepted and self.severity is not Severity.NOTICE


class ToolRun(Base):
    """One tool that ran: how long, and what a reader must know (e.g. "ruleset aws is absent")."""

    name: str
    version: str = ""
    seconds: float = 0.0
    cached: bool = False
    note: str = ""


class FindingsReport(Report):
    """Everything lint and policy say about a unit."""

    kind = "findings"
    findings: list[FindingReport] = []
    tools: list[ToolRun] = []


class CostLineReport(Base):
    """:class:`pipeline.domain.model.CostLine` on disk, US dollars a month; None: no price."""

    address: str
    what: str
    before: float | None
    after: float | None
    source: str = ""
    assumption: str = ""
    service: str = ""
    low: float | None = None

    @classmethod
    def of(cls, line: CostLine) -> CostLineReport:
        return cls(**{name: getattr(line, name) for name in CostLine.__slots__})


class CostReport(Report):
    """Monthly cost of a unit before and after the plan, in US dollars; ``low``: at least."""

    kind = "cost"
    before: float = 0.0
    after: float = 0.0
    low: float = 0.0
    budget: float | None = None
    prices_dated: str = ""
    lines: list[CostLineReport] = []
    unpriced: list[str] = []  # addresses of billed types without a price
    free: dict[str, int] = {}  # resource type -> how many; AWS charges nothing for these

    @property
    def delta(self) -> float:
        return self.after - self.before

    @property
    def over_budget(self) -> bool:
        return self.budget is not None and self.after > self.budget


class RecordReport(Report):
    """That a plan record was written, and under which key. ``record`` is its id."""

    kind = "record"
    record: str = ""
    key: str = ""
    head: str = ""
    base: str = ""
    digest: str = ""
    pull_request: int | None = None
    changes: int = 0
    leaves: int = 0


class GraphNode(Base):
    """One module call of the stack (or ``root``) and what the plan does in it, by action."""

    name: str
    actions: dict[Action, int] = {}
    types: dict[str, int] = {}
    findings: int = 0


class GraphReport(Report):
    """Modules of a unit; an edge (a, b) says that b is given something that a made."""

    kind = "graph"
    nodes: list[GraphNode] = []
    edges: list[tuple[str, str]] = []
