"""Estates of the working folder and of commits: configuration read, checked, ready to compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.git import GitTree, changed_paths, resolve, snapshot, top
from pipeline.adapters.syntax import syntax_problems
from pipeline.config import load_estate, load_project
from pipeline.domain.model import UnitId
from pipeline.domain.tree import MemoryTree, Tree
from pipeline.domain.units import ENVS, Estate
from pipeline.errors import Failure, Problem, failure
from pipeline.settings import ProjectConfig, StackConfig


def project(referee: Path, root: Path) -> ProjectConfig:
    """``[tool.pipeline]`` of the judging checkout, else of the judged one.

    Raises ``usage`` where ``root`` is no checkout, ``bad-config`` where the settings are missing.
    """
    top(root)
    folder = referee if (referee / "pyproject.toml").is_file() else root
    file = folder / "pyproject.toml"
    return load_project(MemoryTree({file.name: file.read_bytes()} if file.is_file() else {}))


def working_estate(root: Path, app: str = "app") -> Estate[StackConfig]:
    """The estate of the working folder as it is, uncommitted files included."""
    top(root)
    return load_estate(GitTree(root, snapshot(root)), app)


def commit_estate(
    root: Path, revision: str, app: str = "app", shared: GitTree | None = None
) -> Estate[StackConfig]:
    """The estate of a commit."""
    return load_estate(GitTree(root, resolve(root, revision), shared), app)


def renamed(estate: Estate[StackConfig]) -> dict[UnitId, UnitId]:
    """Units that keep the state and the ledger of an old name: new to old."""
    return {
        unit: UnitId(stack.config.renamed_from, unit.workspace)
        for stack in estate.stacks.values()
        if stack.config.renamed_from
        for unit in stack.units
    }


def kept(estate: Estate[StackConfig]) -> dict[UnitId, UnitId]:
    """Every unit by the name under which its state and its ledger are kept."""
    old = renamed(estate)
    return {old.get(u, u): u for stack in estate.stacks.values() for u in stack.units}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two commits. ``unreadable`` says why the base tells nothing; ``before`` is empty then."""

    before: Estate[StackConfig]
    after: Estate[StackConfig]
    paths: list[str]
    unreadable: str = ""


def compare(root: Path, base: str, head: str, app: str = "app") -> Compared:
    """Both estates and the changed paths; the head's changed HCL is checked by Terraform.

    Raises ``bad-hcl``, ``bad-config`` and ``bad-tfvars`` with all problems of the head.
    A base whose configuration is broken counts as empty, so that a repair affects everything; what
    the repair removes, only the ledger knows.
    """
    old_id, new_id = resolve(root, base), resolve(root, head)
    new_tree = GitTree(root, new_id)
    paths = changed_paths(root, old_id, new_id)
    problems = syntax_problems(new_tree, paths)
    if problems:
        raise Failure("bad-hcl", *problems)
    after = load_estate(new_tree, app)
    old_tree: Tree = GitTree(root, old_id, shared=new_tree)
    unreadable = ""
    try:
        before = load_estate(old_tree, app)
    except Failure as error:
        before, unreadable = Estate(old_tree, {}), str(error.problems[0])
    _has_units(before, after)
    return Compared(before, after, paths, unreadable)


def _has_units(before: Estate[StackConfig], after: Estate[StackConfig]) -> None:
    """Raises ``bad-config`` where nothing is looked at: no stack at all, or a new one without unit.

    One that gave its units up has orphans, which the ledger knows.
    """
    if not before.stacks and not after.stacks:
        raise failure(
            "bad-config",
            "There is no stack, so nothing is looked at.",
            ENVS,
            f'Write {ENVS}/NAME/stack.toml with workspaces = ["dev"], and beside it dev.tfvars '
            "and the Terraform files.",
        )
    problems = []
    for stack in after.stacks.values():
        old = before.stacks.get(stack.name)
        if not stack.workspaces and not (old and old.workspaces):
            first = stack.config.workspaces[0]
            problems.append(
                Problem(
                    f"The stack {stack.name} has no tfvars file, so it has no unit.",
                    stack.folder,
                    f"Write {stack.folder}/{first}.tfvars; it may be empty.",
                )
            )
    if problems:
        raise Failure("bad-config", *problems)
