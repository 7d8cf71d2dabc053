"""What has to agree between the files of a stack, and between stacks."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from pipeline.config_text import find_line
from pipeline.domain.model import UnitId
from pipeline.domain.stack_source import StackSource
from pipeline.domain.tree import Tree
from pipeline.domain.units import Stack
from pipeline.errors import Problem
from pipeline.settings import StackConfig


def check_tfvars(folder: str, config: StackConfig, source: StackSource) -> Iterator[Problem]:
    """A stack's tfvars files against its workspaces and variables."""
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


def place_of(tree: Tree, stack: Stack[StackConfig], key: str) -> str:
    """File and line of a key of a stack's settings; the first line where it has none."""
    path = f"{stack.folder}/stack.toml"
    text = (tree.read(path) or b"").decode(errors="replace")
    return f"{path}:{find_line(text, (key,))}"


def check_renames(tree: Tree, stacks: dict[str, Stack[StackConfig]]) -> Iterator[Problem]:
    """An old name belongs to one stack, and to none that is there."""
    owners: dict[str, str] = {}
    for stack in stacks.values():
        old = stack.config.renamed_from
        if old is None:
            continue
        where = place_of(tree, stack, "renamed_from")
        if old in stacks:
            yield Problem(
                f"renamed_from names the stack {old!r}, which is still there: both would have "
                "one state.",
                where,
                "Remove one of the two.",
            )
        elif old in owners:
            yield Problem(
                f"The stacks {owners[old]!r} and {stack.name!r} both say that they were {old!r}.",
                where,
                "Let one of them keep its state.",
            )
        owners.setdefault(old, stack.name)


def check_names(tree: Tree, stacks: dict[str, Stack[StackConfig]]) -> Iterator[Problem]:
    """Files, artifacts and folders are named after a unit in one word, which no two may share."""
    owners: dict[str, UnitId] = {}
    for stack in stacks.values():
        for unit in stack.units:
            words = (unit.slug, f"{unit.stack}-{unit.workspace}")
            other = next((owners[word] for word in words if word in owners), None)
            if other not in (None, unit):
                yield Problem(
                    f"{unit} and {other} differ in nothing but dashes, so files of one would be "
                    "taken for those of the other.",
                    place_of(tree, stack, "workspaces"),
                    "Give one of the two another workspace, or its folder another name.",
                )
            owners |= dict.fromkeys(words, unit)


def check_dependencies(tree: Tree, stacks: dict[str, Stack[StackConfig]]) -> Iterator[Problem]:
    """What stacks depend on is there and goes in no circle."""
    graph: dict[str, list[str]] = {}

    def place(stack: Stack[StackConfig]) -> str:
        return place_of(tree, stack, "depends_on")

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
