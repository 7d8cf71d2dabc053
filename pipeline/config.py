"""The configuration: ``[tool.pipeline]``, every stack.toml and every tfvars file of a tree.

All errors are collected, each with file:line, before anything starts. Works on any
:class:`pipeline.domain.tree.Tree`: a commit or the working folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.domain.quantities import USAGE
from pipeline.domain.stack_source import Reader, StackSource
from pipeline.domain.tree import Tree
from pipeline.domain.units import ENVS, Estate, Stack
from pipeline.errors import Failure, Problem
from pipeline.settings import ProjectConfig, StackConfig, StackFile, UsageConfig

Model = TypeVar("Model", bound=BaseModel)


def load_project(tree: Tree) -> ProjectConfig:
    """Read ``[tool.pipeline]``; the defaults hold where the table or the file is missing."""
    problems: list[Problem] = []
    document = _toml(tree, "pyproject.toml", problems)
    table = document.get("tool", {}).get("pipeline", {}) if document else {}
    text = (tree.read("pyproject.toml") or b"").decode(errors="replace")
    found = _validate(ProjectConfig, table, "pyproject.toml", text, ("tool", "pipeline"), problems)
    if found is None or problems:
        raise Failure("bad-config", *problems)
    return found


def load_estate(tree: Tree, app: str = "app") -> Estate[StackConfig]:
    """Read and check every stack of a tree.

    Raises ``bad-hcl``, ``bad-config`` or ``bad-tfvars`` (in this order of importance) with all
    problems found, whatever their kind.
    """
    names = sorted({path.split("/")[2] for path in tree.files(ENVS) if path.count("/") > 2})
    tree.prefetch(p for p in tree.files("terraform") if p.endswith((".tf", ".tfvars", ".toml")))
    reader = Reader(tree)
    hcl: list[Problem] = []
    config: list[Problem] = []
    tfvars: list[Problem] = []
    stacks: dict[str, Stack[StackConfig]] = {}
    for name in names:
        folder = f"{ENVS}/{name}"
        source = reader.stack(folder, hcl)
        if tree.hash(f"{folder}/stack.toml") is None:
            if source.has_terraform:
                config.append(
                    Problem("stack.toml is missing.", folder, "Write one; see docs/terraform.md.")
                )
            continue
        found = _stack_config(tree, folder, config)
        if found is None:
            continue
        order = [w for w in found.workspaces if f"{w}.tfvars" in source.tfvars]
        stacks[name] = Stack(name, folder, found, tuple(order), source, app)
        tfvars += _check_tfvars(folder, found, source)
    config += _check_dependencies(tree, stacks)
    for reason, kind in (("bad-hcl", hcl), ("bad-config", config), ("bad-tfvars", tfvars)):
        if kind:
            raise Failure(reason, *hcl, *config, *tfvars)
    return Estate(tree, stacks, app)


def _stack_config(tree: Tree, folder: str, problems: list[Problem]) -> StackConfig | None:
    path = f"{folder}/stack.toml"
    document = _toml(tree, path, problems)
    if document is None:
        return None
    text = (tree.read(path) or b"").decode(errors="replace")
    file = _validate(StackFile, document, path, text, (), problems)
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
    for name in found.workspaces:
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
    for key, table in (_toml(tree, path, problems) or {}).items():
        where = f"{path}:{find_line(text, (key,))}"
        if key not in USAGE:
            known = ", ".join(sorted(USAGE))
            problems.append(Problem(f"No price reads {key!r}.", where, f"Known are: {known}."))
            continue
        one = _validate(UsageConfig, table, path, text, (key,), problems)
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


def _check_tfvars(folder: str, config: StackConfig, source: StackSource) -> Iterator[Problem]:
    injected = {"image"} if config.takes_image else set()
    for file, values in source.tfvars.items():
        path = f"{folder}/{file}"
        if file == "terraform.tfvars" or file.endswith(".auto.tfvars"):
            yield Problem(
                f"{file} would be loaded for every workspace.",
                path,
                "Put the values into <workspace>.tfvars.",
            )
            continue
        workspace = file.removesuffix(".tfvars")
        if workspace not in config.workspaces:
            yield Problem(
                f"{workspace!r} is no workspace of this stack.",
                path,
                f"Add it to workspaces in {folder}/stack.toml or remove the file.",
            )
            continue
        for name, line in values.items():
            if name not in source.variables:
                yield Problem(
                    f"There is no variable {name!r} in this stack.",
                    f"{path}:{line}",
                    f"Declare it in {folder}/variables.tf or remove the line.",
                )
            elif name in injected:
                yield Problem(
                    f"{name!r} is set by the pipeline (takes_image).",
                    f"{path}:{line}",
                    "Remove it.",
                )
        for name, variable in source.variables.items():
            if variable.required and name not in values and name not in injected:
                yield Problem(
                    f"{path} does not set {name!r}, which has no default.",
                    f"{variable.file}:{variable.line}",
                    f"Add {name} = … to {path}.",
                )
    if config.takes_image and "image" not in source.variables:
        yield Problem(
            'takes_image needs a variable "image".',
            f"{folder}/stack.toml",
            f"Declare it in {folder}/variables.tf.",
        )


def _check_dependencies(tree: Tree, stacks: dict[str, Stack[StackConfig]]) -> Iterator[Problem]:
    graph: dict[str, list[str]] = {}

    def place(stack: Stack[StackConfig]) -> str:
        path = f"{stack.folder}/stack.toml"
        text = (tree.read(path) or b"").decode(errors="replace")
        return f"{path}:{find_line(text, ('depends_on',))}"

    for stack in stacks.values():
        graph[stack.name] = [other for other in stack.config.depends_on if other in stacks]
        for other in stack.config.depends_on:
            if other not in stacks:
                known = ", ".join(sorted(stacks))
                yield Problem(
                    f"depends_on names an unknown stack {other!r}.",
                    place(stack),
                    f"Known: {known}.",
                )
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = list(reversed(error.args[1]))
        yield Problem(
            f"depends_on goes in a circle: {' → '.join(cycle)}.",
            place(stacks[cycle[0]]),
            "Remove one of these dependencies.",
        )


def _toml(tree: Tree, path: str, problems: list[Problem]) -> dict[str, Any] | None:
    data = tree.read(path)
    if data is None:
        return None
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"^(.*) \(at line (\d+), column \d+\)$", str(error))
        line = found[2] if found else str(data.count(b"\n") + 1)
        problems.append(Problem(f"{found[1] if found else error}.", f"{path}:{line}"))
        return None


def _validate(
    model: type[Model],
    document: dict[str, Any],
    path: str,
    text: str,
    prefix: tuple[str, ...],
    problems: list[Problem],
) -> Model | None:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        for item in error.errors():
            place = tuple(str(part) for part in item["loc"])
            name = ".".join(place or prefix[-1:])
            where = f"{path}:{find_line(text, (*prefix, *place))}"
            if item["type"] == "extra_forbidden":
                sentence = f"Unknown key {name!r}."
            elif item["type"] == "missing":
                sentence = f"{name!r} is missing."
            else:
                sentence = f"{name}: {item['msg'].removeprefix('Value error, ')}."
            problems.append(Problem(sentence, where))
        return None


def find_line(text: str, keys: Iterable[str]) -> int:
    """The line (from 1) of a TOML key path, or of the nearest part of it that is written."""
    wanted = [key for key in keys if not key.isdigit()]
    table: list[str] = []
    best, depth = 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?", line)
        pair = re.match(r"\s*([\w\"'.-]+)\s*=", line)
        if header:
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            path = table
        elif pair:
            path = [*table, *(part.strip("\"'") for part in pair[1].split("."))]
        else:
            continue
        if len(path) > depth and path == wanted[: len(path)]:
            best, depth = number, len(path)
    return best
