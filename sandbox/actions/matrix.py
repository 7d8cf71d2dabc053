"""Matrix strategies. Source: docs.github.com, "Workflow syntax", "jobs.<job_id>.strategy"."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sandbox.actions.expr import Value, to_string
from sandbox.actions.workflow import WorkflowError

LIMIT = 256  # "A matrix will generate a maximum of 256 jobs per workflow run."


def expand(matrix: Any) -> list[dict[str, Value]]:
    """The combinations of a resolved ``matrix``, in GitHub's order.

    ``exclude`` is applied before ``include``. Raises :class:`WorkflowError` where nothing is left,
    as GitHub fails such a job.
    """
    if not isinstance(matrix, Mapping):
        raise WorkflowError("The matrix is not a mapping of vectors")
    vectors = {key: value for key, value in matrix.items() if key not in ("include", "exclude")}
    for key, values in vectors.items():
        if not isinstance(values, list):
            raise WorkflowError(f"Matrix vector '{key}' is not a list")
        if not values:
            raise WorkflowError(f"Matrix vector '{key}' does not contain any values")
    combos: list[dict[str, Value]] = [
        dict(zip(vectors, choice, strict=True)) for choice in itertools.product(*vectors.values())
    ]
    if not vectors:
        combos = []
    combos = [
        combo
        for combo in combos
        if not any(_agrees(rule, combo, rule) for rule in matrix.get("exclude") or [])
    ]
    _include(combos, set(vectors), matrix.get("include") or [])
    if not combos:
        raise WorkflowError("Matrix must define at least one vector")
    if len(combos) > LIMIT:
        raise WorkflowError(f"The matrix makes {len(combos)} jobs; the limit is {LIMIT}")
    return combos


def _agrees(rule: Mapping[str, Any], combo: Mapping[str, Value], keys: Any) -> bool:
    return all(key in combo and combo[key] == rule[key] for key in keys)


def _include(combos: list[dict[str, Value]], keys: set[str], include: list[Any]) -> None:
    """Each entry extends all combinations whose original values it leaves, else it is a new one."""
    originals = list(combos)
    for entry in include:
        shared = [key for key in entry if key in keys]
        fits = [combo for combo in originals if _agrees(entry, combo, shared)]
        for combo in fits:
            combo.update(entry)
        if not fits:
            combos.append(dict(entry))


def suffix(combo: Mapping[str, Value]) -> str:
    """What is put behind a job's name: `` (a, b)``; objects show their values."""

    def leaves(value: Value) -> list[str]:
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        if isinstance(value, list):
            return [leaf for item in value for leaf in leaves(item)]
        return [to_string(value)]

    return f" ({', '.join(leaf for value in combo.values() for leaf in leaves(value))})"
