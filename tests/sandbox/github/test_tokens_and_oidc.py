"""What a job's token may do, and what its identity token claims."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest

from sandbox.actions.model import Job, WorkflowRun
from sandbox.github.host import HubHost
from sandbox.github.model import BOT

from .local import Box

#: (permission, level) -> a call that needs just that; from GitHub's page "Permissions required
#: for fine-grained personal access tokens", which also holds for GITHUB_TOKEN.
NEEDS = [
    ("contents", "read", "GET", "/commits", None),
    ("contents", "write", "POST", "/git/refs", {"ref": "refs/heads/t", "sha": "main"}),
    ("pull-requests", "read", "GET", "/pulls", None),
    ("pull-requests", "write", "POST", "/pulls", {"title": "t", "head": "no", "base": "main"}),
    ("issues", "read", "GET", "/issues", None),
    ("issues", "write", "POST", "/issues", {"title": "By a job"}),
    ("checks", "read", "GET", "/commits/main/check-runs", None),
    ("checks", "write", "POST", "/check-runs", {"name": "n", "head_sha": "main"}),
    ("statuses", "read", "GET", "/commits/main/status", None),
    ("statuses", "write", "POST", "/statuses/main", {"state": "success"}),
    ("deployments", "read", "GET", "/deployments", None),
    ("deployments", "write", "POST", "/deployments", {"ref": "main"}),
    ("actions", "read", "GET", "/actions/runs", None),
    ("actions", "write", "POST", "/actions/workflows/main.yml/dispatches", {"ref": "main"}),
]


@pytest.mark.parametrize(("scope", "level", "method", "path", "body"), NEEDS)
def test_a_job_token_needs_its_permission(
    box: Box, scope: str, level: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    more = {} if body is None else {"json": body}
    every = {name for name, *_ in NEEDS}
    # A pull request is an issue, too: reading and writing issues goes with either permission.
    either = {"issues", "pull-requests"} if scope == "issues" else {scope}
    others = box.job_token(**{n.replace("-", "_"): "write" for n in every - either})
    refused = box.ask(method, path, others, **more)
    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by integration"
    if level == "write":
        reader = box.job_token(**{scope.replace("-", "_"): "read"})
        assert box.ask(method, path, reader, **more).status_code == 403
    holder = box.job_token(**{scope.replace("-", "_"): level})
    assert box.ask(method, path, holder, **more).status_code not in (401, 403, 500)


def test_settings_are_for_admins_alone(box: Box) -> None:
    everything = box.job_token(contents="write", administration="write", variables="write")
    for who, status in ((everything, 403), ("alice", 403), ("octo-admin", 200)):
        assert box.ask("GET", "/branches/main/protection", who).status_code == status
        put = box.ask("PUT", "/environments/dev", who, json={"reviewers": None})
        assert put.status_code == status
        variable = box.ask("PATCH", "/actions/variables/NONE", who, json={"value": "x"})
        assert variable.status_code == (403 if status == 403 else 404)


def test_strangers_learn_nothing_and_bad_tokens_are_told(box: Box) -> None:
    path = f"{box.url}/api/v3/repos/knowledgeweaver/delivery"
    assert httpx.get(path).status_code == 404
    bad = httpx.get(path, headers={"Authorization": "Bearer wrong"})
    assert (bad.status_code, bad.json()["message"]) == (401, "Bad credentials")
    other = box.ask("GET", "/api/v3/repos/knowledgeweaver/other")
    assert other.status_code == 404


def test_a_token_dies_with_its_job_and_actions_approve_only_where_they_are_let(box: Box) -> None:
    token = box.hub.jobs.issue(7, 77, {"pull-requests": "write"})
    pull = box.propose("by-alice", {"docs/alice.txt": "x\n"})
    reviews = f"/pulls/{pull['number']}/reviews"
    box.let_jobs_open_pulls(allowed=False)
    refused = box.ask("POST", reviews, token, json={"event": "APPROVE"})
    assert refused.status_code == 422
    body = {"title": "t", "head": "by-alice", "base": "main"}
    assert box.ask("POST", "/pulls", token, json=body).status_code == 403
    box.let_jobs_open_pulls(allowed=True)
    assert box.ask("POST", reviews, token, json={"event": "APPROVE"}).status_code == 200
    assert box.ask("GET", "/pulls", token).status_code == 200
    box.hub.jobs.retire(77)
    assert box.ask("GET", "/pulls", token).status_code == 401


def claims_of(box: Box, run: WorkflowRun, job: Job, audience: str) -> dict[str, Any]:
    """Ask for an ID token as a job does, and check it as AWS does."""
    host = HubHost(box.hub, "")
    _, bearer = host.oidc_request(job)
    box.host.oidc_jobs[bearer] = (run.id, job.id)
    answer = httpx.get(
        f"{box.url}/_oidc/token?api-version=2.0&audience={audience}",
        headers={"Authorization": f"Bearer {bearer}"},
    )
    keys = jwt.PyJWKClient(f"{box.url}/_oidc/.well-known/jwks")
    token = answer.json()["value"]
    found: dict[str, Any] = jwt.decode(
        token, keys.get_signing_key_from_jwt(token), algorithms=["RS256"], audience=audience,
        issuer="https://token.actions.githubusercontent.com",
    )  # fmt: skip
    return found


def test_the_subject_says_pull_request_environment_or_branch(box: Box) -> None:
    pull = box.propose("claims", {"docs/claims.txt": "x\n"})
    (found,) = box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    run = box.hub.actions.run(found["id"])
    claims = claims_of(box, run, run.jobs[0], "sts.amazonaws.com")
    assert claims["sub"] == "repo:knowledgeweaver@1001/delivery@2001:pull_request"
    number = pull["number"]
    workflow = "knowledgeweaver/delivery/.github/workflows/pull-request.yml"
    expected = {
        "ref": f"refs/pull/{number}/merge",
        "sha": pull["merge_commit_sha"],
        "event_name": "pull_request",
        "head_ref": "claims",
        "base_ref": "main",
        "repository": "knowledgeweaver/delivery",
        "repository_id": "2001",
        "repository_owner": "knowledgeweaver",
        "repository_owner_id": "1001",
        "actor": "alice",
        "actor_id": "5001",
        "run_id": str(run.id),
        "run_attempt": "1",
        "workflow": "pull request",
        "workflow_ref": f"{workflow}@refs/pull/{number}/merge",
        "job_workflow_ref": f"{workflow}@refs/pull/{number}/merge",
        "runner_environment": "github-hosted",
        "check_run_id": str(run.jobs[0].id),
        "repository_visibility": "private",
    }
    assert {name: claims[name] for name in expected} == expected
    assert "environment" not in claims
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time.time()) < 60

    body = {"ref": "main", "inputs": {"unit": "a/b", "confirmation": "a/b"}}
    box.ask("POST", "/actions/workflows/destroy.yml/dispatches", json=body)
    (found,) = box.settled(event="workflow_dispatch")
    run = box.hub.actions.run(found["id"])
    jobs = {job.key: job for job in run.jobs}
    claims = claims_of(box, run, jobs["plan"], "a")
    subject = "repo:knowledgeweaver@1001/delivery@2001"
    assert claims["sub"] == f"{subject}:ref:refs/heads/main"
    assert claims["ref_protected"] == "true"
    claims = claims_of(box, run, jobs["destroy"], "a")
    assert claims["sub"] == f"{subject}:environment:prod"
    assert claims["environment"] == "prod"


def test_an_older_repository_has_subjects_without_ids_until_it_asks_for_them(box: Box) -> None:
    pull = box.propose("older", {"docs/older.txt": "x\n"})
    (found,) = box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    run = box.hub.actions.run(found["id"])
    at = "/actions/oidc/customization/sub"
    for immutable, owner in ((False, "knowledgeweaver"), (True, "knowledgeweaver@1001")):
        body = {"use_default": True, "use_immutable_subject": immutable}
        assert box.ask("PUT", at, "octo-admin", json=body).status_code == 201
        said = box.ask("GET", at, "octo-admin").json()["sub_claim_prefix"]
        claims = claims_of(box, run, run.jobs[0], "a")
        assert claims["sub"] == f"{said}:pull_request"
        assert said.startswith(f"repo:{owner}/delivery")


def test_no_identity_token_without_the_request_token(box: Box) -> None:
    for header in ({}, {"Authorization": "Bearer made-up"}):
        assert httpx.get(f"{box.url}/_oidc/token", headers=header).status_code == 401
    configuration = httpx.get(f"{box.url}/_oidc/.well-known/openid-configuration").json()
    assert configuration["issuer"] == "https://token.actions.githubusercontent.com"
    assert "job_workflow_ref" in configuration["claims_supported"]


def test_the_bot_is_who_a_job_acts_as(box: Box) -> None:
    made = box.ask("POST", "/issues", box.job_token(issues="write"), json={"title": "x"}).json()
    assert made["user"] == {**made["user"], "login": BOT, "type": "Bot"}
    assert box.ask("GET", "/api/v3/user", box.job_token(contents="read")).status_code == 403
    at = f"/issues/{made['number']}/comments"
    by_job = box.ask("POST", at, box.job_token(issues="write"), json={"body": "<!-- mine -->"})
    assert (by_job.json()["user"]["login"], by_job.json()["user"]["type"]) == (BOT, "Bot")
    assert by_job.json()["performed_via_github_app"]["id"] == 15368
    by_alice = box.ask("POST", at, json={"body": "<!-- mine -->"}).json()
    assert by_alice["performed_via_github_app"] is None


def test_a_token_with_any_claims_can_be_made_to_see_what_a_role_refuses(box: Box) -> None:
    body: dict[str, Any] = {
        "claims": {"sub": "repo:evil@1/other@2:environment:prod"},
        "aud": "sts.amazonaws.com",
    }
    token = httpx.post(f"{box.url}/_sandbox/oidc", json=body).json()["value"]
    keys = jwt.PyJWKClient(f"{box.url}/_oidc/.well-known/jwks")
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="sts.amazonaws.com")
    assert claims["sub"] == body["claims"]["sub"]
