"""Lint and policy over the planned units of a work folder.

What is new fails, what was there before is listed. For lint "before" is the judging checkout's
own files; for policy it is the plan's prior state, judged by the same checks in the same process
(docs/policies.md, "New and existing findings").
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.domain.exact import loads
from pipeline.domain.graph import ROOT, edges, module_of, modules
from pipeline.domain.model import Finding, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.policy import Permission, action_findings
from pipeline.domain.secrets import known_from_environment, known_from_plan
from pipeline.errors import failure
from pipeline.results import (
    FindingReport,
    FindingsReport,
    GraphNode,
    GraphReport,
    PlanReport,
    ToolRun,
    path_of,
    read,
    write,
)
from pipeline.usecases.checkouts import Checkouts
from pipeline.usecases.lint import lint_units
from pipeline.usecases.policy import Placing, exceptions_of, scan_plans


def check_units(
    at: Checkouts, units: Sequence[UnitId], permission: Permission, today: date
) -> list[FindingsReport]:
    """Check units that were planned, write and return their reports.

    Raises ``bad-config`` for a wrong exceptions file, ``tflint`` or ``checkov`` when a tool
    fails. A unit whose plan failed is linted, and its report says that policy could not run.
    """
    exceptions = exceptions_of(at.policies, today)
    plans = {unit: read(path_of(at.work, PlanReport, unit), PlanReport) for unit in units}
    documents = {u: _document(at.plan_file(u)) for u in units if not plans[u].error}
    with ThreadPoolExecutor(1) as pool:  # checkov takes seconds to start
        policy = pool.submit(scan_plans, at, documents)
        found, tools = lint_units(at, units)
        scans = policy.result()
    places = Placing(at, scans)
    reports = []
    for unit in units:
        findings = list(found[unit])
        runs = [tools[unit]]
        if unit in documents:
            findings += scans.findings(unit, parse_plan(documents[unit], unit), documents[unit])
            findings += action_findings(plans[unit].as_plan(), permission)
            runs.append(
                ToolRun(name="checkov", version=scans.version, seconds=round(scans.seconds, 2))
            )
        findings = exceptions.apply(places.placed(unit, findings))
        report = FindingsReport(
            unit=str(unit),
            error=plans[unit].error,
            findings=[FindingReport.of(finding) for finding in sorted(findings, key=_order)],
            tools=runs,
        )
        known = known_from_environment(os.environ)
        if unit in documents:
            known |= known_from_plan(documents[unit])
            write(at.work, _graph(unit, documents[unit], plans[unit], report), known)
        reports.append(read(write(at.work, report, known), FindingsReport))  # without secrets
    return reports


def _document(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = loads(file.read_bytes())
    except (OSError, ValueError):
        raise failure(
            "usage",
            "There is no readable plan of this unit.",
            where=file.parent.name,
            remedy="Run `pipeline plan` for it first.",
        ) from None
    return document


def _order(finding: Finding) -> tuple[bool, bool, str, str, int, str, str]:
    return (
        bool(finding.excepted),
        not finding.new,
        finding.severity.value,
        finding.file,
        finding.line,
        finding.rule,
        finding.address,
    )


# -- graph ---------------------------------------------------------------------------------


def _graph(
    unit: UnitId, document: dict[str, Any], plan: PlanReport, report: FindingsReport
) -> GraphReport:
    held = modules(document)
    nodes = []
    for name in sorted({*held, *(module_of(c.address) for c in plan.changes)}):
        inside = [c for c in plan.changes if module_of(c.address) == name]
        failing = [f for f in report.findings if f.failing and f.address]
        actions = {c.action: sum(one.action is c.action for one in inside) for c in inside}
        if name not in held and name == ROOT:
            continue  # outputs only
        nodes.append(
            GraphNode(
                name=name,
                actions=actions,
                types=dict(held.get(name, {})),
                findings=sum(module_of(f.address) == name for f in failing),
            )
        )
    names = {node.name for node in nodes}
    links = [pair for pair in edges(document) if ROOT not in pair and names.issuperset(pair)]
    return GraphReport(unit=str(unit), nodes=nodes, edges=links)
