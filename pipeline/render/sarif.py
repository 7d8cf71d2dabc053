"""Findings as SARIF 2.1.0 (OASIS standard), for GitHub's code scanning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.domain.model import Severity
from pipeline.render.visible import seen
from pipeline.results import Group, UnitResult, cleaned, grouped

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


def sarif(results: Sequence[UnitResult], known: Iterable[str] = ()) -> dict[str, Any]:
    """One run for all tools; excepted findings are there, marked as suppressed."""
    groups = grouped(f for r in cleaned(results, known) if r.findings for f in r.findings.findings)
    rules = {group.finding.rule: _rule(group) for group in reversed(groups)}
    index = {rule: number for number, rule in enumerate(rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "pipeline", "rules": list(rules.values())}},
                "columnKind": "utf16CodeUnits",
                "results": [_result(group, index) for group in groups],
            }
        ],
    }


def _rule(group: Group) -> dict[str, Any]:
    f = group.finding
    return {
        "id": f.rule,
        "shortDescription": {"text": _text(f.message)},
        "help": {"text": _text(f.remedy or f.message)},
        "properties": {"tags": [f.tool]},
    }


def _result(group: Group, index: dict[str, int]) -> dict[str, Any]:
    f = group.finding
    where = f" ({', '.join(group.addresses[:5])})" if group.addresses else ""
    result: dict[str, Any] = {
        "ruleId": f.rule,
        "ruleIndex": index[f.rule],
        "level": _LEVELS[f.severity],
        "message": {"text": _text(f"{f.message.rstrip('.')}{where}. {f.remedy}")},
        "partialFingerprints": {"address/v1": "|".join((f.rule, f.file, *group.addresses[:1]))},
        "baselineState": "new" if f.new else "unchanged",
        "locations": [
            {
                "physicalLocation": {
                    # code scanning refuses a result without a file
                    "artifactLocation": {"uri": f.file or "terraform"},
                    "region": {"startLine": max(f.line, 1)},
                }
            }
        ],
    }
    if f.excepted:
        result["suppressions"] = [{"kind": "external", "justification": f.excepted}]
    return result


def _text(text: str) -> str:
    """A message in which every character is visible and nothing is an embedded link (3.11.6)."""
    return seen(text.strip()).replace("](", "] (")
