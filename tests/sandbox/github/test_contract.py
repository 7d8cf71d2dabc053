"""GitHub's own description is really applied: to every operation, to requests and to answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pipeline.adapters.tools import locate
from sandbox.github.api import endpoint
from sandbox.github.api.core import OPERATIONS
from sandbox.github.contract import Contract

from .local import Box

#: Every reading operation that needs no number made elsewhere, asked as a user who may.
READS = [
    "", "/branches", "/branches/main", "/branches/main/protection", "/commits",
    "/commits/main", "/commits/main/check-runs", "/commits/main/check-suites",
    "/commits/main/pulls", "/commits/main/status", "/commits/main/statuses",
    "/compare/main...main", "/contents/README.md", "/contents/docs", "/git/ref/heads/main",
    "/git/matching-refs/heads", "/git/trees/main", "/git/trees/main?recursive=1", "/issues",
    "/issues/comments", "/labels", "/labels/bug", "/pulls", "/deployments", "/environments",
    "/environments/dev", "/environments/dev/deployment-branch-policies", "/actions/runs",
    "/actions/workflows", "/actions/workflows/main.yml", "/actions/workflows/main.yml/runs",
    "/actions/artifacts", "/actions/variables", "/actions/permissions/workflow",
    "/actions/oidc/customization/sub", "/rulesets", "/rules/branches/main",
    "/collaborators/bob/permission", "/api/v3/user", "/api/v3/users/bob",
    "/api/v3/orgs/knowledgeweaver", "/activity", "/activity?ref=main&per_page=1",
    "/api/v3/orgs/knowledgeweaver/teams", "/api/v3/orgs/knowledgeweaver/teams/platform",
    "/api/v3/orgs/knowledgeweaver/teams/platform/members",
    "/api/v3/orgs/knowledgeweaver/teams/platform/memberships/bob", "/api/v3/rate_limit",
]  # fmt: skip


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(locate("octokit-openapi"))


def test_every_operation_we_serve_is_one_of_githubs(contract: Contract) -> None:
    contract.load()
    assert endpoint.GROUPS
    unknown = [
        f"{op.method} {op.template}"
        for op in OPERATIONS
        if contract._operation(op.method, op.template) is None
    ]
    assert unknown == []
    assert len(OPERATIONS) > 100


@pytest.mark.parametrize("path", READS)
def test_an_answer_to_a_read_is_what_github_describes(box: Box, path: str) -> None:
    answer = box.ask("GET", path, "octo-admin")
    assert answer.status_code == 200, answer.text
    assert box.violations() == []


def test_the_life_of_a_pull_request_keeps_to_the_description(box: Box) -> None:
    pull = box.propose("contract", {"docs/contract.txt": "x\n"})
    number, sha = pull["number"], pull["head"]["sha"]
    (run,) = box.settled(event="pull_request", head_sha=sha)
    job = box.job_token(checks="write", issues="write", deployments="write", statuses="write")
    check = box.ask("POST", "/check-runs", job, json={"name": "extra", "head_sha": sha}).json()
    note = {
        "path": "a.tf", "start_line": 1, "end_line": 1, "annotation_level": "warning",
        "message": "look",
    }  # fmt: skip
    output = {"title": "t", "summary": "s", "annotations": [note]}
    done = {"status": "completed", "conclusion": "success", "output": output}
    made: list[tuple[str, str, str, Any]] = [
        ("PATCH", f"/check-runs/{check['id']}", job, done),
        ("GET", f"/check-runs/{check['id']}/annotations", job, None),
        ("GET", f"/check-suites/{check['check_suite']['id']}/check-runs", job, None),
        ("POST", f"/statuses/{sha}", job, {"state": "success", "context": "ci"}),
        ("POST", f"/issues/{number}/comments", job, {"body": "hello"}),
        ("POST", f"/issues/{number}/labels", "bob", {"labels": ["new one"]}),
        ("PUT", f"/issues/{number}/labels", "bob", {"labels": ["bug"]}),
        ("GET", f"/issues/{number}/events", "bob", None),
        ("POST", f"/pulls/{number}/reviews", "bob", {"event": "COMMENT", "body": "hm"}),
        ("POST", f"/pulls/{number}/requested_reviewers", "alice", {"reviewers": ["bob"]}),
        ("GET", f"/pulls/{number}/files", "bob", None),
        ("GET", f"/pulls/{number}/commits", "bob", None),
        ("PATCH", f"/pulls/{number}", "alice", {"title": "Better", "body": "Words"}),
        ("PATCH", f"/issues/{number}", "alice", {"state": "closed"}),
        ("PATCH", f"/pulls/{number}", "alice", {"state": "open"}),
        ("GET", f"/actions/runs/{run['id']}", "bob", None),
        ("GET", f"/actions/runs/{run['id']}/jobs", "bob", None),
        ("GET", f"/actions/runs/{run['id']}/artifacts", "bob", None),
        ("GET", f"/actions/runs/{run['id']}/approvals", "bob", None),
        ("GET", f"/actions/runs/{run['id']}/pending_deployments", "bob", None),
        ("POST", f"/actions/runs/{run['id']}/rerun", "bob", None),
        ("POST", "/deployments", job, {"ref": "main", "environment": "dev"}),
        ("POST", "/actions/variables", "octo-admin", {"name": "ACCOUNT", "value": "1"}),
        ("PATCH", "/actions/variables/ACCOUNT", "octo-admin", {"value": "2"}),
        ("GET", "/actions/variables/ACCOUNT", "octo-admin", None),
        ("DELETE", "/actions/variables/ACCOUNT", "octo-admin", None),
        ("POST", "/labels", "bob", {"name": "fresh", "color": "ff0000"}),
        ("POST", "/git/refs", "bob", {"ref": "refs/heads/made", "sha": sha}),
        ("DELETE", "/git/refs/heads/made", "bob", None),
        (
            "PUT", "/environments/dev", "octo-admin",
            {
                "reviewers": [{"type": "User", "id": 5002}], "prevent_self_review": True,
                "deployment_branch_policy": {
                    "protected_branches": False, "custom_branch_policies": True,
                },
            },
        ),
        (
            "POST", "/environments/dev/deployment-branch-policies", "octo-admin",
            {"name": "main"},
        ),
        (
            "PUT", "/branches/main/protection", "octo-admin",
            {
                "required_status_checks": {"strict": False, "contexts": ["delivery"]},
                "enforce_admins": False, "restrictions": None,
                "required_pull_request_reviews": {"required_approving_review_count": 1},
            },
        ),
    ]  # fmt: skip
    for method, path, who, body in made:
        more = {} if body is None else {"json": body}
        answer = box.ask(method, path, who, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        assert box.violations() == [], f"{method} {path}"


def test_git_objects_can_be_made_by_the_api_alone(box: Box) -> None:
    """The way the revert pull request goes: tree, commit, branch, pull request."""
    head = box.hub.head()
    token = box.job_token(contents="write", pull_requests="write")
    entry = {"path": "docs/new.txt", "mode": "100644", "type": "blob", "content": "new\n"}
    gone = {"path": "docs/notes.txt", "mode": "100644", "type": "blob", "sha": None}
    body = {"base_tree": head, "tree": [entry, gone]}
    tree = box.ask("POST", "/git/trees", token, json=body).json()
    body = {"message": "Revert", "tree": tree["sha"], "parents": [head]}
    commit = box.ask("POST", "/git/commits", token, json=body).json()
    body = {"ref": "refs/heads/revert-1", "sha": commit["sha"]}
    assert box.ask("POST", "/git/refs", token, json=body).status_code == 201
    body = {"title": "Revert", "head": "revert-1", "base": "main"}
    pull = box.ask("POST", "/pulls", token, json=body).json()
    files = box.ask("GET", f"/pulls/{pull['number']}/files").json()
    assert {file["filename"]: file["status"] for file in files} == {
        "docs/new.txt": "added",
        "docs/notes.txt": "removed",
    }


def test_lists_come_in_pages_with_links(box: Box) -> None:
    for n in range(5):
        box.ask("POST", "/issues", json={"title": f"Issue {n}", "labels": ["paged"]})
    first = box.ask("GET", "/issues?labels=paged&per_page=2")
    assert len(first.json()) == 2
    assert set(first.links) == {"next", "last"}
    seen, url = [], first.links["next"]["url"]
    while url:
        page = httpx.get(url, headers={"Authorization": f"Bearer {box.tokens['alice']}"})
        seen += [issue["title"] for issue in page.json()]
        url = page.links.get("next", {}).get("url", "")
    assert seen == ["Issue 2", "Issue 1", "Issue 0"]
    assert set(page.links) == {"first", "prev"}


def broken(contract: Contract, **changes: Any) -> list[str]:
    label = {
        "id": 1, "node_id": "n", "url": "u", "name": "bug", "description": None,
        "color": "ffffff", "default": True,
    }  # fmt: skip
    body = {k: v for k, v in {**label, **changes}.items() if v != "missing"}
    template = "/repos/{owner}/{repo}/labels/{name}"
    found = contract.response("GET", template, "/labels/bug", 200, body)
    return [violation.message for violation in found]


def test_a_wrong_answer_is_found(contract: Contract) -> None:
    assert broken(contract) == []
    assert broken(contract, id="1")
    assert broken(contract, color=None)
    assert broken(contract, node_id="missing")
    template = "/repos/{owner}/{repo}/labels/{name}"
    assert contract.response("GET", template, "/labels/bug", 418, {"message": "teapot"})
    assert contract.response("GET", template, "/labels/bug", 404, {"no": "message"}) == []
    assert contract.response("GET", template, "/labels/bug", 403, {"no": "message"})


def test_a_wrong_request_is_found_and_refused(box: Box) -> None:
    try:
        answer = box.ask("POST", "/issues/1/comments", json={"text": "no body"})
        assert (answer.status_code, "body" in answer.text) == (422, True)
        box.ask("GET", "/pulls?made_up=1")
        box.ask("GET", "/pulls?state=sleeping")
        sides = [(item["side"], item["where"]) for item in box.violations()]
        assert sides == [
            ("request", "body"), ("request", "query"), ("request", "query state"),
        ]  # fmt: skip
    finally:
        httpx.delete(f"{box.url}/_sandbox/violations")
