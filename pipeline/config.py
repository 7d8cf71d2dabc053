"""The configuration: ``[tool.pipeline]``, every stack.toml and every tfvars file of a tree.

All errors are collected, each with file:line, before anything starts. Works on any
:class:`pipeline.domain.tree.Tree`: a commit or the working folder.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.config_checks import check_dependencies, check_names, check_renames, check_tfvars
from pipeline.config_text import find_line, read_toml, validated
from pipeline.domain.quantities import USAGE
from pipeline.domain.stack_source import Reader
from pipeline.domain.tree import Tree
from pipeline.domain.units import ENVS, Estate, Stack
from pipeline.domain.unlooked import out_of_context, unlooked
from pipeline.errors import Failure, Problem, failure
from pipeline.settings import ProjectConfig, StackConfig, StackFile, UsageConfig

_READ = (".tf", ".tfvars", "stack.toml", "usage.toml", "pyproject.toml")

__all__ = ["find_line", "load_estate", "load_project"]


def load_project(tree: Tree) -> ProjectConfig:
    """Read ``[tool.pipeline]``; raises ``bad-config`` where it is missing or wrong."""
    problems: list[Problem] = []
    document = read_toml(tree, "pyproject.toml", problems)
    if problems:
        raise Failure("bad-config", *problems)
    table = _table(document)
    if table is None:
        raise failure(
            "bad-config",
            "The repository has no [tool.pipeline], so nobody knows whose account this is.",
            "pyproject.toml",
            'Write there: [tool.pipeline] name = "…" repository = "OWNER/NAME" region = "…" '
            'ecr_repository = "…", each on a line of its own.',
        )
    text = (tree.read("pyproject.toml") or b"").decode(errors="replace")
    found = validated(ProjectConfig, table, "pyproject.toml", text, ("tool", "pipeline"), problems)
    if found is None:
        raise Failure("bad-config", *problems)
    return found


def _table(document: dict[str, Any] | None) -> dict[str, Any] | None:
    tool = (document or {}).get("tool")
    table = tool.get("pipeline") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def load_estate(tree: Tree, app: str = "app") -> Estate[StackConfig]:
    """Read and check every stack of a tree.

    Raises ``bad-hcl``, ``bad-config`` or ``bad-tfvars`` (in this order of importance) with all
    problems found, whatever their kind.
    """
    names = sorted({path.split("/")[2] for path in tree.files(ENVS) if path.count("/") > 2})
    tree.prefetch(path for path in tree.files("") if path.endswith(_READ))
    tree.prefetch(tree.links(""))
    reader = Reader(tree)
    hcl: list[Problem] = []
    config: list[Problem] = []
    tfvars: list[Problem] = []
    stacks: dict[str, Stack[StackConfig]] = {}
    modules: set[str] = set()
    nameless = []
    for name in names:
        folder = f"{ENVS}/{name}"
        source = reader.stack(folder, hcl)
        if tree.hash(f"{folder}/stack.toml") is None:
            nameless += [folder] if source.has_terraform else []
            continue
        modules.update(source.modules)
        found = _stack_config(tree, folder, config)
        if found is None:
            continue
        order = [w for w in found.workspaces if f"{w}.tfvars" in source.tfvars]
        stacks[name] = Stack(name, folder, found, tuple(order), source, app)
        tfvars += check_tfvars(folder, found, source)
    config += [
        Problem("stack.toml is missing.", folder, "Write one; see docs/terraform.md.")
        for folder in nameless
        if folder not in modules
    ]
    config += unlooked(tree, ENVS, modules | set(nameless), _unmanaged(tree))
    config += check_dependencies(tree, stacks)
    config += check_renames(tree, stacks)
    config += check_names(tree, stacks)
    if any(stack.config.takes_image for stack in stacks.values()):
        config += out_of_context(tree, app)
    for reason, kind in (("bad-hcl", hcl), ("bad-config", config), ("bad-tfvars", tfvars)):
        if kind:
            raise Failure(reason, *hcl, *config, *tfvars)
    return Estate(tree, stacks, app)


def _unmanaged(tree: Tree) -> list[str]:
    """What the tree itself says that others apply; what is wrong there is told elsewhere."""
    found = (_table(read_toml(tree, "pyproject.toml", [])) or {}).get("unmanaged")
    return [str(folder) for folder in found] if isinstance(found, list) else []


def _stack_config(tree: Tree, folder: str, problems: list[Problem]) -> StackConfig | None:
    path = f"{folder}/stack.toml"
    document = read_toml(tree, path, problems)
    if document is None:
        return None
    text = (tree.read(path) or b"").decode(errors="replace")
    file = validated(StackFile, document, path, text, (), problems)
    if file is None:
        return None
    found = StackConfig(**dict(file), usage=_usage(tree, folder, file.workspaces, problems))
    for name in found.workspace:
        if name not in found.workspaces:
            problems.append(
                Problem(
                    f"[workspace.{name}] is about an unknown workspace.",
                    f"{path}:{find_line(text, ('workspace', name))}",
                    f"Known are: {', '.join(found.workspaces)}.",
                )
            )
    for position, name in enumerate(found.workspaces):
        if name in found.workspaces[:position]:
            where = f"{path}:{find_line(text, ('workspaces',))}"
            problems.append(Problem(f"The workspace {name!r} is listed twice.", where,
                                    "Remove one of the two."))  # fmt: skip
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
            where = f"{path}:{find_line(text, ('workspaces',))}"
            problems.append(
                Problem(f"{name!r} is no workspace name (a-z, 0-9 and dashes only).", where)
            )
    return found


def _usage(
    tree: Tree, folder: str, workspaces: list[str], problems: list[Problem]
) -> dict[str, UsageConfig]:
    """Read usage.toml. A key that nothing reads is refused: a typo must not make it cheaper."""
    path = f"{folder}/usage.toml"
    if tree.hash(path) is None:
        return {}
    text = (tree.read(path) or b"").decode(errors="replace")
    found: dict[str, UsageConfig] = {}
    for key, table in (read_toml(tree, path, problems) or {}).items():
        where = f"{path}:{find_line(text, (key,))}"
        if key not in USAGE:
            known = ", ".join(sorted(USAGE))
            problems.append(Problem(f"No price reads {key!r}.", where, f"Known are: {known}."))
            continue
        one = validated(UsageConfig, table, path, text, (key,), problems)
        if one is None:
            continue
        found[key] = one
        for name in one.workspace:
            if name not in workspaces:
                known = ", ".join(workspaces)
                problems.append(
                    Problem(
                        f"[{key}] is about an unknown workspace {name!r}.",
                        where,
                        f"Known are: {known}.",
                    )
                )
    return found
