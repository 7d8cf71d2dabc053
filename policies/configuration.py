"""What a plan's resources say in their own text: what is written, and where values come from.

A plan marks a value as unknown both where it is computed from something else and where nobody
wrote it and AWS decides. Only the plan's ``configuration`` tells these apart, and only it tells
that ``var.network.subnet_ids`` is, two modules further, ``aws_subnet.private``. The runner reads
it once a scan; on files and in checkov's own command there is none, and rules go by the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Written:
    """A resource's text: dotted paths of its settings, each with the resources it comes from."""

    origins: Mapping[str, frozenset[str]]

    def has(self, path: str) -> bool:
        """Whether the setting, or one below it, is written."""
        return any(f"{key}.".startswith(f"{path}.") for key in self.origins)

    def of(self, path: str) -> frozenset[str]:
        """Addresses (without instance keys) of the resources that a setting's value comes from."""
        return self.origins.get(path, frozenset())


#: What is being scanned, by address without instance keys; None: not known.
_current: dict[str, Written] | None = None


def use(document: Mapping[str, Any] | None) -> None:
    """Let rules see this plan's configuration (None: they go by what checkov gives them)."""
    global _current
    root = (document or {}).get("configuration", {}).get("root_module")
    _current = None if root is None else dict(_read(_Modules(root), ()))


def written(address: str) -> Written | None:
    """The text of a resource; None when the scan has none."""
    return None if _current is None else _current.get(bare(address))


def bare(address: str) -> str:
    """The address without instance keys: ``module.a["x"].aws_b.c[0]`` is ``module.a.aws_b.c``."""
    return _INDEX.sub("", address)


@dataclass(frozen=True, slots=True)
class _Modules:
    root: Mapping[str, Any]

    def call(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """The call of a module by the names of the calls that lead to it."""
        found: Mapping[str, Any] = {"module": self.root}
        for name in path:
            found = found.get("module", {}).get("module_calls", {}).get(name, {})
        return found

    def resolve(self, path: tuple[str, ...], reference: str) -> frozenset[str]:
        """The resources behind a reference that stands in a module."""
        words = bare(reference).split(".")
        if words[0].startswith("aws_") and len(words) > 1:
            return frozenset({".".join([*(f"module.{name}" for name in path), *words[:2]])})
        if words[0] == "var" and path:
            given = self.call(path).get("expressions", {}).get(words[1])
            return self._all(path[:-1], given)
        if words[0] == "module" and len(words) > 2:
            below = (*path, words[1])
            output = self.call(below).get("module", {}).get("outputs", {}).get(words[2], {})
            return self._all(below, output.get("expression"))
        return frozenset()

    def _all(self, path: tuple[str, ...], expression: Any) -> frozenset[str]:
        found = [self.resolve(path, ref) for _, refs in _leaves(expression, "") for ref in refs]
        return frozenset().union(*found)


def _read(modules: _Modules, path: tuple[str, ...]) -> Iterator[tuple[str, Written]]:
    module = modules.call(path).get("module", {})
    prefix = "".join(f"module.{name}." for name in path)
    for resource in module.get("resources") or []:
        origins: dict[str, frozenset[str]] = {}
        for key, references in _leaves(resource.get("expressions"), ""):
            found = [modules.resolve(path, reference) for reference in references]
            origins[key] = origins.get(key, frozenset()).union(*found)
        yield prefix + resource["address"], Written(origins)
    for name in module.get("module_calls") or {}:
        yield from _read(modules, (*path, name))


def _leaves(expression: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """(dotted path, references) of every expression; blocks of the same name share a path."""
    if isinstance(expression, list):
        for item in expression:
            yield from _leaves(item, path)
    elif isinstance(expression, dict):
        if not expression or "references" in expression or "constant_value" in expression:
            yield path, expression.get("references") or []
            return
        for key, value in expression.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
