"""One live issue for each unit that is not what the repository says; closed when it is again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.adapters.github import Issue, run_url
from pipeline.domain.secrets import known_from_environment
from pipeline.errors import Failure
from pipeline.render.changes import happened, item
from pipeline.render.fit import COMMENT, TITLE, Section, clip, fit, size
from pipeline.render.markdown import code, plain
from pipeline.render.visible import seen
from pipeline.results import PlanReport, clean, prose
from pipeline.usecases.site import Site
from pipeline.usecases.verify import Proof

LABEL = "drift"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a unit's issue: opened, updated, unchanged, closed, none or failed.

    ``failure`` is what GitHub answered when it failed.
    """

    proof: Proof
    action: str
    url: str = ""
    failure: Failure | None = None


def tell(site: Site, proofs: list[Proof]) -> list[Told]:
    """Bring the issues in line with the proofs; the same proofs again write nothing.

    An issue that cannot be written stops none of the others. Raises ``github`` when the issues
    cannot even be listed.
    """
    known = {issue.title: issue for issue in site.github.issues(LABEL)}
    found: list[Told] = []
    for proof in proofs:
        try:
            found.append(_tell(site, proof, known))
        except Failure as error:
            if error.reason != "github":
                raise
            site.out.annotate("warning", f"The issue of {proof.unit} was not written: {error}")
            found.append(Told(proof, "failed", failure=error))
    return found


def _tell(site: Site, proof: Proof, known: Mapping[str, Issue]) -> Told:
    github = site.github
    title = clip(seen(f"Drift: {proof.unit}"), TITLE)
    issue = known.get(title)
    if proof.verified:
        if issue is None:
            return Told(proof, "none")
        text = f"{code(proof.unit)} is again what the repository says."
        github.comment(issue.number, text)
        github.update_issue(issue.number, state="closed")
        return Told(proof, "closed", issue.url)
    url = run_url(site.environ)
    foot = f"\n\n[Seen by this run]({url})" if url else ""
    body = markdown(proof, COMMENT - size(foot), known_from_environment(site.environ))
    if issue is None:
        return Told(proof, "opened", github.create_issue(title, body + foot, [LABEL]).url)
    if issue.body.startswith(body):
        return Told(proof, "unchanged", issue.url)
    github.update_issue(issue.number, body=body + foot)
    return Told(proof, "updated", issue.url)


def _next(proof: Proof) -> str:
    if proof.stuck:
        return "No deploy puts this right by itself: see the first difference for how to go on."
    return "The next deploy of this unit puts it right, or change the repository to match."


def markdown(proof: Proof, limit: int = COMMENT, known: frozenset[str] = frozenset()) -> str:
    """What differs and what to do about it, within ``limit`` bytes."""
    unit = str(proof.unit)
    more = f"{code(f'pipeline verify {unit}')} says the rest."
    planned = clean(PlanReport(unit=unit, changes=list(proof.planned.values())), known).changes
    changes = dict(zip(proof.planned, planned, strict=True))
    drift = clean(PlanReport(unit=unit, drift=proof.drift), known).drift
    names = frozenset((unit, *(change.address for change in [*planned, *drift])))
    differing = tuple(
        item(changes[said], more) if said in changes else f"- {plain(prose(said, known, names))}"
        for said in proof.wrong
    )
    outside = tuple(happened(change, more) for change in drift)
    sections = [
        Section(0, f"{code(unit)} is not what the repository says:"),
        Section(1, "", differing, unit="differences"),
        *([Section(2, "Changed outside Terraform:\n", outside, unit="objects")] if outside else []),
        Section(0, _next(proof)),
    ]
    return fit(sections, limit, more)
