"""Whole runs: the engine's job graph, with act running the steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.actions.engine import Engine
from sandbox.actions.model import Conclusion

from .local import LocalHost, log, push, results


@contextmanager
def engine_for(host: LocalHost, folder: Path, slots: int = 2) -> Iterator[Engine]:
    engine = Engine(host, folder / "state", slots)
    try:
        yield engine
    finally:
        engine.stop()


THIN = """
name: thin
on: push
permissions: {}
jobs:
  list:
    runs-on: ubuntu-24.04
    outputs:
      units: ${{ steps.find.outputs.units }}
    steps:
      - id: find
        run: echo 'units=["a/x","b/y"]' >> "$GITHUB_OUTPUT"
  each:
    needs: list
    strategy:
      matrix:
        unit: ${{ fromJSON(needs.list.outputs.units) }}
    uses: octo/demo/.github/workflows/unit.yml@main
    with:
      unit: ${{ matrix.unit }}
    permissions:
      id-token: write
  delivery:
    needs: [list, each]
    if: always()
    runs-on: ubuntu-24.04
    steps:
      - env:
          NEEDS: ${{ toJSON(needs) }}
        run: |
          echo "$NEEDS"
          echo "# done ${{ needs.each.result }} ${{ needs.each.outputs.greeting }}" >> "$GITHUB_STEP_SUMMARY"
"""
UNIT = """
name: unit
on:
  workflow_call:
    inputs:
      unit: {type: string, required: true}
    outputs:
      greeting: {value: "${{ jobs.plan.outputs.greeting }}"}
jobs:
  plan:
    runs-on: ubuntu-24.04
    permissions:
      id-token: write
    outputs:
      greeting: ${{ steps.say.outputs.greeting }}
    steps:
      - id: say
        name: Say it
        env:
          UNIT: ${{ inputs.unit }}
        run: |
          echo "greeting=hello $UNIT it's" >> "$GITHUB_OUTPUT"
          echo "unit is $UNIT in $GITHUB_REPOSITORY at $GITHUB_SHA, url $ACTIONS_ID_TOKEN_REQUEST_URL"
          echo "::error file=main.tf,line=7::look here"
"""


def test_a_matrix_over_an_output_calls_a_reusable_workflow_and_a_job_gathers_the_results(
    tmp_path: Path,
) -> None:
    host = LocalHost({"thin.yml": THIN, "unit.yml": UNIT})
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 60)
    assert run.conclusion is Conclusion.SUCCESS, run
    assert results(run) == {
        "list": "success",
        "each (a/x) / plan": "success",
        "each (b/y) / plan": "success",
        "delivery": "success",
    }
    plan = log(run, "each (a/x) / plan")
    assert f"unit is a/x in octo/demo at {'a' * 40}, url http://127.0.0.1:9/oidc?job=" in plan
    assert "# done success hello " in run.jobs[-1].summary
    assert run.jobs[1].annotations[0].path == "main.tf"
    assert run.jobs[1].annotations[0].line == 7
    assert run.jobs[1].job_workflow_ref == "octo/demo/.github/workflows/unit.yml@refs/heads/main"
    assert [step.name for step in run.jobs[1].steps] == ["Set up job", "Say it", "Complete job"]
