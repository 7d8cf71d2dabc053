"""tflint over the stacks of units: what is new against the judging checkout's own files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.places import lint_inputs
from pipeline.adapters.tflint import lint
from pipeline.domain.model import Finding, Severity, UnitId
from pipeline.domain.units import ENVS
from pipeline.errors import failure
from pipeline.results import ToolRun
from pipeline.usecases.checkouts import Checkouts

#: A comment that silences tflint (its documentation, "Annotations").
_SILENCER = re.compile(r"(?:#|//|/\*)\s*tflint-ignore(?:-file)?\s*:\s*(?P<rules>[^#\n]*)")

#: The rule of the finding that tells of such a comment.
SILENCED = "tflint_ignore"


def lint_units(
    at: Checkouts, units: Iterable[UnitId]
) -> tuple[dict[UnitId, list[Finding]], dict[UnitId, ToolRun]]:
    """Findings of tflint by unit, and how it ran; raises ``bad-config`` without its settings."""
    config = at.policies / "tflint.hcl"
    if not config.is_file():
        raise failure(
            "bad-config",
            "policies/tflint.hcl is not there, so nobody knows what to look for.",
            "policies/tflint.hcl",
            "Write it, as tflint's documentation says under Configuration.",
        )
    findings: dict[UnitId, list[Finding]] = {}
    tools: dict[UnitId, ToolRun] = {}
    by_stack: dict[str, tuple[list[Finding], ToolRun]] = {}
    for unit in units:
        if unit.stack not in by_stack:
            stack = f"{ENVS}/{unit.stack}"
            run = lint(at.root, stack, config, lint_inputs(at.root, stack))
            old: Counter[tuple[str, str, str]] = Counter()
            if at.referee != at.root and (at.referee / stack).is_dir():
                before = lint(at.referee, stack, config, lint_inputs(at.referee, stack))
                old.update(map(_same, before.findings))
            told = [replace(f, new=_is_new(_same(f), old)) for f in run.findings]
            by_stack[unit.stack] = (
                [*told, *_silencers(at, stack)],
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


def _same(finding: Finding) -> tuple[str, str, str]:
    """By what a finding is known again, wherever in its file it stands now."""
    return finding.rule, finding.message, finding.file


def _is_new(one: tuple[str, str, str], old: Counter[tuple[str, str, str]]) -> bool:
    """Whether there are more like it than before; each that was there excuses one."""
    if old[one]:
        old[one] -= 1
        return False
    return True


def _silencers(at: Checkouts, stack: str) -> list[Finding]:
    """A finding for each comment that silences tflint and that the judging checkout does not have.

    tflint has no option to pass over such comments.
    """
    if at.referee == at.root:
        return []
    found = []
    for name in lint_inputs(at.root, stack):
        old = Counter(rules for _, rules in _comments(at.referee / name))
        for line, rules in _comments(at.root / name):
            if old[rules]:
                old[rules] -= 1
                continue
            found.append(
                Finding(
                    tool="tflint",
                    rule=SILENCED,
                    severity=Severity.WARNING,
                    message=f"A comment of this pull request silences tflint for {rules}.",
                    file=name,
                    line=line,
                    remedy="Take the comment out, or let the owner of policies/ except the rule.",
                )
            )
    return found


def _comments(file: Path) -> list[tuple[int, str]]:
    """Line and silenced rules of each such comment of a file; none where there is no file."""
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        (number, match["rules"].strip(" */"))
        for number, line in enumerate(lines, 1)
        for match in _SILENCER.finditer(line)
    ]
