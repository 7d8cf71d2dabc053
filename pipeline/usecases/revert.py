"""Open the pull request that takes back what did not become healthy."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.child import child_environment
from pipeline.adapters.git import first_parent, git, with_token, worktree
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.render.fit import COMMENT, cut
from pipeline.render.markdown import code, title
from pipeline.usecases.estates import commit_estate
from pipeline.usecases.site import Site

#: The app whose token pushes it, by the address that GitHub gives it: another address may be that
#: of somebody's account.
_NAME = "github-actions[bot]"
_ADDRESS = f"41898282+{_NAME}@users.noreply.github.com"
_AUTHOR = {
    "GIT_AUTHOR_NAME": _NAME,
    "GIT_AUTHOR_EMAIL": _ADDRESS,
    "GIT_COMMITTER_NAME": _NAME,
    "GIT_COMMITTER_EMAIL": _ADDRESS,
}


_NOTHING = (
    "taking back what was merged since the last deployment changes nothing of this unit: its files "
    "are those that were deployed last, so the cause is elsewhere"
)


@dataclass(frozen=True, slots=True)
class Reverted:
    """The revert pull request, or why there is none."""

    url: str = ""
    why_not: str = ""


def open_revert(site: Site, unit: UnitId, evidence: str, base: str = "main") -> Reverted:
    """Revert the unit's changes since it was last deployed, as a pull request with the evidence.

    Never raises: the rollout's verdict must be told whatever becomes of this.
    """
    try:
        return _open(site, unit, evidence, base)
    except Failure as error:
        return Reverted(why_not=str(error))


def _open(site: Site, unit: UnitId, evidence: str, base: str) -> Reverted:
    github = site.github_or_none
    if github is None:
        return Reverted(why_not="there is no GITHUB_TOKEN")
    deployed = ledger.last_deployed(ledger.read_chain(site.stores.ledger, unit))
    if deployed is None:
        return Reverted(why_not="this was the unit's first deployment: there is no way back")
    commits = _culprits(site, unit, deployed.commit)
    if not commits:
        return Reverted(why_not="no commit since the last deployment changes this unit")
    branch = f"revert/{unit.slug}-{site.commit[:10]}"
    existing = github.open_pulls(branch)
    if existing:
        return Reverted(existing[0].url)
    with _reverted(site, commits) as folder:
        now = commit_estate(site.root, site.commit, site.settings.app).digest(unit)
        if commit_estate(folder, "HEAD", site.settings.app).digest(unit) == now:
            return Reverted(why_not=_NOTHING)
        where = f"{github.server}/{github.repository}.git"
        _git(
            folder,
            ["push", "--force", where, f"HEAD:refs/heads/{branch}"],
            with_token(github.token),
        )
    subject = git(site.root, "show", "-s", "--format=%s", commits[-1]).decode().strip()
    pull = github.create_pull(
        title(f'Revert "{subject}": {unit} did not become healthy'),
        branch,
        base,
        cut(
            f"{code(unit)} was rolled back by ECS and is held since. Merging this brings the "
            f"repository back to what runs (commit {code(deployed.commit[:10])}).\n\n{evidence}",
            COMMENT,
            "the rest is in the run that opened this.",
        ),
    )
    return Reverted(pull.url)


def _culprits(site: Site, unit: UnitId, deployed: str) -> list[str]:
    """First-parent commits since the deployed one that change the unit's digest, oldest first."""
    found: list[str] = []
    before = commit_estate(site.root, deployed, site.settings.app).digest(unit)
    for commit in first_parent(site.root, deployed, site.commit):
        try:
            after = commit_estate(site.root, commit, site.settings.app).digest(unit)
        except Failure:
            after = ""  # a broken commit in between changes everything
        if after != before:
            found.append(commit)
        before = after
    return found


@contextmanager
def _reverted(site: Site, commits: list[str]) -> Iterator[Path]:
    """A worktree of the head in which the commits are taken back, the newest first."""
    with worktree(site.root, site.commit) as folder:
        for commit in reversed(commits):
            parents = git(folder, "show", "-s", "--format=%P", commit).decode().split()
            flags = ["-m", "1"] if len(parents) > 1 else []
            _git(folder, ["revert", "--no-edit", *flags, commit], _AUTHOR)
        yield folder


def _git(folder: Path, arguments: list[str], extra: dict[str, str]) -> None:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=child_environment(os.environ, "GIT_") | extra,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise failure("git", f"git {arguments[0]} failed: {last[-1] if last else 'no message'}")
