"""The boundary models of the work folder's public files.

The ``schema_version`` rises when a field changes its meaning.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from pipeline.domain.model import Action, Change, CostLine, Finding, Plan, Scalar, Severity, UnitId
from pipeline.errors import Failure


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


class LeafReport(Base):
    """One changed scalar, made readable: sensitive and unknown values stand as their marks."""

    path: str
    before: Scalar = None
    after: Scalar = None
    sensitive: bool = False
    unknown: bool = False


class ChangeReport(Base):
    """One address of the plan, without no-ops and reads."""

    address: str
    action: Action
    type: str = ""
    reason: str = ""
    previous_address: str | None = None
    imported: bool = False
    leaves: list[LeafReport] = []


class Report(Base):
    """What all four files share."""

    kind: ClassVar[str]
    schema_version: Literal[1] = 1
    unit: str
    error: list[ProblemReport] = []

    @property
    def unit_id(self) -> UnitId:
        return UnitId.parse(self.unit)


class PlanReport(Report):
    """A plan as its reviewer may see it. ``counts`` is by action; ``error`` when it failed."""

    kind = "plan"
    digest: str = ""
    terraform_version: str = ""
    counts: dict[Action, int] = {}
    changes: list[ChangeReport] = []
    drift: list[ChangeReport] = []

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
