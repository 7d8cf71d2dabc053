"""Units and their digests: which files decide what a unit deploys.

Everything comes from object ids of a tree; no line difference and no merge base is looked at, so
squash merges, force pushes, reverts and skipped runs change nothing.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Generic, Protocol, TypeVar

from pipeline.domain.model import UnitId
from pipeline.domain.sources import FileFacts, Reference, facts
from pipeline.domain.tree import Tree, differing, join
from pipeline.errors import Problem, failure

ENVS = "terraform/envs"
MAX_SHARDS = 256  # GitHub: a matrix has at most 256 jobs


class StackSettings(Protocol):
    """What the domain needs of a stack.toml."""

    @property
    def depends_on(self) -> list[str]: ...
    @property
    def takes_image(self) -> bool: ...


Settings = TypeVar("Settings", bound=StackSettings)


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared input; ``required`` when it has no default."""

    file: str
    line: int
    required: bool


@dataclass(frozen=True, slots=True)
class StackSource:
    """What the Terraform files of a stack say."""

    variables: dict[str, Variable]
    tfvars: dict[str, dict[str, int]]
    inputs: tuple[str, ...]  # local modules and files outside the stack's own folder
    has_terraform: bool


@dataclass(frozen=True, slots=True)
class Stack(Generic[Settings]):
    """A stack of a tree with its settings and its workspaces in promotion order."""

    name: str
    folder: str
    config: Settings
    workspaces: tuple[str, ...]
    source: StackSource
    app: str

    @property
    def units(self) -> list[UnitId]:
        return [UnitId(self.name, workspace) for workspace in self.workspaces]


def read_stack(tree: Tree, folder: str, problems: list[Problem]) -> StackSource:
    """Read a stack's files and, transitively, its local modules."""
    variables: dict[str, Variable] = {}
    tfvars: dict[str, dict[str, int]] = {}
    inputs: dict[str, None] = {}
    queue, seen = [folder], {folder}
    has_terraform = False
    while queue:
        module = queue.pop()
        for path in tree.files(module):
            name = path[len(module) + 1 :]
            if "/" in name or not name.endswith((".tf", ".tfvars")):
                continue
            found = facts(tree.read(path) or b"")
            if found.error:
                problems.append(Problem(f"{found.error[0]}.", f"{path}:{found.error[1]}"))
            if name.endswith(".tfvars"):
                if module == folder:
                    tfvars[name] = found.keys
                continue
            if module == folder:
                has_terraform = True
                for key, (line, required) in found.variables.items():
                    variables[key] = Variable(path, line, required)
            for target in _references(found, folder, module, path, problems, tree):
                if not _within(target, folder):
                    inputs[target] = None
            for reference in found.modules:
                target = join(module, reference.path) or ""
                if target and target not in seen and tree.files(target):
                    seen.add(target)
                    queue.append(target)
    return StackSource(variables, tfvars, tuple(sorted(inputs)), has_terraform)


def _references(
    found: FileFacts, folder: str, module: str, path: str, problems: list[Problem], tree: Tree
) -> Iterator[str]:
    def resolve(reference: Reference) -> str | None:
        target = join(folder if reference.base == "root" else module, reference.path)
        if target is None:
            problems.append(
                Problem(
                    f"{reference.path!r} leads out of the repository.", f"{path}:{reference.line}"
                )
            )
        return target

    for reference in found.modules:
        target = resolve(reference)
        if target is not None and not tree.files(target):
            problems.append(Problem(f"There is no module {target}.", f"{path}:{reference.line}"))
        if target is not None:
            yield target
    for reference in found.reads:
        if reference.path.startswith("/") or reference.path.startswith("~"):
            continue  # outside the repository: the guard refuses it
        target = resolve(reference)
        if target is not None:
            yield target


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


@dataclass(slots=True)
class Estate(Generic[Settings]):
    """All stacks of one tree."""

    tree: Tree
    stacks: dict[str, Stack[Settings]]
    _digests: dict[UnitId, str] = field(default_factory=dict)
    _shared: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def units(self) -> list[UnitId]:
        """Every unit, in the order in which they may be deployed."""
        return [unit for wave in self.waves(None) for unit in wave]

    def stack(self, unit: UnitId) -> Stack[Settings]:
        """The unit's stack; raises ``unknown-unit`` naming the units there are."""
        found = self.stacks.get(unit.stack)
        if found is None or unit.workspace not in found.workspaces:
            known = ", ".join(str(u) for s in self.stacks.values() for u in s.units)
            raise failure("unknown-unit", f"There is no unit {unit}.", remedy=f"Known: {known}.")
        return found

    def inputs(self, unit: UnitId) -> dict[str, str]:
        """What decides the unit: path -> object id (``absent`` when nothing is there)."""
        stack = self.stack(unit)
        shared = self._shared.get(stack.name)
        if shared is None:
            shared = self._shared[stack.name] = self._shared_inputs(stack)
        own = f"{stack.folder}/{unit.workspace}.tfvars"
        return {
            **shared,
            own: self.tree.hash(own) or "absent",
            f"{stack.folder}/stack.toml": _settings_hash(
                self.tree.read(f"{stack.folder}/stack.toml") or b"", unit.workspace
            ),
        }

    def _shared_inputs(self, stack: Stack[Settings]) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self.tree.files(stack.folder):
            name = path[len(stack.folder) + 1 :]
            own = "/" not in name and name.endswith(".tfvars")
            if name != "stack.toml" and (not own or _for_all(name)):
                found[path] = self.tree.hash(path) or "absent"
        for path in stack.source.inputs:
            found[path] = self.tree.hash(path) or "absent"
        if stack.config.takes_image:
            found[stack.app] = self.tree.hash(stack.app) or "absent"
        return found

    def digest(self, unit: UnitId) -> str:
        """The unit digest: SHA-256 over :meth:`inputs`, in hexadecimal."""
        found = self._digests.get(unit)
        if found is None:
            text = json.dumps([str(unit), sorted(self.inputs(unit).items())])
            found = self._digests[unit] = hashlib.sha256(text.encode()).hexdigest()
        return found

    def configuration(self, unit: UnitId) -> str:
        """The unit digest without the image tree: what a plan record is bound to."""
        stack = self.stack(unit)
        image = {stack.app} if stack.config.takes_image else set()
        kept = sorted(item for item in self.inputs(unit).items() if item[0] not in image)
        return hashlib.sha256(json.dumps([str(unit), kept]).encode()).hexdigest()

    def waves(self, only: Iterable[UnitId] | None) -> list[list[UnitId]]:
        """Units in waves: after what they depend on, and workspace after workspace.

        A unit waits for the earlier workspaces of its own stack and for every unit of the stacks
        it depends on that has the same workspace or a workspace this stack does not have.
        """
        chosen = None if only is None else set(only)
        graph: dict[UnitId, set[UnitId]] = {}
        for stack in self.stacks.values():
            for position, unit in enumerate(stack.units):
                before = set(stack.units[:position])
                for name in stack.config.depends_on:
                    other = self.stacks.get(name)
                    before |= {
                        u
                        for u in (other.units if other else ())
                        if u.workspace == unit.workspace or u.workspace not in stack.workspaces
                    }
                graph[unit] = before
        sorter = TopologicalSorter(graph)
        level: dict[UnitId, int] = {}
        for unit in sorter.static_order():
            counted = chosen is None or unit in chosen
            earlier = [level[u] for u in graph[unit]]
            level[unit] = max(earlier, default=0) + (1 if counted else 0)
        waves: dict[int, list[UnitId]] = {}
        for unit, number in level.items():
            if chosen is None or unit in chosen:
                waves.setdefault(number, []).append(unit)
        return [sorted(waves[number]) for number in sorted(waves)]


def _for_all(name: str) -> bool:
    return name == "terraform.tfvars" or name.endswith(".auto.tfvars")


@lru_cache(maxsize=65536)
def _settings_hash(data: bytes, workspace: str) -> str:
    """Hash of the part of a stack.toml that concerns one workspace; comments do not count."""
    try:
        document = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return hashlib.sha256(data).hexdigest()
    document.pop("workspaces", None)
    document.pop("description", None)
    tables = document.pop("workspace", None)
    own = tables.get(workspace) if isinstance(tables, dict) else None
    text = json.dumps([document, own], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Affected:
    """A unit whose digest differs, and why: the files that made the difference."""

    unit: UnitId
    before: str | None
    after: str | None
    files: tuple[str, ...]


def explain(before: Estate[Settings], after: Estate[Settings], unit: UnitId) -> tuple[str, ...]:
    """The files that make the unit's digest differ between two trees."""
    old = before.inputs(unit) if _has(before, unit) else {}
    new = after.inputs(unit) if _has(after, unit) else {}
    changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    found: dict[str, None] = {}
    for path in changed:
        names = list(differing(before.tree, after.tree, path)) or [path]
        found.update(dict.fromkeys(names))
    return tuple(found)


def _has(estate: Estate[Settings], unit: UnitId) -> bool:
    stack = estate.stacks.get(unit.stack)
    return stack is not None and unit.workspace in stack.workspaces


def affected(before: Estate[Settings], after: Estate[Settings]) -> list[Affected]:
    """Units whose digest differs, in deployment order; units that are gone come last."""
    found = []
    gone = [u for s in before.stacks.values() for u in s.units if not _has(after, u)]
    for unit in [*after.units, *sorted(gone)]:
        old = before.digest(unit) if _has(before, unit) else None
        new = after.digest(unit) if _has(after, unit) else None
        if old != new:
            found.append(Affected(unit, old, new, explain(before, after, unit)))
    return found


def shards(units: Sequence[UnitId], per_shard: int = 1) -> list[list[UnitId]]:
    """Pack units into at most 256 shards of equal size, at least ``per_shard`` units each."""
    size = max(per_shard, -(-len(units) // MAX_SHARDS))
    return [list(units[at : at + size]) for at in range(0, len(units), size)]
