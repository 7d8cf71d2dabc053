"""The report of a run: verdict, comment, HTML page, SARIF, from what the jobs left behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.model import UnitId
from pipeline.domain.secrets import known_from_environment
from pipeline.errors import Failure, failure
from pipeline.render.comment import MARKER, comment
from pipeline.render.page import page
from pipeline.render.sarif import sarif
from pipeline.results import UnitResult, load
from pipeline.results.verdict import Verdict, judge

__all__ = ["MARKER", "Rendered", "build"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was rendered and where it lies."""

    verdict: Verdict
    comment: str
    page: Path
    sarif: Path
    body: Path


def build(folder: Path, environ: Mapping[str, str], out: Path, link: str, title: str) -> Rendered:
    """Read the results, judge, render into ``out``.

    ``NEEDS`` in the environment is GitHub's ``toJSON(needs)``. A results file that cannot be read
    makes the verdict red; it does not stop the report.
    """
    known = known_from_environment(environ)
    needs = read_needs(environ.get("NEEDS", ""))
    expected = affected_units(needs)
    results: list[UnitResult] = []
    problems: list[str] = []
    try:
        results = load(folder, known) if folder.is_dir() else []
    except Failure as error:
        problems.append(f"a result cannot be read: {str(error).rstrip('.')}")
    verdict = judge(results, expected, needs, problems)
    out.mkdir(parents=True, exist_ok=True)
    html, findings, body = out / "report.html", out / "findings.sarif", out / "comment.md"
    text = comment(verdict, results, link, known)
    html.write_text(page(verdict, results, title, link, known), encoding="utf-8")
    findings.write_text(json.dumps(sarif(results, known), indent=1) + "\n", encoding="utf-8")
    body.write_text(text, encoding="utf-8")
    return Rendered(verdict, text, html, findings, body)


def read_needs(text: str) -> dict[str, Any]:
    """GitHub's ``needs`` context; raises ``usage`` when it is set and no JSON object."""
    if not text.strip():
        return {}
    try:
        needs = json.loads(text)
    except ValueError:
        needs = None
    if not isinstance(needs, dict) or not all(isinstance(need, dict) for need in needs.values()):
        raise failure("usage", "NEEDS is no JSON object.", remedy="Set it to toJSON(needs).")
    return needs


def affected_units(needs: Mapping[str, Any]) -> list[UnitId] | None:
    """The units that the job ``affected`` named; None when it did not come to that."""
    for need in needs.values():
        units = (need.get("outputs") or {}).get("units")
        if units:
            try:
                return [UnitId.parse(unit) for unit in json.loads(units)]
            except (ValueError, TypeError, AttributeError):
                return None
    return None
