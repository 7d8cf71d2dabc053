"""The report of a run: verdict, comment, HTML page, SARIF.

For a pull request nothing that its own jobs say decides: what is affected is computed here, from
the two commits in the checkout, and each unit's verdict is the one that its plan record seals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.adapters.git import git
from pipeline.adapters.github import run_url
from pipeline.config import load_project
from pipeline.domain.model import UnitId
from pipeline.domain.secrets import known_from_environment
from pipeline.domain.tree import MemoryTree
from pipeline.domain.units import affected
from pipeline.errors import Failure, failure
from pipeline.render.comment import MARKER, comment
from pipeline.render.page import page
from pipeline.render.sarif import sarif
from pipeline.results import UnitResult, load
from pipeline.results.verdict import Verdict, conclude, judge
from pipeline.settings import RetiredConfig
from pipeline.usecases.estates import Compared, compare
from pipeline.usecases.removed import given_up, removed
from pipeline.usecases.request import Request
from pipeline.usecases.results import by_digest, take
from pipeline.usecases.site import Site

__all__ = ["MARKER", "Rendered", "by_hand", "of_request", "render"]

FORK = (
    "plans need a branch of this repository, and this pull request comes from a fork, whose jobs "
    "get no credentials: let somebody who may write push its commits to a branch here"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was rendered and where it lies; ``broken``: the judged configuration cannot be read."""

    verdict: Verdict
    comment: str
    page: Path
    sarif: Path
    body: Path
    broken: bool = False


@dataclass(slots=True)
class _Found:
    """What was found out about a pull request."""

    results: list[UnitResult] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def by_hand(site: Site, folder: Path, out: Path) -> Rendered:
    """Report on results as they lie in a folder. Raises ``usage`` where there are none.

    A file that cannot be read makes the verdict red; it does not stop the report.
    """
    known = known_from_environment(site.environ)
    problems: list[str] = []
    results: list[UnitResult] = []
    try:
        results = load(folder, known) if folder.is_dir() else []
    except Failure as error:
        problems.append(f"a result cannot be read: {str(error).rstrip('.')}")
    if not results and not problems:
        raise failure(
            "usage",
            "There is no result to report on."
            if folder.is_dir()
            else "There is no such folder of results.",
            str(folder),
            "Run `pipeline plan UNIT` first, then `pipeline report --results .pipeline/public`.",
        )
    return render(judge(results, problems), results, out, run_url(site.environ), "Delivery", known)


def of_request(site: Site, request: Request, folder: Path, out: Path) -> Rendered:
    """Report on a pull request, or on an entry of the merge queue. Raises what AWS answers."""
    found, broken = _Found(), False
    base = "HEAD^1" if request.number is not None else request.base
    try:
        compared = compare(site.root, base, "HEAD", site.settings.app)
    except Failure as error:
        broken = True
        found.reasons += [f"the configuration is broken: {str(p).rstrip('.')}"
                          for p in error.problems]  # fmt: skip
    else:
        _look(site, request, folder, compared, found)
    verdict = conclude(found.reasons, found.results, found.notes)
    number = request.number
    title = f"Delivery of pull request {number}" if number else "Delivery of a merge group"
    known = known_from_environment(site.environ)
    made = render(verdict, found.results, out, run_url(site.environ), title, known)
    return replace(made, broken=broken)


def _look(
    site: Site,
    request: Request,
    folder: Path,
    compared: Compared,
    found: _Found,
) -> None:
    before, after = compared.before, compared.after
    units = [item.unit for item in affected(before, after) if item.after is not None]
    lost = compared.unreadable or given_up(before, after)
    if request.fork and (units or lost):
        found.results = [UnitResult(unit) for unit in units]
        found.reasons.append(FORK)
        return
    files = by_digest(folder) if units else {}
    for unit in units:
        taken = take(site, unit, request, files)
        found.results.append(taken.result)
        found.reasons += taken.reasons
    retired = _retired(site, found) if lost else []
    for item in removed(site, compared, retired):
        found.reasons += [item.reason] if item.reason else []
        found.notes += [item.note] if item.note else []
    found.notes += _beforehand(site, request, units, found.results)


def _retired(site: Site, found: _Found) -> list[RetiredConfig]:
    """What the judged files give up, which their review approves with them."""
    file = site.root / "pyproject.toml"
    tree = MemoryTree({file.name: file.read_bytes()} if file.is_file() else {})
    try:
        return load_project(tree).retired
    except Failure as error:
        found.reasons += [f"the settings are broken: {str(p).rstrip('.')}" for p in error.problems]
        return []


def _beforehand(
    site: Site, request: Request, units: Sequence[UnitId], results: Iterable[UnitResult]
) -> list[str]:
    """What a reviewer has to know although nothing of it is wrong, as sentences."""
    notes = [
        f"{r.unit}: {what} differs at every plan, so an apply will never find the plan that was "
        "reviewed. Use a value that stays, or expect to approve each apply by hand."
        for r in results
        if r.plan
        for what in r.plan.never_equal
    ]
    if units and request.number is not None and _lacks_base(site):
        notes.append(
            f"This branch lacks commits of {request.base_ref}; what is planned is both together. "
            f"When anything else that touches these units is merged first, the plan has to be "
            "reviewed again: update the branch, or merge it by a merge queue."
        )
    if units and site.settings.review.self_:
        notes.append(
            "One person's repository: nobody else has to approve, and the ledger will say "
            '"self-reviewed".'
        )
    return notes


def _lacks_base(site: Site) -> bool:
    """Whether merging added something to the branch: then it was behind the base."""
    parents = git(site.root, "show", "-s", "--format=%P", "HEAD").decode().split()
    trees = (git(site.root, "rev-parse", f"{commit}^{{tree}}") for commit in (*parents[1:], "HEAD"))
    return len(set(trees)) > 1


def render(
    verdict: Verdict,
    results: Sequence[UnitResult],
    out: Path,
    link: str,
    title: str,
    known: Iterable[str] = (),
) -> Rendered:
    """Write the page, the SARIF file and the comment into ``out``."""
    secrets = tuple(known)
    out.mkdir(parents=True, exist_ok=True)
    html, findings, body = out / "report.html", out / "findings.sarif", out / "comment.md"
    text = comment(verdict, results, link, secrets)
    html.write_text(page(verdict, results, title, link, secrets), encoding="utf-8")
    findings.write_text(json.dumps(sarif(results, secrets), indent=1) + "\n", encoding="utf-8")
    body.write_text(text, encoding="utf-8")
    return Rendered(verdict, text, html, findings, body)
