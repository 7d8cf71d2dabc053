"""Who reviewed that a unit is forgotten: the landing that brought its ``retired`` entry."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.git import git, parent
from pipeline.domain.ledger import Entry, Evidence
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_toml
from pipeline.errors import Failure, failure
from pipeline.usecases.landings import landings
from pipeline.usecases.orphans import forget
from pipeline.usecases.site import Site

_FILE = "pyproject.toml"


def forget_reviewed(site: Site, unit: UnitId) -> Entry | None:
    """Take an orphan off the ledger as a reviewed change says; None when that was done before.

    Raises ``not-covered`` when nobody reviewed that change, and what
    :func:`pipeline.usecases.orphans.forget` raises.
    """
    return forget(site, unit, _evidence(site, unit))


def _evidence(site: Site, unit: UnitId) -> Evidence:
    alone = site.settings.review.self_
    if site.github_or_none is None:
        if alone:
            return Evidence(reviewed=True, self_reviewed=True)
        raise _refused("Without GITHUB_TOKEN nobody can tell who reviewed it.")
    commit = _brought_by(site.root, str(unit))
    if not commit:
        raise _refused(f"No commit of the checkout says in {_FILE} that {unit} is retired.")
    # up to the head: a rebase of several commits is one landing, which ends after the first
    found = landings(site, unit, parent(site.root, commit) or None, site.commit)
    landing = next(iter(found), None)
    if landing is None or not landing.reviewed:
        raise _refused(landing.missing if landing else f"Nothing landed as {commit[:10]}.")
    return Evidence(
        reviewed=True,
        self_reviewed=landing.self_reviewed,
        approvals=tuple(f"#{landing.pull} {who}" for who in landing.approvers),
    )


def _refused(why: str) -> Failure:
    return failure(
        "not-covered",
        f"That it is forgotten was not reviewed: {why}",
        _FILE,
        "Nothing was changed. Merge the entry by an approved pull request.",
    )


def _brought_by(root: Path, unit: str) -> str:
    """The newest step of the first-parent history that brought the unit's entry."""
    told = git(root, "rev-list", "--first-parent", "HEAD", "--", f":(top,literal){_FILE}")
    for commit in told.decode().split():
        before = parent(root, commit)
        if _says(root, commit, unit) and not (before and _says(root, before, unit)):
            return commit
    return ""


def _says(root: Path, commit: str, unit: str) -> bool:
    """Whether a commit's settings want the unit forgotten; what cannot be read says nothing."""
    try:
        document = parse_toml(git(root, "show", f"{commit}:{_FILE}").decode())
        entries = document.get("tool", {}).get("pipeline", {}).get("retired", [])
        return any(e.get("unit") == unit and e.get("action") == "forget" for e in entries)
    except (Failure, ValueError, AttributeError, TypeError):
        return False
