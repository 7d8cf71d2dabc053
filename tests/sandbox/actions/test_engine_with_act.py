"""Whole runs: the engine's job graph, with act running the steps."""

from __future__ import annotations

from pathlib import Path

from sandbox.actions.model import Conclusion

from .local import LocalHost, engine_for, log, push, results, workflow

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
          line="done ${{ needs.each.result }} ${{ needs.each.outputs.greeting }}"
          echo "# $line" >> "$GITHUB_STEP_SUMMARY"
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
          echo "unit is $UNIT in $GITHUB_REPOSITORY at $GITHUB_SHA"
          echo "url $ACTIONS_ID_TOKEN_REQUEST_URL"
          echo "::error file=main.tf,line=7::look here"
"""


def test_a_matrix_over_an_output_calls_a_reusable_workflow_and_a_job_gathers_the_results(
    tmp_path: Path,
) -> None:
    host = LocalHost({"thin.yml": THIN, "unit.yml": UNIT})
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert run.conclusion is Conclusion.SUCCESS, run
    assert results(run) == {
        "list": "success",
        "each (a/x) / plan": "success",
        "each (b/y) / plan": "success",
        "delivery": "success",
    }
    plan = log(run, "each (a/x) / plan")
    assert f"unit is a/x in octo/demo at {'a' * 40}" in plan
    assert "url http://127.0.0.1:9/oidc?job=" in plan
    assert "# done success hello " in run.jobs[-1].summary
    assert run.jobs[1].annotations[0].path == "main.tf"
    assert run.jobs[1].annotations[0].line == 7
    assert run.jobs[1].job_workflow_ref == "octo/demo/.github/workflows/unit.yml@refs/heads/main"
    assert [step.name for step in run.jobs[1].steps] == ["Set up job", "Say it", "Complete job"]


def test_steps_see_env_if_defaults_and_failures_as_github_has_them(tmp_path: Path) -> None:
    host = workflow(
        """
  a:
    runs-on: ubuntu-24.04
    env: {LEVEL: job}
    steps:
      - env: {LITERAL: "${{ vars.SHOUT }}"}
        run: |
          echo "level=$LEVEL top=$TOP extra=$KW_EXTRA token=${GITHUB_TOKEN:-none}"
          echo "shout=$LITERAL"
      - id: soft
        continue-on-error: true
        run: exit 1
      - run: echo "soft is ${{ steps.soft.outcome }} then ${{ steps.soft.conclusion }}"
      - run: exit 2
      - run: echo never
      - if: needs.x.result == 'success' || failure()
        run: echo after-failure
      - if: always()
        run: test -t 0 && echo terminal || echo plain; pwd; ls -A
""",
        "env: {TOP: 'it''s ${{ github.event_name }}'}\n",
    )
    host.vars["SHOUT"] = "${{ 1 + }} $HOME 'q' \"d\" \\ end"
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert results(run) == {"a": "failure"}
    text = log(run, "a")
    assert "level=job top=it's push" in text
    assert "extra=from the host token=none" in text
    assert "shout=${{ 1 + }} $HOME 'q' \"d\" \\ end" in text
    assert "soft is failure then success" in text
    assert "never" not in text
    assert "after-failure" in text
    steps = {step.number: str(step.conclusion) for step in run.jobs[0].steps}
    assert steps[5] == "failure"
    assert steps[6] == "skipped"
    assert steps[7] == "success"


def test_secrets_and_masked_values_never_reach_a_log_or_an_output(tmp_path: Path) -> None:
    host = workflow("""
  a:
    runs-on: x
    outputs:
      open: ${{ steps.s.outputs.open }}
      leak: ${{ steps.s.outputs.leak }}
    steps:
      - id: s
        env: {S: "${{ secrets.LONG_ONE }}", T: "${{ github.token }}"}
        run: |
          echo "::add-mask::made-up-value-77"
          echo "S=$S T=$T M=made-up-value-77"
          echo "open=fine" >> "$GITHUB_OUTPUT"
          echo "leak=x$S" >> "$GITHUB_OUTPUT"
""")
    host.held["LONG_ONE"] = "very-secret-'quoted'-\"value\"-$x"
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert run.conclusion is Conclusion.SUCCESS
    assert "S=*** T=*** M=***" in log(run, "a")
    assert dict(run.jobs[0].outputs) == {"open": "fine"}
    assert not any(
        word in path.read_text()
        for word in ("very-secret", "token-of-a", "made-up-value")
        for path in (tmp_path / "state" / "logs").rglob("*.txt")
    )


def test_an_id_token_is_offered_only_with_the_permission(tmp_path: Path) -> None:
    host = workflow(
        """
  with:
    runs-on: x
    permissions: {id-token: write}
    steps: [{run: 'echo "url=${ACTIONS_ID_TOKEN_REQUEST_URL:-none}"'}]
  without:
    runs-on: x
    steps: [{run: 'echo "url=${ACTIONS_ID_TOKEN_REQUEST_URL:-none}"'}]
""",
        "permissions: {}\n",
    )
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert "url=http://127.0.0.1:9/oidc" in log(run, "with")
    assert "url=none" in log(run, "without")
    assert sorted(host.tokens) == [("with", {"id-token": "write"}), ("without", {})]


def test_artifacts_pass_from_job_to_job_and_hidden_files_only_when_asked(tmp_path: Path) -> None:
    up = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
    down = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093"
    host = workflow(f"""
  make:
    runs-on: x
    strategy: {{matrix: {{n: [1, 2]}}}}
    steps:
      - run: mkdir -p .out/sub && echo "data ${{{{ matrix.n }}}}" > .out/sub/${{{{ matrix.n }}}}.txt
      - uses: {up}
        with: {{name: "results-${{{{ matrix.n }}}}", path: .out, include-hidden-files: true}}
      - uses: {up}
        with: {{name: "hidden-${{{{ matrix.n }}}}", path: .out}}
  use:
    needs: make
    runs-on: x
    steps:
      - uses: {down}
        with: {{pattern: results-*, path: all, merge-multiple: true}}
      - run: find all -type f | sort; cat all/sub/1.txt all/sub/2.txt
      - uses: {down}
        with: {{name: hidden-1, path: none}}
""")
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
        kept = engine.artifacts(run.id)
    assert [item.name for item in kept] == ["results-1", "results-2"]
    assert run.jobs[-1].conclusion is Conclusion.FAILURE
    text = log(run, "use")
    assert "all/sub/1.txt" in text
    assert "data 2" in text
    assert "Artifact not found for name: hidden-1" in text


def test_an_action_nobody_stands_in_for_fails_the_job_with_a_sentence(tmp_path: Path) -> None:
    host = workflow("  a: {runs-on: x, steps: [{uses: some/action@v1}]}\n")
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert results(run) == {"a": "failure"}
    assert "no stand-in for some/action@v1" in run.jobs[0].annotations[0].message


def test_what_is_too_large_for_github_is_refused(tmp_path: Path) -> None:
    upload = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
    host = workflow(f"""
  summary:
    runs-on: x
    steps:
      - run: head -c 1048577 /dev/zero | tr '\\0' x >> "$GITHUB_STEP_SUMMARY"
      - run: echo short >> "$GITHUB_STEP_SUMMARY"
  named:
    runs-on: x
    steps:
      - run: echo x > file
      - uses: {upload}
        with: {{name: 'a/b', path: file}}
  outputs:
    runs-on: x
    outputs: {{large: "${{{{ steps.o.outputs.a }}}}${{{{ steps.o.outputs.b }}}}"}}
    steps:
      - id: o
        run: |
          for name in a b; do
            echo "$name=$(head -c 600000 /dev/zero | tr '\\0' x)" >> "$GITHUB_OUTPUT"
          done
""")
    with engine_for(host, tmp_path) as engine:
        run = engine.wait(push(engine), 240)
    assert results(run) == {"summary": "success", "named": "failure", "outputs": "failure"}
    jobs = {job.name: job for job in run.jobs}
    assert jobs["summary"].summary.strip() == "short"
    assert "up to a size of 1024k" in jobs["summary"].annotations[0].message
    assert "The artifact name is not valid: a/b" in log(run, "named")
    assert "limit is 1048576" in jobs["outputs"].annotations[0].message
