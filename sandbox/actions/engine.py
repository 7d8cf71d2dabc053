"""The service's side of Actions: takes events, owns the job graph, hands jobs to the runner."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.actions import intake, rerun
from sandbox.actions.graph import Graph
from sandbox.actions.model import (
    ActionsError,
    Artifact,
    Conclusion,
    Host,
    Review,
    Status,
    WorkflowRun,
)
from sandbox.actions.progress import Progress
from sandbox.actions.state import Instance, Run, job_snapshot, now
from sandbox.actions.store import Store
from sandbox.actions.work import Work

log = logging.getLogger(__name__)
#: Jobs that run at a time (GitHub: 20 and more). Here they share a laptop, but an apply mostly
#: waits and must not wait for a slot too.
SLOTS = 4


class Engine:
    """Runs the workflows of one repository.

    ``state`` keeps runs, logs and artifacts; ``slots`` is how many jobs run at a time.
    Every method may be called from any thread; refused requests raise ``ActionsError``.
    """

    def __init__(self, host: Host, state: Path, slots: int = SLOTS) -> None:
        self._host = host
        self._store = Store(state.resolve())
        self._slots = slots
        self._graph = Graph(host)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._past = self._store.load()
        self._run_ids = itertools.count(max(self._past, default=1000) + 1)
        jobs = (job.id for run in self._past.values() for job in (*run.jobs, *run.previous_jobs))
        self._graph.number_from(max(jobs, default=0) + 1)
        self._working: dict[Instance, tuple[Work, threading.Thread]] = {}
        self._news: queue.SimpleQueue[WorkflowRun | threading.Event | None] = queue.SimpleQueue()
        self._stopped = False
        self._teller = threading.Thread(target=self._tell, name="actions-notify", daemon=True)
        self._teller.start()

    # ---- events --------------------------------------------------------------------------

    def dispatch(
        self, event: str, payload: Mapping[str, Any], sha: str, ref: str, actor: str
    ) -> list[int]:
        """Start every workflow an event triggers; the ids of the new runs.

        ``sha``/``ref`` as in GitHub's table "Events that trigger workflows": for ``pull_request``
        the merge commit and ``refs/pull/N/merge``. ``payload`` is the webhook's; for
        ``workflow_dispatch`` it has ``workflow`` (file path) and ``inputs``.
        """
        files = self._host.checkout(sha)
        if event == "workflow_dispatch" and payload.get("workflow") not in files:
            raise ActionsError(f"No workflow {payload.get('workflow')!r} at this ref", 404)
        started = []
        with self._lock:
            for path in sorted(files):
                if not path.endswith((".yml", ".yaml")) or path.count("/") != 2:
                    continue
                spec = intake.triggered_by(
                    path, files[path], event, payload, ref, self._host.changed_files
                )
                if spec is None:
                    continue
                number = 1 + sum(1 for run in self.runs() if run.path == path)
                ours = self._host.repository().full_name
                run = intake.new_run(
                    next(self._run_ids), number, spec, event, payload, sha, ref, actor, ours
                )
                self._graph.add(run, files)
                started.append(run.id)
            self._advance()
        return started

    # ---- decisions -----------------------------------------------------------------------

    def approve(self, run_id: int, environment: str, actor: str, comment: str = "") -> None:
        """Let the jobs go on that wait for an environment."""
        self._review(run_id, environment, actor, comment, approved=True)

    def reject(self, run_id: int, environment: str, actor: str, comment: str = "") -> None:
        """Fail the jobs that wait for an environment."""
        self._review(run_id, environment, actor, comment, approved=False)

    def _review(
        self, run_id: int, environment: str, actor: str, comment: str, *, approved: bool
    ) -> None:
        rules = self._host.environment(environment)
        with self._lock:
            run = self._live(run_id)
            if environment not in run.snapshot().waiting_environments():
                raise ActionsError(f"Run {run_id} does not wait for environment {environment!r}")
            if actor not in rules.reviewers:
                raise ActionsError(f"{actor} is not a reviewer of {environment!r}", 403)
            if rules.prevent_self_review and actor == run.triggering_actor:
                raise ActionsError(f"{actor} started this run and may not review it", 403)
            state = "approved" if approved else "rejected"
            run.reviews += (Review(environment, state, actor, comment, now(), run.attempt),)
            self._graph.review(run, environment, approved=approved)
            self._advance()

    def cancel(self, run_id: int) -> None:
        """Cancel a run as GitHub does: jobs whose ``if`` still holds go on."""
        with self._lock:
            run = self._live(run_id)
            if run.done:
                raise ActionsError("Cannot cancel a workflow run that is completed.", 409)
            self._graph.cancel(run)
            self._advance()

    def rerun_failed(self, run_id: int, actor: str) -> None:
        """Run what failed, and all that depends on it, once more; the rest keeps its outputs."""
        self._again(run_id, actor, everything=False)

    def rerun(self, run_id: int, actor: str) -> None:
        """Run all jobs once more."""
        self._again(run_id, actor, everything=True)

    def _again(self, run_id: int, actor: str, *, everything: bool) -> None:
        with self._lock:
            run = self._live(run_id)
            if not run.done or run.root is None:
                raise ActionsError("This workflow run cannot be retried", 403)
            if not everything and run.conclusion is Conclusion.SUCCESS:
                raise ActionsError("The workflow run containing this job has no failed jobs", 403)
            rerun.begin_attempt(run, actor, everything=everything)
            self._graph.restart(run)
            self._advance()

    # ---- reading -------------------------------------------------------------------------

    def runs(self) -> list[WorkflowRun]:
        """All runs, newest first."""
        with self._lock:
            live = {run.id: run.snapshot() for run in self._graph.runs.values()}
        return sorted((self._past | live).values(), key=lambda run: run.id, reverse=True)

    def run(self, run_id: int) -> WorkflowRun:
        """One run; ``ActionsError`` 404 where there is none."""
        with self._lock:
            if run := self._graph.runs.get(run_id):
                return run.snapshot()
        if run_id in self._past:
            return self._past[run_id]
        raise ActionsError(f"There is no run {run_id}", 404)

    def artifacts(self, run_id: int) -> list[Artifact]:
        """What a run's jobs uploaded."""
        self.run(run_id)
        return self._store.artifacts(run_id)

    def wait(self, run_id: int, timeout: float) -> WorkflowRun:
        """Block until a run is completed or waits for a review; ``TimeoutError`` else."""
        end = time.monotonic() + timeout
        with self._changed:
            while (run := self.run(run_id)).status not in (Status.COMPLETED, Status.WAITING):
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"run {run_id} is {run.status} after {timeout} s")
                self._changed.wait(left)
        return run

    def told(self, timeout: float) -> None:
        """Return when the host knows all that has happened by now, or after so many seconds."""
        reached = threading.Event()
        self._news.put(reached)
        reached.wait(timeout)

    def stop(self) -> None:
        """Cancel what runs, end every child process; returns when they are gone."""
        with self._lock:
            self._stopped = True
            working = list(self._working.values())
            for work, _ in working:
                work.cancel()
        for _, thread in working:
            thread.join()
        self._news.put(None)
        self._teller.join()
        self._store.remove_work()

    def _live(self, run_id: int) -> Run:
        run = self._graph.runs.get(run_id)
        if run is None:
            self.run(run_id)
            raise ActionsError(f"Run {run_id} is from before the sandbox was restarted", 409)
        return run

    # ---- work ----------------------------------------------------------------------------

    def _advance(self) -> None:
        """Stop what was cancelled, start what can start, tell what changed. Under the lock."""
        for instance in self._graph.stopping:
            if found := self._working.get(instance):
                found[0].cancel()
        self._graph.stopping.clear()
        for instance in self._graph.startable():
            if self._stopped or len(self._working) >= self._slots:
                break
            self._start(instance)
        for run in self._graph.touched():
            self._news.put(run.snapshot())
        self._changed.notify_all()

    def _start(self, instance: Instance) -> None:
        instance.status, instance.started_at = Status.IN_PROGRESS, now()
        self._graph.settle(instance.node.level.run)
        work = Work(instance, job_snapshot(instance), self._host, self._store)
        thread = threading.Thread(target=self._work, args=(work,), name=f"job-{instance.id}")
        self._working[instance] = work, thread
        thread.start()

    def _work(self, work: Work) -> None:
        instance = work.instance

        def changed(progress: Progress) -> None:
            with self._lock:
                instance.steps = progress.snapshot()
                instance.summary = progress.summary
                instance.annotations = progress.annotations
                instance.log = progress.log_path
                self._news.put(instance.node.level.run.snapshot())

        try:
            conclusion, outputs, message = work.run(changed)
        except Exception as error:
            conclusion, outputs, message = Conclusion.FAILURE, {}, f"The runner failed: {error}"
        self._store.ended(instance.id)
        with self._lock:
            del self._working[instance]
            self._graph.finish(instance, conclusion, outputs, message)
            self._advance()

    def _tell(self) -> None:
        """Save and hand on snapshots in order; of several waiting ones of a run, the newest."""
        ended = False
        while not ended:
            news = [self._news.get()]
            while not self._news.empty():
                news.append(self._news.get())
            newest = {item.id: item for item in news if isinstance(item, WorkflowRun)}
            for run in newest.values():
                try:
                    self._store.save(run)
                    self._host.notify(replace(run))
                except Exception:
                    # one run that cannot be told must not silence all later ones
                    log.exception("run %d was not told", run.id)
            for item in news:
                if isinstance(item, threading.Event):
                    item.set()
            ended = None in news
