"""Reviews, dispatches and re-runs as the engine's callers use them, with act running the steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.actions.engine import Engine
from sandbox.actions.model import ActionsError, Conclusion, EnvironmentRules, Status

from .local import MAIN, LocalHost, log, push, results

FILE = """
name: deploy
on:
  push:
  workflow_dispatch:
    inputs: {unit: {type: string, required: true}, backup: {type: boolean, default: true}}
jobs:
  ask:
    if: github.event_name == 'workflow_dispatch'
    runs-on: x
    steps: [{run: 'echo "unit=${{ inputs.unit }} backup=${{ inputs.backup }}"'}]
  apply:
    runs-on: x
    environment: {name: prod}
    steps:
      - env: {WHO: "${{ vars.WHO }}", WORD: "${{ secrets.WORD }}"}
        run: |
          echo "who=$WHO word=${#WORD} attempt=$GITHUB_RUN_ATTEMPT"
          test "$GITHUB_RUN_ATTEMPT" = 2
"""


@pytest.fixture
def host() -> LocalHost:
    host = LocalHost({"deploy.yml": FILE})
    host.environments["prod"] = EnvironmentRules(
        "prod", ("bob", "alice"), True, {"WHO": "prod-itself"}, {"WORD": "a-long-secret-word"}
    )
    return host


@pytest.fixture
def engine(host: LocalHost, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(host, tmp_path / "state")
    yield engine
    engine.stop()


def test_a_run_waits_for_a_reviewer_who_did_not_start_it_and_may_be_run_again(
    host: LocalHost, engine: Engine
) -> None:
    run_id = push(engine)
    run = engine.wait(run_id, 240)
    assert run.status is Status.WAITING
    for who, environment in (("alice", "prod"), ("mallory", "prod"), ("bob", "dev")):
        with pytest.raises(ActionsError):
            engine.approve(run_id, environment, who)
    engine.approve(run_id, "prod", "bob", "looks right")
    run = engine.wait(run_id, 240)
    assert run.conclusion is Conclusion.FAILURE
    assert "who=prod-itself word=18 attempt=1" in log(run, "apply")
    engine.rerun_failed(run_id, "alice")
    assert engine.wait(run_id, 240).status is Status.WAITING
    engine.approve(run_id, "prod", "bob")
    run = engine.wait(run_id, 240)
    assert (run.conclusion, run.run_attempt) == (Conclusion.SUCCESS, 2)
    assert [(review.user, review.state) for review in run.reviews] == [("bob", "approved")] * 2
    with pytest.raises(ActionsError, match="no failed jobs"):
        engine.rerun_failed(run_id, "alice")


def test_a_dispatch_checks_its_inputs_and_hands_them_to_the_steps(engine: Engine) -> None:
    path = ".github/workflows/deploy.yml"
    for inputs in ({}, {"unit": "a/b", "what": "else"}):
        with pytest.raises(ActionsError):
            engine.dispatch(
                "workflow_dispatch",
                {"workflow": path, "inputs": inputs},
                MAIN,
                "refs/heads/main",
                "alice",
            )
    (run_id,) = engine.dispatch(
        "workflow_dispatch",
        {"workflow": path, "inputs": {"unit": "a/b", "backup": "false"}},
        MAIN,
        "refs/heads/main",
        "alice",
    )
    run = engine.wait(run_id, 240)
    while run.jobs[0].status is not Status.COMPLETED:
        time.sleep(0.02)
        run = engine.run(run_id)
    assert "unit=a/b backup=false" in log(run, "ask")
    engine.reject(run_id, "prod", "bob", "not today")
    run = engine.wait(run_id, 240)
    assert results(run) == {"ask": "success", "apply": "failure"}


def test_a_broken_file_is_told_as_a_startup_failure(host: LocalHost, engine: Engine) -> None:
    host.commits["b" * 40] = {".github/workflows/x.yml": b"on: push\njobs: {a: {needs: b}}"}
    run = engine.wait(push(engine, "b" * 40), 240)
    assert run.conclusion is Conclusion.STARTUP_FAILURE
    assert "needs 'runs-on' and 'steps'" in run.message
