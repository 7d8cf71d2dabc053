"""Estates of the working folder and of commits: configuration read, checked, ready to compare."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.git import GitTree, changed_paths, resolve, snapshot
from pipeline.adapters.syntax import syntax_problems
from pipeline.config import load_estate, load_project
from pipeline.domain.tree import MemoryTree, Tree
from pipeline.domain.units import Estate
from pipeline.errors import Failure
from pipeline.settings import ProjectConfig, StackConfig


def project(referee: Path, root: Path) -> ProjectConfig:
    """``[tool.pipeline]`` of the judging checkout, else of the judged one."""
    folder = referee if (referee / "pyproject.toml").is_file() else root
    file = folder / "pyproject.toml"
    return load_project(MemoryTree({file.name: file.read_bytes()} if file.is_file() else {}))


def working_estate(root: Path, app: str = "app") -> Estate[StackConfig]:
    """The estate of the working folder as it is, uncommitted files included."""
    return load_estate(GitTree(root, snapshot(root)), app)


def commit_estate(
    root: Path, revision: str, app: str = "app", shared: GitTree | None = None
) -> Estate[StackConfig]:
    """The estate of a commit."""
    return load_estate(GitTree(root, resolve(root, revision), shared), app)


def renamed(estate: Estate[StackConfig]) -> dict[str, str]:
    """Stacks that keep the state and the ledger of an old name: new to old."""
    every = estate.stacks.values()
    return {s.name: s.config.renamed_from for s in every if s.config.renamed_from}


def compare(
    root: Path, base: str, head: str, app: str = "app"
) -> tuple[Estate[StackConfig], Estate[StackConfig], list[str]]:
    """Both estates and the changed paths; the head's changed HCL is checked by Terraform.

    A base whose configuration is broken counts as empty, so that a repair affects everything.
    """
    old_id, new_id = resolve(root, base), resolve(root, head)
    new_tree = GitTree(root, new_id)
    paths = changed_paths(root, old_id, new_id)
    problems = syntax_problems(new_tree, paths)
    if problems:
        raise Failure("bad-hcl", *problems)
    after = load_estate(new_tree, app)
    old_tree: Tree = GitTree(root, old_id, shared=new_tree)
    try:
        before = load_estate(old_tree, app)
    except Failure:
        before = Estate(old_tree, {})
    return before, after, paths
