"""Checkov over plans: what is new against what is deployed, where it stands, what excepts it.

A finding was there before only where the same rule fails at the same address in the plan's prior
state and nothing of that resource changes that a rule could judge: an open port that opens wider
is a new finding (docs/policies.md, "New and existing findings").
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.adapters.checkov import Result, Scan, applied_document, prior_document, scan
from pipeline.adapters.places import Places
from pipeline.adapters.work import private_folder
from pipeline.domain.canonical import same
from pipeline.domain.exceptions import Exceptions, read_exceptions
from pipeline.domain.model import UNKNOWN, Change, Finding, Leaf, Plan, Severity, UnitId
from pipeline.domain.policy import Permission, action_findings
from pipeline.domain.units import ENVS
from pipeline.domain.unknowns import judgeable, unknown_settings
from pipeline.usecases.checkouts import Checkouts

PRIOR = "prior:"

#: Attributes that no rule judges by what they say: words for people, and the release's image.
_UNJUDGED = frozenset({"tags", "tags_all", "description"})
_IMAGE = ("image", "image_uri")
_BY_TREE = re.compile(r"(.+):[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Scans:
    """What checkov says about each plan, and about what was there before it."""

    version: str = ""
    seconds: float = 0.0
    scans: Mapping[str, Scan] = field(default_factory=dict)

    def findings(self, unit: UnitId, plan: Plan, document: Mapping[str, Any]) -> Iterator[Finding]:
        """The findings on a unit's plan, each told from what was there before."""
        prior = self.scans.get(f"{PRIOR}{unit}")
        old = {(result.rule, result.address) for result in prior.failed} if prior else set()
        touched = unknown_settings(document) | {
            change.address for change in plan.changes if judged_anew(change)
        }
        for result in self.scans[str(unit)].failed:
            known = (result.rule, result.address) in old and result.address not in touched
            yield _finding(unit, result, new=not known)


def judged_anew(change: Change) -> bool:
    """Whether a change sets anything to another value that a rule could judge.

    What is not known yet is a setting of somebody's (:func:`unknown_settings`) or AWS's own.
    """
    return any(
        leaf.after is not UNKNOWN and not same(leaf.before, leaf.after) and not _unjudged(leaf)
        for leaf in change.leaves
    )


def _unjudged(leaf: Leaf) -> bool:
    names = leaf.path.strip("/").split("/")
    if names[-1] in _IMAGE:
        return _release(leaf.before) != "" and _release(leaf.before) == _release(leaf.after)
    return names[0] in _UNJUDGED


def _release(value: object) -> str:
    """The repository of an image that is named by a git tree's hash; "" for any other image."""
    found = _BY_TREE.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def scan_plans(at: Checkouts, documents: Mapping[UnitId, dict[str, Any]]) -> Scans:
    """Scan the plans in the work folder and their prior states, in one process of checkov."""
    if not documents:
        return Scans()
    started = time.monotonic()
    plans = {str(unit): at.plan_file(unit) for unit in documents}
    with _files(at.work, _priors(documents)) as priors:
        version, scans = scan(at.policies, plans | priors)
    return Scans(version, time.monotonic() - started, scans)


def _priors(documents: Mapping[UnitId, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The prior states as plans that change nothing, where there are any."""
    found = {f"{PRIOR}{unit}": prior_document(plan) for unit, plan in documents.items()}
    return {name: prior for name, prior in found.items() if prior is not None}


@contextmanager
def _files(work: Path, documents: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Path]]:
    """Documents as files, in a folder that nobody else can read and that goes away."""
    with tempfile.TemporaryDirectory(dir=private_folder(work)) as folder:
        files: dict[str, Path] = {}
        for number, (name, document) in enumerate(documents.items()):
            files[name] = Path(folder) / f"{number}.json"
            files[name].write_text(json.dumps(document))
        yield files


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


class Placing:
    """Gives findings on addresses their file and line, and honours the inline skips of main.

    A skip comment counts where the judging checkout has it at that address, too, with a reason: a
    pull request's own comments silence nothing. Our own rules no comment lifts.
    """

    def __init__(self, at: Checkouts, scans: Scans) -> None:
        self._places = Places(at.root)
        self._main = self._places if at.referee == at.root else Places(at.referee)
        results = (one for each in scans.scans.values() for one in each.failed)
        self._points = {one.rule: one.points for one in results}

    def placed(self, unit: UnitId, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The same findings with their places and excuses."""
        stack = f"{ENVS}/{unit.stack}"
        for finding in findings:
            if not finding.address:
                yield finding
                continue
            points = self._points.get(finding.rule, ())
            place = self._places.of(stack, finding.address, points)
            reason = self._main.of(stack, finding.address).skips.get(finding.rule, "")
            if finding.rule.startswith("CKV_KWD_") or finding.rule not in place.skips:
                reason = ""
            yield replace(
                finding,
                file=place.file,
                line=place.line,
                excepted=finding.excepted or (f"{reason} (skipped in the file)" if reason else ""),
            )


def exceptions_of(policies: Path, today: date) -> Exceptions:
    """The exceptions of a ``policies`` folder; raises ``bad-config`` for a wrong file."""
    file = policies / "exceptions.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return read_exceptions(text, "policies/exceptions.toml", today)


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the policies say about a fresh plan.

    ``failing`` was not said at the review; ``told`` are the rules and addresses of everything that
    fails, so that what is judged after the apply is not told twice.
    """

    failing: tuple[Finding, ...] = ()
    told: frozenset[tuple[str, str]] = frozenset()


def judge_again(
    at: Checkouts,
    document: dict[str, Any],
    plan: Plan,
    reviewed: Collection[tuple[str, str]],
    retried: Collection[str],
    today: date,
) -> Fresh:
    """What the policies say about a fresh plan and did not say when it was reviewed.

    ``reviewed`` are the rules and addresses that were known or excepted then. What was not known
    at review may be known now, so the same checks run on the same unit again; the label that let
    something be destroyed was judged at review and stands in ``reviewed``. ``retried`` are the
    addresses of objects that an apply of the reviewed plan made by half: they may go again.
    """
    unit = plan.unit
    if not judgeable(document):
        return Fresh()
    scans = scan_plans(at, {unit: document})
    destroyed = [f for f in action_findings(plan, Permission()) if f.address not in retried]
    found = [*scans.findings(unit, plan, document), *destroyed]
    failing = _failing(at, unit, scans, found, reviewed, today)
    return Fresh(failing, frozenset((f.rule, f.address) for f in found))


def judge_applied(
    at: Checkouts,
    unit: UnitId,
    document: dict[str, Any],
    values: Mapping[str, Any],
    told: Collection[tuple[str, str]],
    today: date,
) -> tuple[Finding, ...]:
    """What the policies say about settings that only the apply made known.

    ``document`` is the plan's, ``values`` what stands now (``terraform show -json`` of a state),
    ``told`` what was known or said before.
    """
    late = unknown_settings(document)
    name = f"applied:{unit}"
    with _files(at.work, {name: applied_document(document, values)}) as files:
        version, found = scan(at.policies, files)
    scans = Scans(version, 0.0, {str(unit): found[name]})
    results = [_finding(unit, r, new=True) for r in found[name].failed if r.address in late]
    return _failing(at, unit, scans, results, told, today)


def _failing(
    at: Checkouts,
    unit: UnitId,
    scans: Scans,
    found: Iterable[Finding],
    known: Collection[tuple[str, str]],
    today: date,
) -> tuple[Finding, ...]:
    judged = exceptions_of(at.policies, today).apply(Placing(at, scans).placed(unit, found))
    return tuple(
        finding
        for finding in judged
        if finding.new
        and not finding.excepted
        and finding.severity is not Severity.NOTICE
        and (finding.rule, finding.address) not in known
    )
