"""From a node to its instances: the matrix, and the keys each combination resolves for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.actions import matrix
from sandbox.actions.concurrency import Concurrency
from sandbox.actions.expr import Scope, render, resolve_tree, to_string
from sandbox.actions.state import Instance, Node


def prefixed(node: Node, name: str) -> str:
    """A job's name behind that of its caller."""
    parent = node.level.parent
    return f"{parent.name} / {name}" if parent else name


def stand_in(node: Node, ids: Iterator[int]) -> Instance:
    """The single instance of a node that is not expanded: skipped, or failed before."""
    name = prefixed(node, str(node.spec.get("name") or node.spec.id))
    return Instance(node, next(ids), node.level.run.attempt, name, begun=True)


def expand(node: Node, scope: Scope, ids: Iterator[int]) -> list[Instance]:
    """One instance for each combination of the matrix; sets the node's limits as well."""
    strategy = resolve_tree(node.spec.get("strategy") or {}, scope)
    assert isinstance(strategy, dict)  # noqa: S101  (a dict resolves to a dict)
    combos = matrix.expand(strategy["matrix"]) if "matrix" in strategy else [{}]
    node.max_parallel = int(to_string(strategy.get("max-parallel") or 0))
    node.fail_fast = strategy.get("fail-fast", True) is not False
    instances = []
    for number, combo in enumerate(combos):
        name = prefixed(node, node.spec.id + (matrix.suffix(combo) if combo else ""))
        instance = Instance(node, next(ids), node.level.run.attempt, name, matrix=combo)
        instance.strategy = {
            "fail-fast": node.fail_fast,
            "job-index": number,
            "job-total": len(combos),
            "max-parallel": node.max_parallel or len(combos),
        }
        instances.append(instance)
    return instances


def resolve_keys(instance: Instance, scope_of: Callable[[Instance], Scope]) -> None:
    """Name, tolerance, environment and concurrency group of an instance that begins."""
    spec = instance.node.spec
    scope = scope_of(instance)
    if name := spec.get("name"):
        instance.name = prefixed(instance.node, render(str(name), scope))
    instance.tolerated = resolve_tree(spec.get("continue-on-error"), scope) is True
    environment = resolve_tree(spec.get("environment"), scope)
    if isinstance(environment, dict):
        environment = environment.get("name")
    instance.environment = to_string(environment) or None
    # Now that the environment is known, its variables are seen by the group's name.
    rule = resolve_tree(spec.get("concurrency"), scope_of(instance))
    instance.group = Concurrency.of(rule)
