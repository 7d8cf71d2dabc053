"""Surviving a restart, faults on demand, environments and runs through the API."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sandbox.actions.model import WorkflowRun
from sandbox.github import snapshot
from sandbox.github.hub import fresh_state

from .local import FILES, Box, git, serve, write


def test_everything_is_still_there_after_a_restart(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    git(source, "init", "-q", "--initial-branch=main")
    write(source, FILES)
    git(source, "add", "--all")
    git(source, "commit", "-qm", "Begin")
    for box in serve(tmp_path):
        httpx.post(f"{box.url}/_sandbox/seed", json={"path": str(source)})
        pull = box.propose("kept", {"docs/kept.txt": "x\n"})
        box.ask("POST", f"/issues/{pull['number']}/comments", json={"body": "kept"})
        (run,) = box.settled(event="pull_request")
        keys = httpx.get(f"{box.url}/_oidc/.well-known/jwks").json()
    for box in serve(tmp_path):
        again = box.ask("GET", f"/pulls/{pull['number']}").json()
        assert (again["head"]["sha"], again["comments"]) == (pull["head"]["sha"], 1)
        checks = box.ask("GET", f"/commits/{pull['head']['sha']}/check-runs").json()
        assert [check["conclusion"] for check in checks["check_runs"]] == ["success"]
        assert box.ask("GET", f"/actions/runs/{run['id']}").json()["conclusion"] == "success"
        assert httpx.get(f"{box.url}/_oidc/.well-known/jwks").json() == keys
        assert box.violations() == []


def test_a_snapshot_reads_back_as_what_was_written(tmp_path: Path) -> None:
    state = fresh_state()
    snapshot.save(state, tmp_path / "state.json")
    assert snapshot.load(tmp_path / "state.json") == state
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0
    assert snapshot.load(tmp_path / "none.json") is None


def test_a_state_of_another_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "github" / "state.json"
    snapshot.save(fresh_state(), file)
    older = json.loads(file.read_text())
    del older["format"]
    file.write_text(json.dumps(older))
    with pytest.raises(snapshot.SnapshotError, match=r"has format 1.*Remove the folder"):
        snapshot.load(file)
    command = [sys.executable, "-m", "sandbox.github", "--dir", str(tmp_path), "--port", "9"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_checkout_that_is_none_cannot_be_seeded(box: Box, tmp_path: Path) -> None:
    answer = httpx.post(f"{box.url}/_sandbox/seed", json={"path": str(tmp_path)})
    assert answer.status_code == 422
    assert "has no commit HEAD" in answer.json()["message"]


def test_faults_hit_the_next_calls_that_match_and_then_end(box: Box) -> None:
    def fault(**what: object) -> None:
        httpx.post(f"{box.url}/_sandbox/faults", json=what)

    fault(path="/labels", status=502, count=2)
    assert [box.ask("GET", "/labels").status_code for _ in range(3)] == [502, 502, 200]
    fault(path="/issues", method="POST", status=429, retry_after=7)
    assert box.ask("GET", "/issues").status_code == 200
    limited = box.ask("POST", "/issues", json={"title": "x"})
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    fault(path="/labels", delay=0.3)
    start = time.perf_counter()
    assert box.ask("GET", "/labels").status_code == 200
    assert time.perf_counter() - start > 0.3
    fault(path="/labels", status=500)
    httpx.delete(f"{box.url}/_sandbox/faults")
    assert box.ask("GET", "/labels").status_code == 200


def test_an_environment_waits_for_its_reviewer_and_leaves_a_deployment(box: Box) -> None:
    body = {
        "ref": "main",
        "inputs": {"unit": "a/b", "confirmation": "a/b"},
        "return_run_details": True,
    }
    started = box.ask("POST", "/actions/workflows/destroy.yml/dispatches", json=body).json()
    run_id = started["workflow_run_id"]
    (run,) = box.settled(run_id=run_id)
    assert run["waiting"] == ["prod"]
    at = f"/actions/runs/{run_id}/pending_deployments"
    (pending,) = box.ask("GET", at, "bob").json()
    assert pending["current_user_can_approve"]
    assert [r["reviewer"]["login"] for r in pending["reviewers"]] == ["bob"]
    decision = {
        "environment_ids": [pending["environment"]["id"]], "state": "approved", "comment": "Go",
    }  # fmt: skip
    assert box.ask("POST", at, "alice", json=decision).status_code == 403
    (deployment,) = box.ask("POST", at, "bob", json=decision).json()
    assert deployment["environment"] == "prod"
    box.settled(run_id=run_id)
    statuses = box.ask("GET", f"/deployments/{deployment['id']}/statuses").json()
    states = [status["state"] for status in statuses]
    assert states[0] == "success"
    assert states[-1] == "pending"
    (approval,) = box.ask("GET", f"/actions/runs/{run_id}/approvals").json()
    assert (approval["user"]["login"], approval["comment"]) == ("bob", "Go")
    jobs = box.ask("GET", f"/actions/runs/{run_id}/jobs").json()["jobs"]
    logs = box.ask("GET", f"/actions/jobs/{jobs[0]['id']}/logs").text
    assert "plan of a/b" in logs


def test_runs_that_stand_still_have_told_their_checks(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = box.host.notify

    def late(run: WorkflowRun) -> None:
        time.sleep(0.5)
        tell(run)

    monkeypatch.setattr(box.host, "notify", late)
    pull = box.propose("slowly-told", {"docs/slow.txt": "x\n"})
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    checks = box.ask("GET", f"/commits/{pull['head']['sha']}/check-runs").json()["check_runs"]
    assert [check["status"] for check in checks] == ["completed"]


def test_a_dispatch_with_wrong_inputs_is_refused(box: Box) -> None:
    at = "/actions/workflows/destroy.yml/dispatches"
    missing = box.ask("POST", at, json={"ref": "main"})
    assert missing.status_code == 422
    assert "unit" in missing.json()["message"]
    assert box.ask("POST", at, json={"ref": "nowhere"}).status_code == 422
    other = box.ask("POST", "/actions/workflows/main.yml/dispatches", json={"ref": "main"})
    assert "workflow_dispatch" in other.json()["message"]
