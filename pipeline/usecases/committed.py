"""Refuse to deploy as a commit what the commit does not hold: files of the working folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from pipeline.adapters.git import git
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, Problem
from pipeline.usecases.estates import commit_estate
from pipeline.usecases.site import Site

#: What Terraform loads from a folder by its name ("Files and Configuration Structure", "Assigning
#: Values to Root Module Variables"); beside it the pipeline names the workspace's own values.
_LOADED = (".tf", ".tf.json", ".auto.tfvars", ".auto.tfvars.json")
_VALUES = ("terraform.tfvars", "terraform.tfvars.json")
_REMEDY = "Nothing was changed. Commit it, or put it away (git stash), then run again."


def as_committed(site: Site, unit: UnitId) -> None:
    """Raise ``superseded`` when the unit's files are not those of the commit that is checked out.

    The ledger says of an entry's commit that it was deployed, and reviews are of commits.
    """
    found = {**_changed(site, unit), **_unseen(site, unit)}
    if found:
        raise Failure(
            "superseded",
            *(Problem(f"The file {why}.", path, _REMEDY) for path, why in sorted(found.items())),
        )


def _changed(site: Site, unit: UnitId) -> dict[str, str]:
    """Inputs of the unit that differ from the commit's, and why each does."""
    here = site.estate.inputs(unit)
    committed = commit_estate(site.root, site.commit, site.settings.app)
    stack = committed.stacks.get(unit.stack)
    has = stack is not None and unit.workspace in stack.workspaces
    there = committed.inputs(unit) if has else {}
    return {
        path: f"of {unit} is not as commit {site.commit[:10]} has it"
        for path in here.keys() | there.keys()
        if here.get(path) != there.get(path)
    }


def _unseen(site: Site, unit: UnitId) -> dict[str, str]:
    """Files that Terraform loads and git was told to look away from: they are in no digest."""
    folders = site.stack(unit).source.modules
    literal = [f":(top,literal){folder}" for folder in folders]
    ignored = _listed(site, "-o", "-i", "--exclude-standard", "--", *literal)
    found = dict.fromkeys(ignored, "is ignored by git, but Terraform reads it")
    for line in _listed(site, "-v", "--", *literal):
        tag, path = line[0], line[2:]
        if tag.islower() or tag == "S":  # git-ls-files(1): assume-unchanged, skip-worktree
            found[path] = "is one that git was told not to look at (git update-index)"
    return {
        path: why
        for path, why in found.items()
        if _loaded(PurePosixPath(path), folders, unit.workspace)
    }


def _loaded(path: PurePosixPath, folders: Collection[str], workspace: str) -> bool:
    """Whether Terraform reads a file of one of the folders without being told."""
    named = path.name in (*_VALUES, f"{workspace}.tfvars")
    return str(path.parent) in folders and (named or path.name.endswith(_LOADED))


def _listed(site: Site, *words: str) -> list[str]:
    told = git(site.root, "ls-files", "-z", *words).decode(errors="surrogateescape")
    return [line for line in told.split("\0") if line]
