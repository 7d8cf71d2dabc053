"""How several results make one. Source: docs.github.com, "Workflow run statuses"."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.actions.events import selected
from sandbox.actions.model import Conclusion, EnvironmentRules, Status
from sandbox.actions.state import Instance, Run


def aggregate(results: Iterable[Conclusion]) -> Conclusion:
    """The result of several jobs taken together: the worst; skipped only if all were."""
    found = set(results)
    for worst in (Conclusion.FAILURE, Conclusion.CANCELLED):
        if worst in found:
            return worst
    return Conclusion.SKIPPED if found == {Conclusion.SKIPPED} else Conclusion.SUCCESS


def run_conclusion(run: Run) -> Conclusion:
    """How a run ended whose jobs are all done."""
    if run.cancelling or run.root is None:
        return Conclusion.CANCELLED
    return aggregate(node.result for node in run.root.nodes.values() if node.result)


def run_status(run: Run) -> Status:
    """Where a run stands whose jobs are not all done."""
    states = {item.status for item in run.instances() if item.begun and not item.child}
    if Status.IN_PROGRESS in states:
        return Status.IN_PROGRESS
    if Status.QUEUED in states:
        return Status.QUEUED if run.status is Status.QUEUED else Status.IN_PROGRESS
    return Status.WAITING if Status.WAITING in states else Status.IN_PROGRESS


def startable(runs: Iterable[Run]) -> list[Instance]:
    """Jobs that only lack a runner, oldest first."""
    queued = [
        item
        for run in runs
        if not run.done
        for item in run.instances()
        if item.begun and item.status is Status.QUEUED and not item.node.spec.uses
    ]
    return sorted(queued, key=lambda item: item.id)


def refused_branch(run: Run, rules: EnvironmentRules) -> str:
    """Why a run's branch may not deploy to an environment; empty where it may."""
    branch = run.ref.removeprefix("refs/heads/").removeprefix("refs/")
    if not rules.branches or selected(rules.branches, branch):
        return ""
    return (
        f"Branch '{branch}' is not allowed to deploy to {rules.name} due to environment "
        "protection rules."
    )
