"""The public files of the work folder: what a job leaves behind for the report.

``<work>/public/<slug>.plan.json|findings.json|cost.json|record.json`` are uploaded as artifacts,
so nothing secret may be in them: :func:`write` scrubs every one, and :func:`plan_report` shows a
sensitive value as ``(sensitive)``.
"""

from pipeline.domain.secrets import scrub_tree
from pipeline.results.clean import clean, cleaned, prose
from pipeline.results.files import UnitResult, find, load, path_of, read, write
from pipeline.results.groups import Group, grouped
from pipeline.results.readable import failed_plan, plan_report
from pipeline.results.schema import (
    ChangeReport,
    CostLineReport,
    CostReport,
    FindingReport,
    FindingsReport,
    GraphNode,
    GraphReport,
    LeafReport,
    MarkOf,
    PlanReport,
    ProblemReport,
    RecordReport,
    Report,
    ToolRun,
    WarningReport,
)

__all__ = [
    "ChangeReport",
    "CostLineReport",
    "CostReport",
    "FindingReport",
    "FindingsReport",
    "GraphNode",
    "GraphReport",
    "Group",
    "LeafReport",
    "MarkOf",
    "PlanReport",
    "ProblemReport",
    "RecordReport",
    "Report",
    "ToolRun",
    "UnitResult",
    "WarningReport",
    "clean",
    "cleaned",
    "failed_plan",
    "find",
    "grouped",
    "load",
    "path_of",
    "plan_report",
    "prose",
    "read",
    "scrub_tree",
    "write",
]
