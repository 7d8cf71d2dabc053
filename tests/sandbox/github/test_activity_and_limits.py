"""Who moved which branch, who is in a team, and how much may be asked in an hour."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from sandbox.github.identity import Identity
from sandbox.github.limits import Limits

from .local import Box, git, write


def activity(box: Box, query: str = "") -> list[dict[str, Any]]:
    answer = box.ask("GET", f"/activity{query}", box.job_token(contents="read"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_every_move_of_a_branch_is_told_with_its_actor_newest_first(box: Box) -> None:
    clone = box.branch("moves", {"docs/moves.txt": "1\n"})
    first = git(clone, "rev-parse", "HEAD").stdout.strip()
    write(clone, {"docs/moves.txt": "2\n"})
    git(clone, "commit", "-qam", "Two")
    git(clone, "push", "-q", box.remote("bob"), "moves")
    second = git(clone, "rev-parse", "HEAD").stdout.strip()
    git(clone, "commit", "-q", "--amend", "-m", "Other two")
    git(clone, "push", "-q", "--force", "origin", "moves")
    third = git(clone, "rev-parse", "HEAD").stdout.strip()
    git(clone, "push", "-q", "origin", ":moves")
    rows = activity(box, "?ref=refs/heads/moves")
    assert [(row["activity_type"], row["before"], row["after"]) for row in rows] == [
        ("branch_deletion", third, "0" * 40),
        ("force_push", second, third),
        ("push", first, second),
        ("branch_creation", "0" * 40, first),
    ]
    assert [row["actor"]["login"] for row in rows] == ["alice", "alice", "bob", "alice"]
    assert activity(box, "?ref=moves&actor=bob") == [rows[2]]


def test_a_merge_is_told_apart_from_a_push_past_review(box: Box) -> None:
    pull = box.propose("merged-way", {"docs/merged.txt": "1\n"})
    sha = box.ask("PUT", f"/pulls/{pull['number']}/merge", "octo-admin", json={}).json()["sha"]
    clone = box.clone("octo-admin")
    write(clone, {"docs/merged.txt": "2\n"})
    git(clone, "commit", "-qam", "Past review")
    git(clone, "push", "-q", "origin", "main")
    past, merged = activity(box, "?ref=main&per_page=2")
    assert (merged["activity_type"], merged["after"]) == ("pr_merge", sha)
    assert (past["activity_type"], past["before"]) == ("push", sha)


def test_activity_comes_in_pages_by_cursor(box: Box) -> None:
    for number in range(4):
        box.branch(f"paged-{number}", {"docs/paged.txt": f"{number}\n"})
    every = [row["id"] for row in activity(box, "?per_page=100")]
    seen: list[int] = []
    url = f"{box.url}/api/v3/repos/knowledgeweaver/delivery/activity?per_page=3"
    while url:
        page = httpx.get(url, headers={"Authorization": f"Bearer {box.tokens['alice']}"})
        seen += [row["id"] for row in page.json()]
        url = page.links.get("next", {}).get("url", "")
    assert seen == every
    back = httpx.get(
        page.links["prev"]["url"], headers={"Authorization": f"Bearer {box.tokens['alice']}"}
    )
    count = len(page.json())
    assert [row["id"] for row in back.json()] == every[-count - 3 : -count]
    assert box.ask("GET", "/activity?after=made-up").status_code == 422


def test_people_may_ask_who_is_in_a_team_and_jobs_may_not(box: Box) -> None:
    at = "/api/v3/orgs/knowledgeweaver/teams/platform/members"
    assert [user["login"] for user in box.ask("GET", at).json()] == ["bob", "octo-admin"]
    refused = box.ask("GET", at, box.job_token(contents="write", issues="write"))
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "Resource not accessible by integration",
    )
    assert box.ask("GET", at.replace("platform", "none")).status_code == 404


def test_roles_are_told_by_their_name_and_apps_have_none(box: Box) -> None:
    def role(login: str) -> tuple[str, str]:
        found = box.ask("GET", f"/collaborators/{login}/permission").json()
        return found["permission"], found["role_name"]

    assert role("alice") == ("write", "write")
    assert role("octo-admin") == ("admin", "admin")
    assert role("github-actions[bot]") == ("none", "none")
    box.hub.state.users["alice"].role = "maintain"
    try:
        assert role("alice") == ("write", "maintain")
    finally:
        box.hub.state.users["alice"].role = "write"


def test_every_answer_says_what_is_left(box: Box) -> None:
    first = box.ask("GET", "/labels").headers
    second = box.ask("GET", "/labels/none-such")
    assert second.status_code == 404
    assert first["x-ratelimit-limit"] == "5000"
    assert int(first["x-ratelimit-remaining"]) - int(second.headers["x-ratelimit-remaining"]) == 1
    assert 3500 < int(first["x-ratelimit-reset"]) - time.time() < 3602
    shown = box.ask("GET", "/api/v3/rate_limit")
    assert shown.json()["resources"]["core"]["remaining"] == int(
        second.headers["x-ratelimit-remaining"]
    )


def test_all_jobs_share_a_thousand_an_hour() -> None:
    limits = Limits()
    jobs = [Identity("github-actions[bot]", "write", {}, n, n, "github-actions") for n in (1, 2)]
    for number in range(1000):
        assert not limits.spend(jobs[number % 2], "core").exceeded
    over = limits.spend(jobs[0], "core")
    assert (over.exceeded, over.remaining, over.limit) == (True, 0, 1000)
    assert not limits.spend(jobs[0], "graphql").exceeded
    assert not limits.spend(Identity("alice", "write"), "core").exceeded


def test_a_used_up_limit_and_a_secondary_limit_can_be_had_on_demand(box: Box) -> None:
    door = f"{box.url}/_sandbox/faults"
    httpx.post(door, json={"exhausted": 60})
    refused = box.ask("GET", "/labels", box.job_token(issues="read"))
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    assert 0 < int(refused.headers["x-ratelimit-reset"]) - time.time() < 62
    assert "retry-after" not in refused.headers
    body = {"query": "{ rateLimit { remaining } }"}
    headers = {"Authorization": f"Bearer {box.tokens['alice']}"}
    graphql = httpx.post(f"{box.url}/api/graphql", json=body, headers=headers)
    assert (graphql.status_code, graphql.headers["x-ratelimit-remaining"]) == (200, "0")
    assert graphql.json()["errors"][0]["type"] == "RATE_LIMIT"
    httpx.delete(door)
    assert box.ask("GET", "/labels").status_code == 200
    httpx.post(door, json={"path": "/labels", "status": 403, "retry_after": 3})
    secondary = box.ask("GET", "/labels")
    assert (secondary.status_code, secondary.headers["retry-after"]) == (403, "3")
    assert "secondary rate limit" in secondary.json()["message"]


def test_a_public_repository_is_read_without_a_token_and_a_private_one_is_not(box: Box) -> None:
    address = f"{box.url}/knowledgeweaver/delivery.git"
    assert git(box.folder, "ls-remote", address, check=False).returncode != 0
    pull = box.propose("public", {"docs/public.txt": "x\n"})
    made = box.ask("PATCH", "", "octo-admin", json={"visibility": "public"})
    assert (made.status_code, made.json()["private"]) == (200, False)
    try:
        clone = box.folder / "public"
        git(box.folder, "clone", "-q", address, str(clone))
        number, head = pull["number"], pull["head"]["sha"]
        git(clone, "fetch", "-q", "origin", f"refs/pull/{number}/merge")
        git(clone, "fetch", "-q", "origin", head)
        assert git(clone, "push", "-q", "origin", "HEAD:x", check=False).returncode != 0
        assert httpx.get(f"{box.url}/api/v3/repos/knowledgeweaver/delivery/pulls").is_success
        url = f"{box.url}/api/v3/repos/knowledgeweaver/delivery/branches/main/protection"
        assert not httpx.get(url).is_success
    finally:
        box.ask("PATCH", "", "octo-admin", json={"visibility": "private"})


@pytest.mark.parametrize(("app", "status"), [("github-actions", 200), ("other-app", 405)])
def test_a_check_of_another_app_does_not_stand_in_for_the_required_one(
    box: Box, app: str, status: int
) -> None:
    pull = box.propose(f"by-{app}", {f"docs/{app}.txt": "x\n"}, "Fail please")
    number, sha = pull["number"], pull["head"]["sha"]
    box.settled(event="pull_request", head_sha=sha)
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    rights = {"checks": "write", "statuses": "write"}
    token = box.job_token(**rights) if app == "github-actions" else box.hub.jobs.issue_app(rights)
    check = {"name": "delivery", "head_sha": sha, "conclusion": "success"}
    made = box.ask("POST", "/check-runs", token, json=check)
    assert (made.status_code, made.json()["app"]["slug"]) == (201, app)
    state = {"state": "success", "context": "delivery"}
    box.ask("POST", f"/statuses/{sha}", "alice", json=state)
    assert box.ask("PUT", f"/pulls/{number}/merge", json={}).status_code == status


def test_an_app_id_is_chosen_from_who_reported_last_unless_any_is_asked_for(box: Box) -> None:
    at = "/branches/main/protection"
    before = box.ask("GET", at, "octo-admin").json()["required_status_checks"]
    assert before["checks"] == [{"context": "delivery", "app_id": 15368}]
    wanted = [
        {"context": "delivery"},
        {"context": "never seen"},
        {"context": "any", "app_id": -1},
        {"context": "theirs", "app_id": 90001},
    ]
    rules = {
        "required_status_checks": {"strict": True, "contexts": [], "checks": wanted},
        "enforce_admins": False, "restrictions": None, "required_pull_request_reviews": None,
    }  # fmt: skip
    box.branch("ruled", {"docs/ruled.txt": "x\n"})
    pull = box.propose("seen", {"docs/seen.txt": "x\n"})
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    shape = box.ask("PUT", at.replace("main", "ruled"), "octo-admin", json=rules).json()
    assert [item["app_id"] for item in shape["required_status_checks"]["checks"]] == [
        15368, None, None, 90001,
    ]  # fmt: skip
