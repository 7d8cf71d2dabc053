"""The job graph alone: no runner, no threads; the test plays the runner by reporting results."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.actions import rerun
from sandbox.actions.graph import Graph
from sandbox.actions.model import Conclusion, EnvironmentRules, Status
from sandbox.actions.state import Instance, Run, now
from sandbox.actions.workflow import load

from .local import MAIN, LocalHost

STEPS = "runs-on: x, steps: [{run: 'true'}]"


class Play:
    """One graph, and short words to move it."""

    def __init__(self, files: Mapping[str, str] | str) -> None:
        named = {"w.yml": files} if isinstance(files, str) else files
        self.host = LocalHost(named)
        self.graph = Graph(self.host)
        self._ids = itertools.count(1)

    def start(self, name: str = "w.yml", **more: Any) -> Run:
        path = f".github/workflows/{name}"
        files = self.host.checkout(MAIN)
        given: dict[str, Any] = {
            "event": "push",
            "payload": {},
            "sha": MAIN,
            "ref": "refs/heads/main",
            "head_sha": MAIN,
            "head_branch": "main",
            "actor": "alice",
            "triggering_actor": "alice",
        }
        number = next(self._ids)
        spec = load(path, files[path])
        run = Run(number, number, spec.name, path, "title", **{**given, **more})
        self.graph.add(run, files)
        return run

    def ready(self) -> list[str]:
        """Jobs that only lack a runner."""
        return [item.name for item in self.graph.startable()]

    def job(self, name: str, run: Run | None = None) -> Instance:
        """The newest job of that name."""
        runs = [run] if run else self.graph.runs.values()
        return [item for each in runs for item in each.instances() if item.name == name][-1]

    def take(self, name: str, run: Run | None = None) -> Instance:
        job = self.job(name, run)
        assert job.status is Status.QUEUED, job.status
        job.status, job.started_at = Status.IN_PROGRESS, now()
        self.graph.settle(job.node.level.run)
        return job

    def end(self, name: str, how: str = "success", /, run: Run | None = None, **out: str) -> None:
        job = self.job(name, run)
        if job.status is not Status.IN_PROGRESS:
            self.take(name, run)
        self.graph.finish(job, Conclusion(how), out)


def told(run: Run) -> dict[str, str]:
    return {job.name: str(job.conclusion or job.status) for job in run.snapshot().jobs}


def test_a_skipped_or_failed_job_skips_all_that_come_after_it_even_far_away() -> None:
    play = Play(f"""
on: push
jobs:
  a: {{{STEPS}}}
  b: {{needs: a, if: "false", {STEPS}}}
  c: {{needs: b, if: always(), {STEPS}}}
  d: {{needs: c, {STEPS}}}
  e: {{needs: c, if: "!failure()", {STEPS}}}
""")
    run = play.start()
    play.end("a")
    assert told(run) == {"a": "success", "b": "skipped", "c": "queued"}
    play.end("c")
    # d needs only c, which succeeded; but its ancestor b was skipped, so success() is false.
    assert told(run)["d"] == "skipped"
    play.end("e")
    assert run.conclusion is Conclusion.SUCCESS


def test_status_functions_see_the_failure_of_any_ancestor() -> None:
    play = Play(f"""
on: push
jobs:
  a: {{{STEPS}}}
  b: {{needs: a, {STEPS}}}
  on-failure: {{needs: [a, b], if: failure(), {STEPS}}}
  with-result: {{needs: b, if: "always() && needs.b.result == 'skipped'", {STEPS}}}
  never: {{needs: a, if: cancelled(), {STEPS}}}
""")
    run = play.start()
    play.end("a", "failure")
    assert play.ready() == ["on-failure", "with-result"]
    play.end("on-failure")
    play.end("with-result")
    assert told(run)["never"] == "skipped"
    assert run.conclusion is Conclusion.FAILURE


def test_a_matrix_keeps_to_max_parallel_and_fail_fast_cancels_the_rest() -> None:
    play = Play(f"""
on: push
jobs:
  a:
    strategy: {{max-parallel: 2, matrix: {{n: [1, 2, 3, 4]}}}}
    {STEPS.replace(", ", chr(10) + "    ")}
  b: {{needs: a, if: always(), {STEPS}}}
""")
    run = play.start()
    assert play.ready() == ["a (1)", "a (2)"]
    play.end("a (1)")
    assert play.ready() == ["a (2)", "a (3)"]
    running = play.take("a (2)")
    play.end("a (3)", "failure")
    assert play.graph.stopping == [running]
    play.graph.finish(running, Conclusion.CANCELLED, {})
    assert told(run) | {"b": ""} == {
        "a (1)": "success",
        "a (2)": "cancelled",
        "a (3)": "failure",
        "a (4)": "cancelled",
        "b": "",
    }
    assert play.ready() == ["b"]


def test_without_fail_fast_and_with_continue_on_error_the_rest_goes_on() -> None:
    play = Play(f"""
on: push
jobs:
  a:
    strategy: {{fail-fast: false, matrix: {{n: [1, 2]}}}}
    continue-on-error: ${{{{ matrix.n == 1 }}}}
    {STEPS.replace(", ", chr(10) + "    ")}
  b: {{needs: a, {STEPS}}}
""")
    run = play.start()
    play.end("a (1)", "failure")
    play.end("a (2)")
    play.end("b")
    assert run.conclusion is Conclusion.SUCCESS
    assert told(run)["a (1)"] == "failure"


@pytest.mark.parametrize("matrix", ["{n: []}", "${{ fromJSON('{\"include\":[]}') }}", "x"])
def test_an_empty_matrix_fails_its_job(matrix: str) -> None:
    play = Play(
        f"""
on: push
jobs:
  a:
    strategy: {{matrix: {json.dumps(matrix)}}}
    {STEPS.replace(", ", chr(10) + "    ")}
""".replace('"{n: []}"', "{n: []}")
    )
    run = play.start()
    assert told(run) == {"a": "failure"}
    assert run.conclusion is Conclusion.FAILURE


CALLER = """
on: push
permissions: {}
jobs:
  call:
    strategy: {matrix: {unit: [x, y]}}
    uses: octo/demo/.github/workflows/mid.yml@main
    with: {unit: "${{ matrix.unit }}", count: 2}
    secrets: {key: "${{ secrets.KEY }}"}
    permissions: {id-token: write, contents: read}
  end: {needs: call, if: always(), runs-on: x, steps: [{run: x}]}
"""
MID = """
on:
  workflow_call:
    inputs: {unit: {type: string, required: true}, count: {type: number}}
    secrets: {key: {required: true}}
    outputs: {word: {value: "${{ jobs.deep.outputs.word }}!"}}
jobs:
  deep:
    uses: ./.github/workflows/deep.yml
    with: {unit: "${{ format('{0}{1}', inputs.unit, inputs.count) }}"}
    secrets: inherit
"""
DEEP = """
on:
  workflow_call:
    inputs: {unit: {type: string}}
    outputs: {word: {value: "${{ jobs.j.outputs.word }}"}}
permissions: {contents: read}
jobs:
  j:
    name: job of ${{ inputs.unit }}
    permissions: {id-token: write}
    runs-on: x
    outputs: {word: x}
    steps: [{run: x}]
"""


def test_reusable_workflows_hand_inputs_outputs_secrets_and_permissions_two_levels_down() -> None:
    play = Play({"w.yml": CALLER, "mid.yml": MID, "deep.yml": DEEP})
    play.host.held["KEY"] = "the-secret"
    run = play.start()
    assert play.ready() == ["call (x) / deep / job of x2", "call (y) / deep / job of y2"]
    job = play.job("call (x) / deep / job of x2")
    assert job.node.key == "call/deep/j"
    assert job.node.level.ref == "octo/demo/.github/workflows/deep.yml@refs/heads/main"
    assert job.node.permissions == {"id-token": "write"}
    assert job.node.level.secrets == {"key": "the-secret"}
    play.end("call (x) / deep / job of x2", word="first")
    play.end("call (y) / deep / job of y2", "failure")
    assert run.root is not None
    call = run.root.nodes["call"]
    assert (call.result, call.outputs["word"][-1]) == (Conclusion.FAILURE, "!")
    play.end("end")
    assert run.conclusion is Conclusion.FAILURE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("permissions: {id-token: write, contents: read}", "permissions: {}"), "only allowed"),
        (("mid.yml@main", "no.yml@main"), "not found"),
        (('{unit: "${{ matrix.unit }}", count: 2}', "{other: 1}"), None),
    ],
)
def test_a_call_that_cannot_work_fails_at_the_start_or_at_the_call(
    change: tuple[str, str], message: str | None
) -> None:
    play = Play({"w.yml": CALLER.replace(*change), "mid.yml": MID, "deep.yml": DEEP})
    play.host.held["KEY"] = "k"
    run = play.start()
    if message:
        assert run.conclusion is Conclusion.STARTUP_FAILURE
        assert message in run.message
    else:
        assert told(run)["call (x)"] == "failure"


def test_a_pull_request_from_a_fork_gets_no_secrets_and_no_write() -> None:
    play = Play(f"""
on: push
permissions: {{contents: write, id-token: write}}
jobs: {{a: {{{STEPS}}}}}
""")
    play.host.held["KEY"] = "k"
    run = play.start(from_fork=True)
    job = play.job("a", run)
    assert job.node.permissions == {"contents": "read"}
    assert job.node.level.secrets == {}


GATED = f"""
on: push
jobs:
  a: {{environment: prod, {STEPS}}}
  b: {{needs: a, if: always(), {STEPS}}}
"""


def test_an_environment_with_reviewers_holds_the_job_until_it_is_approved() -> None:
    play = Play(GATED)
    play.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = play.start()
    assert run.status is Status.WAITING
    assert run.snapshot().waiting_environments() == ("prod",)
    play.graph.review(run, "prod", approved=True)
    play.end("a")
    play.end("b")
    assert run.conclusion is Conclusion.SUCCESS


def test_a_rejected_job_fails_and_a_branch_not_allowed_too() -> None:
    play = Play(GATED)
    play.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = play.start()
    play.graph.review(run, "prod", approved=False)
    assert told(run) == {"a": "failure", "b": "queued"}
    play.host.environments["prod"] = EnvironmentRules("prod", branches=("release/*",))
    assert told(play.start())["a"] == "failure"


def grouped(rule: str) -> Play:
    return Play(f"""
on: push
jobs: {{a: {{concurrency: {rule}, {STEPS}}}}}
""")


def test_queue_max_keeps_all_pending_jobs_in_order() -> None:
    play = grouped("{group: Unit, queue: max}")
    runs = [play.start() for _ in range(4)]
    assert [told(run)["a"] for run in runs] == ["queued", "pending", "pending", "pending"]
    play.end("a", run=runs[0])
    assert [told(run)["a"] for run in runs] == ["success", "queued", "pending", "pending"]
    play.graph.cancel(runs[2])
    play.end("a", "failure", run=runs[1])
    assert [told(run)["a"] for run in runs] == ["success", "failure", "cancelled", "queued"]


def test_a_queue_ends_at_a_hundred_pending_jobs() -> None:
    play = grouped("{group: g, queue: max}")
    runs = [play.start() for _ in range(102)]
    assert [told(run)["a"] for run in (runs[0], runs[100], runs[101])] == [
        "queued",
        "pending",
        "cancelled",
    ]


def test_without_queue_a_new_job_replaces_the_pending_one_and_names_ignore_case() -> None:
    play = grouped("'${{ github.actor }}'")
    runs = [play.start(actor=name) for name in ("Al", "al", "AL", "other")]
    assert [told(run)["a"] for run in runs] == ["queued", "cancelled", "pending", "queued"]
    assert runs[1].conclusion is Conclusion.CANCELLED


def test_cancel_in_progress_stops_the_running_one_and_excludes_a_queue() -> None:
    play = grouped("{group: g, cancel-in-progress: true}")
    first = play.start()
    running = play.take("a", first)
    second = play.start()
    assert play.graph.stopping == [running]
    assert told(second)["a"] == "pending"
    play.graph.finish(running, Conclusion.CANCELLED, {})
    assert told(second)["a"] == "queued"
    third, fourth = play.start(), play.start()
    assert [told(run)["a"] for run in (second, third, fourth)] == [
        "cancelled",
        "cancelled",
        "queued",
    ]
    both = grouped("{group: g, cancel-in-progress: true, queue: max}").start()
    assert told(both)["a"] == "failure"


def test_a_workflow_level_group_holds_whole_runs() -> None:
    play = Play(f"""
on: push
concurrency: {{group: all, queue: max}}
jobs: {{a: {{{STEPS}}}}}
""")
    runs = [play.start() for _ in range(3)]
    assert [run.status for run in runs] == [Status.QUEUED, Status.PENDING, Status.PENDING]
    assert play.ready() == ["a"]
    play.graph.cancel(runs[1])
    assert runs[1].conclusion is Conclusion.CANCELLED
    play.end("a", run=runs[0])
    play.end("a", run=runs[2])
    assert runs[2].conclusion is Conclusion.SUCCESS


def test_a_rerun_of_failed_jobs_keeps_what_succeeded_and_runs_what_depends_on_the_rest() -> None:
    play = Play(
        {
            "w.yml": f"""
on: push
jobs:
  a: {{{STEPS}}}
  each:
    needs: a
    strategy: {{fail-fast: false, matrix: {{n: [1, 2]}}}}
    uses: ./.github/workflows/c.yml
  last: {{needs: each, {STEPS}}}
""",
            "c.yml": f"""
on: {{workflow_call: {{}}}}
jobs:
  first: {{{STEPS}}}
  second: {{needs: first, {STEPS}}}
""",
        }
    )
    run = play.start()
    play.end("a", word="kept")
    play.end("each (1) / first")
    play.end("each (1) / second")
    play.end("each (2) / first")
    play.end("each (2) / second", "failure")
    assert run.conclusion is Conclusion.FAILURE
    rerun.begin_attempt(run, "bob", everything=False)
    play.graph.restart(run)
    assert play.ready() == ["each (2) / second"]
    assert (run.attempt, run.triggering_actor) == (2, "bob")
    assert play.job("each (2) / second").attempt == 2
    assert play.job("each (1) / second").attempt == 1
    assert run.root is not None
    assert run.root.nodes["a"].outputs == {"word": "kept"}
    play.end("each (2) / second")
    play.end("last")
    assert run.conclusion is Conclusion.SUCCESS
    assert [job.name for job in run.previous if job.conclusion is Conclusion.FAILURE] == [
        "each (2) / second"
    ]
    rerun.begin_attempt(run, "bob", everything=True)
    play.graph.restart(run)
    assert play.ready() == ["a"]
