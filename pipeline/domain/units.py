"""Units and their digests: which files decide what a unit deploys.

Everything comes from object ids of a tree; no line difference and no merge base is looked at, so
squash merges, force pushes, reverts and skipped runs change nothing.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Generic, Protocol, TypeVar

from pipeline.domain.links import LinkError, follow, observed
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_toml
from pipeline.domain.sources import never_equal
from pipeline.domain.stack_source import StackSource
from pipeline.domain.tree import Tree, differing
from pipeline.errors import failure

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


@dataclass(slots=True)
class Estate(Generic[Settings]):
    """All stacks of one tree."""

    tree: Tree
    stacks: dict[str, Stack[Settings]]
    app: str = "app"
    _digests: dict[UnitId, str] = field(default_factory=dict)
    _shared: dict[str, dict[str, str]] = field(default_factory=dict)
    _paths: dict[str, dict[str, str]] = field(default_factory=dict)

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

    @property
    def image_tree(self) -> str:
        """The git tree hash of the application's folder, the tag of its image; "" without one."""
        return self.tree.hash(self.app) or ""

    def inputs(self, unit: UnitId) -> dict[str, str]:
        """What decides the unit: path -> object id (``absent`` when nothing is there)."""
        stack = self.stack(unit)
        found = self._configured(stack, unit.workspace)
        if stack.config.takes_image:
            found[stack.app] = self.image_tree or "absent"
        return found

    def _configured(self, stack: Stack[Settings], workspace: str) -> dict[str, str]:
        """The inputs without the image."""
        shared = self._shared.get(stack.name)
        if shared is None:
            shared = self._shared[stack.name] = {}
            for path in stack.source.inputs:
                shared |= self._observed(path)
        found = dict(shared)
        name = f"{workspace}.tfvars"
        for path in (f"{stack.folder}/{name}", *stack.source.named.get(name, ())):
            found |= self._observed(path)
        toml = f"{stack.folder}/stack.toml"
        found[toml] = _settings_hash(self.tree.read(toml) or b"", workspace)
        return found

    def _observed(self, path: str) -> dict[str, str]:
        found = self._paths.get(path)
        if found is None:
            try:
                found = observed(self.tree, path)
            except LinkError:  # told where the stack was read; the commit is refused or long past
                found = {path: "a link that cannot be followed"}
            self._paths[path] = found
        return found

    def never_equal(self, unit: UnitId) -> list[tuple[str, int, str]]:
        """What of the unit differs at every plan: see :mod:`pipeline.domain.sources`."""
        stack = self.stack(unit)
        read = {
            path: self.tree.read(path) or b"" for path in self._configured(stack, unit.workspace)
        }
        own = {path: self.tree.read(follow(self.tree, path)) or b"" for path in stack.source.files}
        return never_equal(read | own)

    def digest(self, unit: UnitId) -> str:
        """The unit digest: SHA-256 over :meth:`inputs`, in hexadecimal."""
        found = self._digests.get(unit)
        if found is None:
            found = self._digests[unit] = _hash(unit, self.inputs(unit))
        return found

    def configuration(self, unit: UnitId) -> str:
        """The configuration digest: as :meth:`digest`, without the image's tree."""
        return _hash(unit, self._configured(self.stack(unit), unit.workspace))

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


def _hash(unit: UnitId, inputs: dict[str, str]) -> str:
    text = json.dumps([str(unit), sorted(inputs.items())])
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=65536)
def _settings_hash(data: bytes, workspace: str) -> str:
    """Hash of the part of a stack.toml that concerns one workspace; comments do not count."""
    try:
        document = parse_toml(data.decode())
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
