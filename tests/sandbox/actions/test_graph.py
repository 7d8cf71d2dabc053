"""The job graph alone: no runner, no threads; the test plays the runner by reporting results."""

from __future__ import annotations

import json

import pytest

from sandbox.actions import rerun
from sandbox.actions.model import Conclusion

from .play import STEPS, Play, told


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
