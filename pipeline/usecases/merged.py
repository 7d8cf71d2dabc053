"""Which reviews brought a unit from its last deployment to here."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.git import first_parent, git
from pipeline.adapters.github import Pull
from pipeline.domain.model import UnitId
from pipeline.domain.record import Reviewed
from pipeline.usecases.record import records_of
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged pull request and the commit of it that was approved, "" when none was."""

    pull: Pull
    approved: str


def merged_since(site: Site, deployed: str | None) -> list[Merged]:
    """Pull requests merged after the commit ``deployed``, in merge order.

    Only what was approved counts: the commit that somebody else than the author approved last. A
    commit that was pushed to main past a pull request belongs to none, so nothing covers it.
    """
    if site.github_or_none is None:
        site.out.say("Without GITHUB_TOKEN no merged pull request can be found.")
        return []
    found: dict[int, Merged] = {}
    for commit in _commits(site, deployed):
        for pull in site.github.pulls_of_commit(commit):
            if pull.merged and pull.merge_commit == commit and pull.number not in found:
                found[pull.number] = Merged(pull, _approved(site, pull))
    return list(found.values())


def _commits(site: Site, deployed: str | None) -> list[str]:
    """First-parent commits since the deployed one that touch what any unit is made of."""
    touching = set(
        git(site.root, "rev-list", "--first-parent", "HEAD", "--", "terraform", site.settings.app)
        .decode()
        .split()
    )
    return [c for c in first_parent(site.root, deployed, site.commit) if c in touching]


def _approved(site: Site, pull: Pull) -> str:
    approvals = [
        review.commit
        for review in site.github.reviews(pull.number)
        if review.state == "APPROVED"
        and review.person
        and review.user != pull.author
        and site.github.may_write(review.user)
    ]
    return approvals[-1] if approvals else ""


def reviewed_by(site: Site, unit: UnitId, merged: list[Merged]) -> list[Reviewed]:
    """The records of the approved commits, in merge order."""
    return [
        record
        for item in merged
        if item.approved
        for record in records_of(site, unit, item.approved)
    ]
