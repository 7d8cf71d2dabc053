"""Results as the jobs leave them, built in memory."""

from __future__ import annotations

from pathlib import Path

from pipeline.domain.model import Action, Change, Leaf, Plan, Severity, UnitId
from pipeline.results import (
    CostLineReport,
    CostReport,
    FindingReport,
    FindingsReport,
    GraphNode,
    GraphReport,
    PlanReport,
    RecordReport,
    ToolRun,
    UnitResult,
    plan_report,
    write,
)

WEB = UnitId("web", "dev")


def plan(unit: UnitId = WEB, destroyed: int = 1, updated: int = 2, secret: str = "") -> PlanReport:
    changes = [
        Change(
            f'module.data.aws_s3_bucket.this["{number}"]',
            Action.REPLACE if number % 2 else Action.DELETE,
            (),
            type="aws_s3_bucket",
            reason="replace_because_cannot_update" if number % 2 else "",
        )
        for number in range(destroyed)
    ] + [
        Change(
            f'module.web.aws_thing.this["{number}"]',
            Action.UPDATE,
            (
                Leaf("/size", 1, number),
                Leaf("/password", "old-one-secret", "new-one-secret"),
                Leaf("/marked", "a", "b", sensitive=True),
                Leaf("/note", None, f"see {secret} there"),
            ),
            type="aws_thing",
        )
        for number in range(updated)
    ]
    return plan_report(Plan(unit, tuple(changes)), "0" * 64, [secret] if secret else [])


def finding(rule: str = "CKV_KWD_2", **changes: object) -> FindingReport:
    values: dict[str, object] = {
        "tool": "checkov",
        "rule": rule,
        "severity": Severity.ERROR,
        "message": "Neo4j can be reached from the internet.",
        "unit": str(WEB),
        "address": "module.neo4j.aws_x.anyone",
        "file": "terraform/modules/neo4j/main.tf",
        "line": 97,
        "remedy": "Allow Bolt by the application's security group only.",
    }
    return FindingReport.model_validate(values | changes)


def result(
    unit: UnitId = WEB,
    findings: list[FindingReport] | None = None,
    plan_of: PlanReport | None = None,
    after: float = 80.0,
) -> UnitResult:
    name = str(unit)
    return UnitResult(
        unit,
        plan_of or plan(unit),
        FindingsReport(
            unit=name, findings=findings or [], tools=[ToolRun(name="tflint", version="0.64.0")]
        ),
        CostReport(
            unit=name,
            before=10,
            after=after,
            budget=90,
            prices_dated="2026-11-25",
            lines=[
                CostLineReport(address="module.a.aws_lb.b", what="alb", before=10, after=after),
                CostLineReport(address="aws_new.c", what="aws_new", before=0, after=None),
            ],
            unpriced=["aws_new.c"],
            free={"aws_vpc": 1},
        ),
        RecordReport(unit=name, record="r1"),
        GraphReport(
            unit=name,
            nodes=[
                GraphNode(name="vpc", types={"aws_vpc": 1}),
                GraphNode(
                    name="neo4j", actions={Action.REPLACE: 1}, types={"aws_x": 2}, findings=1
                ),
            ],
            edges=[("vpc", "neo4j")],
        ),
    )


def save(folder: Path, one: UnitResult) -> None:
    for report in (one.plan, one.findings, one.cost, one.record, one.graph):
        if report is not None:
            write(folder, report)
