"""The verdict over a whole run: green only when everything that should have happened did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.results.files import UnitResult
from pipeline.results.groups import grouped
from pipeline.results.schema import FindingReport


@dataclass(frozen=True, slots=True)
class Verdict:
    """``sentence`` comes first everywhere; ``reasons`` are what makes it red, worst first.

    ``notes`` are whole sentences that a reviewer has to know although they decide nothing.
    """

    green: bool
    sentence: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def judge(results: Sequence[UnitResult], problems: Sequence[str] = ()) -> Verdict:
    """Judge what is there, by the results alone; ``problems`` are those that cannot be read."""
    reasons = [*problems]
    for result in results:
        reasons += unit_reasons(result)
    return conclude(reasons, results)


def conclude(
    reasons: Sequence[str], results: Sequence[UnitResult], notes: Sequence[str] = ()
) -> Verdict:
    """The verdict of all reasons: green without one."""
    if reasons:
        many = "" if len(reasons) == 1 else f", and {len(reasons) - 1} more"
        said = f"Not ready to merge: {reasons[0]}{many}."
        return Verdict(False, said, tuple(reasons), tuple(notes))
    if not results:
        return Verdict(True, "Ready to merge: no unit is affected.", (), tuple(notes))
    changes = [change for r in results if r.plan for change in r.plan.changes]
    outputs = sum(change.is_output for change in changes)
    said = ", ".join(
        (
            f"{_many(len(results), 'unit')} with {_many(len(changes) - outputs, 'change')}",
            *([_many(outputs, "output")] if outputs else []),
            "no new finding.",
        )
    )
    return Verdict(True, f"Ready to merge: {said}", (), tuple(notes))


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def unit_reasons(result: UnitResult) -> list[str]:
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
    return reasons


def _failing(result: UnitResult) -> list[FindingReport]:
    """The findings of a unit that make it red."""
    return [f for f in result.findings.findings if f.failing] if result.findings else []
