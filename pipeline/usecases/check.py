"""Lint and policy over the planned units of a work folder.

What is new fails, what was there before is listed. For lint "before" is the judging checkout's
own files; for policy it is the plan's prior state, judged by the same checks in the same process
(docs/policies.md, "New and existing findings").
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.adapters.checkov import Result, Scan, prior_document, scan
from pipeline.adapters.places import Places, lint_inputs
from pipeline.adapters.tflint import lint
from pipeline.adapters.work import private_folder
from pipeline.domain.exceptions import Exceptions, read_exceptions
from pipeline.domain.graph import ROOT, edges, module_of, modules
from pipeline.domain.model import Finding, Severity, UnitId
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

ENVS = "terraform/envs"
PRIOR = "prior:"


@dataclass(frozen=True, slots=True)
class Checkouts:
    """``root`` is judged; ``referee`` judges: its policies, and its files are "before"."""

    root: Path
    referee: Path
    work: Path

    @property
    def policies(self) -> Path:
        return self.referee / "policies"

    def plan_file(self, unit: UnitId) -> Path:
        return self.work / "private" / unit.slug / "plan.json"


def check_units(
    at: Checkouts, units: Sequence[UnitId], permission: Permission, today: date
) -> list[FindingsReport]:
    """Check units that were planned, write and return their reports.

    Raises ``bad-config`` for a wrong exceptions file, ``tflint`` or ``checkov`` when a tool
    fails. A unit whose plan failed is linted, and its report says that policy could not run.
    """
    exceptions = _exceptions(at.policies, today)
    plans = {unit: read(path_of(at.work, PlanReport, unit), PlanReport) for unit in units}
    documents = {u: _document(at.plan_file(u)) for u in units if not plans[u].error}
    with ThreadPoolExecutor(1) as pool:  # checkov takes seconds to start
        policy = pool.submit(_policy, at, documents)
        found, tools = _lint(at, units)
        version, scans, seconds = policy.result()
    points = {one.rule: one.points for each in scans.values() for one in each.failed}
    places = Places(at.root)
    reports = []
    for unit in units:
        findings = list(found[unit])
        runs = [tools[unit]]
        if unit in documents:
            findings += _from_scans(unit, scans)
            findings += action_findings(plans[unit].as_plan(), permission)
            runs.append(ToolRun(name="checkov", version=version, seconds=round(seconds, 2)))
        findings = exceptions.apply(_placed(unit, findings, places, points))
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


def _exceptions(policies: Path, today: date) -> Exceptions:
    file = policies / "exceptions.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return read_exceptions(text, "policies/exceptions.toml", today)


def _document(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        raise failure(
            "usage",
            "There is no readable plan of this unit.",
            where=file.parent.name,
            remedy="Run `pipeline plan` for it first.",
        ) from None
    return document


# -- lint ----------------------------------------------------------------------------------


def _lint(
    at: Checkouts, units: Iterable[UnitId]
) -> tuple[dict[UnitId, list[Finding]], dict[UnitId, ToolRun]]:
    config = at.policies / "tflint.hcl"
    findings: dict[UnitId, list[Finding]] = {}
    tools: dict[UnitId, ToolRun] = {}
    by_stack: dict[str, tuple[list[Finding], ToolRun]] = {}
    for unit in units:
        if unit.stack not in by_stack:
            stack = f"{ENVS}/{unit.stack}"
            run = lint(at.root, stack, config, lint_inputs(at.root, stack))
            old: set[tuple[str, str, str]] = set()
            if at.referee != at.root and (at.referee / stack).is_dir():
                before = lint(at.referee, stack, config, lint_inputs(at.referee, stack))
                old = {(f.rule, f.message, f.file) for f in before.findings}
            by_stack[unit.stack] = (
                [replace(f, new=(f.rule, f.message, f.file) not in old) for f in run.findings],
                ToolRun(
                    name="tflint",
                    version=run.version,
                    seconds=round(run.seconds, 2),
                    cached=run.cached,
                    note=run.note,
                ),
            )
        findings[unit] = [replace(f, unit=str(unit)) for f in by_stack[unit.stack][0]]
        tools[unit] = by_stack[unit.stack][1]
    return findings, tools


# -- policy --------------------------------------------------------------------------------


def _policy(
    at: Checkouts, documents: dict[UnitId, dict[str, Any]]
) -> tuple[str, dict[str, Scan], float]:
    if not documents:
        return "", {}, 0.0
    started = time.monotonic()
    plans = {str(unit): at.plan_file(unit) for unit in documents}
    with _prior_files(at.work, documents) as priors:
        version, scans = scan(at.policies, plans | priors)
    return version, scans, time.monotonic() - started


@contextmanager
def _prior_files(work: Path, documents: dict[UnitId, dict[str, Any]]) -> Iterator[dict[str, Path]]:
    """The prior states as plans, in a folder that nobody else can read and that goes away."""
    with tempfile.TemporaryDirectory(dir=private_folder(work)) as name:
        files: dict[str, Path] = {}
        for unit, document in documents.items():
            prior = prior_document(document)
            if prior is not None:
                file = Path(name) / f"{unit.slug}.json"
                file.write_text(json.dumps(prior))
                files[f"{PRIOR}{unit}"] = file
        yield files


def _from_scans(unit: UnitId, scans: dict[str, Scan]) -> Iterator[Finding]:
    prior = scans.get(f"{PRIOR}{unit}")
    old = {(result.rule, result.address) for result in prior.failed} if prior else set()
    for result in scans[str(unit)].failed:
        yield _finding(unit, result, new=(result.rule, result.address) not in old)


def _finding(unit: UnitId, result: Result, new: bool) -> Finding:
    ours = result.rule.startswith("CKV_KWD_")
    return Finding(
        tool="checkov",
        rule=result.rule,
        severity=Severity.ERROR if ours else Severity.WARNING,
        message=result.message,
        unit=str(unit),
        address=result.address,
        remedy=result.remedy
        or "Change the resource, or ask the owner of policies/exceptions.toml for an exception.",
        new=new,
    )


def _placed(
    unit: UnitId,
    findings: Iterable[Finding],
    places: Places,
    points: Mapping[str, tuple[str, ...]],
) -> Iterator[Finding]:
    """Give findings on addresses their file and line, and honour inline skips with a reason.

    ``points`` are by rule what to point at.
    """
    for finding in findings:
        if not finding.address:
            yield finding
            continue
        place = places.of(f"{ENVS}/{unit.stack}", finding.address, points.get(finding.rule, ()))
        reason = place.skips.get(finding.rule, "")
        if finding.rule.startswith("CKV_KWD_"):
            reason = ""  # the judged files cannot lift our own rules
        yield replace(
            finding,
            file=place.file,
            line=place.line,
            excepted=finding.excepted or (f"{reason} (skipped in the file)" if reason else ""),
        )


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
