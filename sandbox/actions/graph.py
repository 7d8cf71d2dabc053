"""The job graph of all runs: what may start, what is skipped, what waits, how things end.

No threads and no processes: the engine calls in under its lock, starts what :meth:`startable`
names, stops what :attr:`stopping` names, and reports back with :meth:`finish`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sandbox.actions import contexts
from sandbox.actions.concurrency import Concurrency, Groups
from sandbox.actions.expansion import expand, resolve_keys, stand_in
from sandbox.actions.expr import ExpressionError, Scope, condition, render, resolve_tree
from sandbox.actions.levels import call_outputs, open_call, open_root
from sandbox.actions.model import Conclusion, Host, Status
from sandbox.actions.outcome import aggregate, refused_branch, run_conclusion, run_status, startable
from sandbox.actions.state import Instance, Level, Node, Run, now
from sandbox.actions.workflow import WorkflowError

_INVALID = (WorkflowError, ExpressionError)


class Graph:
    """Runs and their jobs; ``stopping`` collects running jobs that have to be cancelled."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.runs: dict[int, Run] = {}
        self.stopping: list[Instance] = []
        self._groups = Groups()
        self._ids = itertools.count(1)
        self._touched: dict[int, Run] = {}

    def number_from(self, first: int) -> None:
        """Let job ids begin at ``first``."""
        self._ids = itertools.count(first)

    def touched(self) -> list[Run]:
        """Runs that changed since the last call."""
        runs, self._touched = self._touched, {}
        return list(runs.values())

    def add(self, run: Run, files: Mapping[str, bytes]) -> None:
        """Take a new run in; a file that is not valid ends it as ``startup_failure``."""
        self.runs[run.id] = run
        self._touched[run.id] = run
        try:
            run.root = open_root(run, self.host, files)
            scope = contexts.run_scope(run, self.host.repository(), self.host.variables())
            if title := run.root.spec.raw.get("run-name"):
                run.title = render(str(title), scope)
            rule = resolve_tree(run.root.spec.raw.get("concurrency"), scope)
            run.group = Concurrency.of(rule)
        except _INVALID as error:
            run.root, run.message = None, str(error)
            self._end(run, Conclusion.STARTUP_FAILURE)
            return
        self.start(run)

    def start(self, run: Run) -> None:
        """Let a run enter its concurrency group, then settle it."""
        if run.group:
            free, evicted = self._groups.enter(run.group, run)
            run.status = run.status if free else Status.PENDING
            self._evict(evicted)
        self.settle(run)

    def restart(self, run: Run) -> None:
        """Start another attempt, after :func:`rerun.begin_attempt`."""
        for instance in run.instances():
            if not instance.begun:
                instance.id = next(self._ids)
        self.start(run)

    def settle(self, run: Run) -> None:
        """Bring everything that follows from the present state about."""
        self._touched[run.id] = run
        if run.done or run.root is None or run.status is Status.PENDING:
            return
        while self._step(run.root):
            pass
        run.updated_at = now()
        if run.root.done:
            self._end(run, run_conclusion(run))
            return
        run.status = run_status(run)

    def _end(self, run: Run, conclusion: Conclusion) -> None:
        run.status, run.conclusion, run.updated_at = Status.COMPLETED, conclusion, now()
        if run.group:
            self._leave(run.group, run)

    def _step(self, level: Level) -> bool:
        """One pass over a level; whether anything changed."""
        changed = False
        for node in level.nodes.values():
            if node.result is not None:
                continue
            if not node.instances:
                if all(level.nodes[name].result is not None for name in node.spec.needs):
                    self._expand(node)
                    changed = True
                continue
            changed |= self._step_node(node)
        return changed

    def _step_node(self, node: Node) -> bool:
        changed = False
        for instance in node.instances:
            if instance.child and not instance.done:
                changed |= self._step(instance.child)
                if instance.child.done:
                    self._close_call(instance)
                    changed = True
        active = sum(1 for item in node.instances if item.begun and not item.done)
        for instance in node.instances:
            if instance.begun or instance.done:
                continue
            if node.max_parallel and active >= node.max_parallel:
                break
            self._begin(instance)
            active += not instance.done
            changed = True
        if all(item.done for item in node.instances):
            node.result = aggregate(item.result for item in node.instances)
            changed = True
        return changed

    def _scope(self, node: Node, instance: Instance | None = None, **more: Any) -> Scope:
        variables = dict(self.host.variables())
        if instance and instance.environment:
            variables |= self.host.environment(instance.environment).variables
        return contexts.scope(node, self.host.repository(), variables, instance, **more)

    def _expand(self, node: Node) -> None:
        """All dependencies are done: decide the ``if``, then make the instances."""
        try:
            if not condition(node.spec.get("if"), self._scope(node)):
                self._only(node).complete(Conclusion.SKIPPED)
                return
            node.instances = expand(node, self._scope(node), self._ids)
        except _INVALID as error:
            self._only(node).complete(Conclusion.FAILURE, str(error))

    def _only(self, node: Node) -> Instance:
        node.instances = [stand_in(node, self._ids)]
        return node.instances[0]

    def _begin(self, instance: Instance) -> None:
        """Resolve an instance's own keys, then let it pass its gates."""
        instance.begun, instance.created_at = True, now()
        try:
            resolve_keys(instance, lambda item: self._scope(item.node, item))
        except _INVALID as error:
            instance.complete(Conclusion.FAILURE, str(error))
            return
        self._pass_group(instance)

    def _pass_group(self, instance: Instance) -> None:
        """A job is in its group from its very beginning, also while it waits for approval."""
        if instance.group:
            free, evicted = self._groups.enter(instance.group, instance)
            if not free:
                instance.status = Status.PENDING
                self._evict(evicted)
                return
        self._pass_environment(instance)

    def _pass_environment(self, instance: Instance) -> None:
        if instance.environment:
            rules = self.host.environment(instance.environment)
            if refused := refused_branch(instance.node.level.run, rules):
                self._complete(instance, Conclusion.FAILURE, refused)
                return
            if rules.reviewers:
                instance.status = Status.WAITING
                return
        self._go(instance)

    def _go(self, instance: Instance) -> None:
        """All gates are passed: queue a job for the runner, or open the called workflow."""
        instance.status = Status.QUEUED
        if not instance.node.spec.uses:
            return
        try:
            instance.child = open_call(instance, self.host, self._scope(instance.node, instance))
            instance.status, instance.started_at = Status.IN_PROGRESS, now()
        except _INVALID as error:
            self._complete(instance, Conclusion.FAILURE, str(error))

    def _close_call(self, instance: Instance) -> None:
        level = instance.child
        assert level is not None  # noqa: S101  (only calls are closed)
        try:
            instance.outputs = call_outputs(level, self.host)
            results = (node.result for node in level.nodes.values() if node.result)
            self._complete(instance, aggregate(results))
        except _INVALID as error:
            self._complete(instance, Conclusion.FAILURE, str(error))

    def startable(self) -> list[Instance]:
        """Jobs that only lack a runner, oldest first."""
        return startable(self.runs.values())

    def finish(
        self,
        instance: Instance,
        conclusion: Conclusion,
        outputs: Mapping[str, str],
        message: str = "",
    ) -> None:
        """The runner is done with a job."""
        instance.outputs = outputs
        self._complete(instance, conclusion, message)
        self.settle(instance.node.level.run)

    def _complete(self, instance: Instance, conclusion: Conclusion, message: str = "") -> None:
        instance.complete(conclusion, message)
        node = instance.node
        node.outputs |= {key: value for key, value in instance.outputs.items() if value}
        if instance.group:
            self._leave(instance.group, instance)
        if conclusion is Conclusion.FAILURE and not instance.tolerated and node.fail_fast:
            for other in node.instances:
                if other is not instance:
                    self.cancel_instance(other, keep_always=False)

    def _leave(self, rule: Concurrency, member: object) -> None:
        heir = self._groups.leave(rule, member)
        if isinstance(heir, Instance):
            self._pass_environment(heir)
            self.settle(heir.node.level.run)
        elif isinstance(heir, Run):
            heir.status = Status.QUEUED
            self.settle(heir)

    def _evict(self, members: list[object]) -> None:
        for member in members:
            if isinstance(member, Instance):
                self.cancel_instance(member, keep_always=False)
                self.settle(member.node.level.run)
            elif isinstance(member, Run):
                self.cancel(member)

    def cancel(self, run: Run) -> None:
        """Cancel a run: jobs whose ``if`` still holds go on, all others end."""
        was_pending = run.status is Status.PENDING
        run.cancelling = True
        for instance in run.instances():
            if not instance.child:
                self.cancel_instance(instance)
        if was_pending:
            self._end(run, Conclusion.CANCELLED)
        self.settle(run)

    def cancel_instance(self, instance: Instance, *, keep_always: bool = True) -> None:
        """Cancel one instance, unless (with ``keep_always``) its ``if`` holds when cancelled."""
        if instance.done:
            return
        if instance.child:
            instance.child.cancelled = True
            for inner in list(instance.child.instances()):
                if not inner.child:
                    self.cancel_instance(inner)
            return
        if keep_always and instance.begun and self._holds_cancelled(instance):
            return
        if instance.status is Status.IN_PROGRESS:
            instance.cancelling = True
            self.stopping.append(instance)
            return
        instance.begun = True
        self._complete(instance, Conclusion.CANCELLED)

    def _holds_cancelled(self, instance: Instance) -> bool:
        scope = self._scope(instance.node, cancelled=True)
        try:
            return condition(instance.node.spec.get("if"), scope)
        except _INVALID:
            return False

    def review(self, run: Run, environment: str, *, approved: bool) -> None:
        """Approve or reject the jobs of a run that wait for an environment."""
        for instance in run.instances():
            if instance.status is Status.WAITING and instance.environment == environment:
                if approved:
                    self._go(instance)
                else:
                    self._complete(
                        instance, Conclusion.FAILURE, f"Deployment to {environment} was rejected."
                    )
        self.settle(run)
