"""Another attempt of a completed run. Source: docs.github.com, "Re-run workflows and jobs".

Failed jobs and all that depend on them run again; successful ones keep results and outputs, and
called workflows stay at the commit of the first attempt.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.actions.model import Conclusion, Status
from sandbox.actions.state import Instance, Level, Node, Run, now

_KEPT = (Conclusion.SUCCESS, Conclusion.SKIPPED)


def begin_attempt(run: Run, actor: str, *, everything: bool) -> None:
    """Reset what runs again; the graph settles the rest."""
    assert run.root is not None  # noqa: S101  (the engine refuses runs that never opened)
    run.previous += tuple(job for job in run.snapshot().jobs if job.run_attempt == run.attempt)
    run.attempt += 1
    run.triggering_actor = actor
    run.status, run.conclusion, run.cancelling = Status.QUEUED, None, False
    run.started_at = run.updated_at = now()
    if everything:
        for node in run.root.nodes.values():
            _forget(node)
    else:
        _reset(run.root)


def _reset(level: Level) -> None:
    level.cancelled = False
    failed = {name for name, node in level.nodes.items() if node.result not in _KEPT}
    for name, node in level.nodes.items():
        if level.spec.ancestors(name) & failed:
            _forget(node)
        elif name in failed:
            _retry(node)


def _forget(node: Node) -> None:
    node.instances, node.result, node.outputs = [], None, {}


def _retry(node: Node) -> None:
    """Keep the successful instances of a failed node, renew the others."""
    if any(not item.strategy for item in node.instances):  # it failed before it was expanded
        _forget(node)
        return
    node.result, node.outputs = None, {}
    node.instances = list(_renewed(node))
    for instance in node.instances:
        node.outputs |= {key: value for key, value in instance.outputs.items() if value}


def _renewed(node: Node) -> Iterator[Instance]:
    for item in node.instances:
        if item.conclusion in _KEPT:
            yield item
        elif item.child:
            item.status, item.conclusion = Status.IN_PROGRESS, None
            item.completed_at, item.outputs = None, {}
            _reset(item.child)
            yield item
        else:
            yield Instance(
                node,
                item.id,
                node.level.run.attempt,
                item.name,
                matrix=item.matrix,
                strategy=item.strategy,
            )
