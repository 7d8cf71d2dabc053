"""The verdict over a whole run: green only when everything that should have happened did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.domain.model import UnitId
from pipeline.results.files import UnitResult
from pipeline.results.groups import grouped
from pipeline.results.schema import FindingReport

#: The job that works on the units; when it fails, their own results say why.
UNITS_JOB = "plan"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``sentence`` comes first everywhere; ``reasons`` are what makes it red, worst first.

    ``notes`` are whole sentences that a reviewer has to know although they decide nothing.
    """

    green: bool
    sentence: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def judge(
    results: Sequence[UnitResult],
    expected: Sequence[UnitId] | None,
    needs: Mapping[str, Any],
    problems: Sequence[str] = (),
) -> Verdict:
    """Judge a run.

    ``expected`` are the units that the pull request affects (None: not known, so what is there
    counts). ``needs`` is GitHub's ``needs`` context: a job that failed, was cancelled, or was
    skipped though units are affected makes the verdict red. ``problems`` are unreadable results.
    """
    by_unit = {result.unit: result for result in results}
    reasons = [*problems]
    reasons += [f"{unit} has no result" for unit in expected or [] if unit not in by_unit]
    for result in results:
        reasons += unit_reasons(result, recorded=expected is not None)
    nothing = expected is not None and not expected
    explained = {UNITS_JOB} if reasons else set()
    for job, need in needs.items():
        ended = need.get("result", "missing")
        if ended != "success" and not (ended == "skipped" and nothing) and job not in explained:
            reasons.append(f"the job {job} ended as {ended}")
    units = len(results) if expected is None else len(expected)
    if reasons:
        many = "" if len(reasons) == 1 else f", and {len(reasons) - 1} more"
        return Verdict(False, f"Not ready to merge: {reasons[0]}{many}.", tuple(reasons))
    if not units:
        return Verdict(True, "Ready to merge: no unit is affected.", ())
    changes = sum(len(r.plan.changes) for r in results if r.plan)
    said = f"{units} unit{'s' if units != 1 else ''} with {changes} change"
    return Verdict(
        True, f"Ready to merge: {said}{'s' if changes != 1 else ''}, no new finding.", ()
    )


def unit_reasons(result: UnitResult, recorded: bool = True) -> list[str]:
    """What makes one unit red, each as a part of a sentence."""
    unit = result.unit
    if result.plan is None:
        return [f"{unit} has no plan"]
    if result.plan.error:
        return [f"the plan of {unit} failed ({result.plan.error[0].reason})"]
    reasons = []
    if result.findings is None:
        reasons.append(f"{unit} was not checked")
    elif red := _failing(result):
        rules = sorted({f.rule for f in red}, key=lambda r: (not r.startswith("CKV_KWD"), r))
        named = ", ".join(rules[:3]) + (" …" if len(rules) > 3 else "")
        many = len(grouped(red))
        count = f"{many} new finding{'s' if many != 1 else ''}"
        reasons.append(f"{unit} has {count} ({named})")
    if result.cost is None:
        reasons.append(f"the cost of {unit} is not known")
    elif result.cost.over_budget:
        reasons.append(
            f"{unit} would cost ${result.cost.after:.0f} a month, over its budget of "
            f"${result.cost.budget:.0f}"
        )
    if recorded and result.record is None and not reasons:
        reasons.append(f"{unit} has no plan record, so its merge could not be covered")
    return reasons


def _failing(result: UnitResult) -> list[FindingReport]:
    """The findings of a unit that make it red."""
    return [f for f in result.findings.findings if f.failing] if result.findings else []
