"""Pull requests: what blocks a merge, what a merge makes, whose approval counts."""

from __future__ import annotations

import httpx
import pytest

from sandbox.github import gates
from sandbox.github.records import CheckRun, Status

from .local import Box, git, write


def approved(box: Box, name: str, files: dict[str, str], title: str = "") -> int:
    """A pull request whose check passed and that bob approved."""
    pull = box.propose(name, files, title)
    number: int = pull["number"]
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    return number


def test_a_merge_needs_the_check_and_the_approval(box: Box) -> None:
    pull = box.propose("gated", {"docs/gated.txt": "x\n"}, "Fail please")
    number = pull["number"]
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    answer = box.ask("PUT", f"/pulls/{number}/merge", json={})
    assert answer.status_code == 405
    assert 'Required status check "delivery" is failing.' in answer.json()["message"]
    assert "approving review" in answer.json()["message"]
    assert box.ask("GET", f"/pulls/{number}").json()["mergeable_state"] == "blocked"
    box.ask("PATCH", f"/pulls/{number}", json={"title": "Pass"})
    clone = box.clone()
    git(clone, "switch", "-q", "gated")
    git(clone, "commit", "-q", "--allow-empty", "-m", "Again")
    git(clone, "push", "-q", "origin", "gated")
    sha = git(clone, "rev-parse", "HEAD").stdout.strip()
    box.settled(event="pull_request", head_sha=sha)
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    assert box.ask("GET", f"/pulls/{number}").json()["mergeable_state"] == "clean"
    stale = {"sha": pull["head"]["sha"]}
    assert box.ask("PUT", f"/pulls/{number}/merge", json=stale).status_code == 409
    assert box.ask("PUT", f"/pulls/{number}/merge", json={"sha": sha}).status_code == 200


def test_nobody_approves_their_own_and_changes_requested_block(box: Box) -> None:
    pull = box.propose("own", {"docs/own.txt": "x\n"})
    reviews = f"/pulls/{pull['number']}/reviews"
    own = box.ask("POST", reviews, json={"event": "APPROVE"})
    assert own.status_code == 422
    assert "Can not approve your own pull request" in own.text
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    body = {"event": "REQUEST_CHANGES", "body": "Please not so."}
    assert box.ask("POST", reviews, "bob", json=body).status_code == 200
    box.ask("POST", reviews, "octo-admin", json={"event": "APPROVE"})
    answer = box.ask("PUT", f"/pulls/{pull['number']}/merge", json={})
    assert "Changes were requested" in answer.json()["message"]


def test_a_code_owner_has_to_approve_owned_files_and_is_asked_for_it(box: Box) -> None:
    pull = box.propose("owned", {"terraform/owned.tf": "x\n"})
    assert [user["login"] for user in pull["requested_reviewers"]] == ["bob"]
    number = pull["number"]
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    box.ask("POST", f"/pulls/{number}/reviews", "octo-admin", json={"event": "APPROVE"})
    answer = box.ask("PUT", f"/pulls/{number}/merge", json={})
    assert answer.json()["message"] == "Waiting on code owner review from bob."
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    assert box.ask("PUT", f"/pulls/{number}/merge", json={}).status_code == 200


def test_a_push_that_changes_the_diff_takes_approvals_back_and_updating_the_branch_does_not(
    box: Box,
) -> None:
    number = approved(box, "stale", {"docs/stale.txt": "x\n"})
    other = approved(box, "ahead", {"docs/ahead.txt": "x\n"})
    assert box.ask("PUT", f"/pulls/{other}/merge", json={}).status_code == 200
    assert box.ask("PUT", f"/pulls/{number}/update-branch", json={}).status_code == 202
    (review,) = box.ask("GET", f"/pulls/{number}/reviews").json()
    assert review["state"] == "APPROVED"
    clone = box.clone()
    git(clone, "switch", "-q", "stale")
    write(clone, {"docs/stale.txt": "y\n"})
    git(clone, "commit", "-qam", "More")
    git(clone, "push", "-q", "origin", "stale")
    (review,) = box.ask("GET", f"/pulls/{number}/reviews").json()
    assert review["state"] == "DISMISSED"


@pytest.mark.parametrize(("method", "parents"), [("squash", 1), ("merge", 2), ("rebase", 1)])
def test_each_way_to_merge_leads_back_to_its_pull_request(
    box: Box, method: str, parents: int
) -> None:
    number = approved(box, f"by-{method}", {f"docs/{method}.txt": "x\n"})
    before = box.hub.head()
    body = {"merge_method": method}
    sha = box.ask("PUT", f"/pulls/{number}/merge", json=body).json()["sha"]
    assert box.hub.head() == sha
    commit = box.ask("GET", f"/commits/{sha}").json()
    assert commit["parents"][0]["sha"] == before
    assert len(commit["parents"]) == parents
    (found,) = box.ask("GET", f"/commits/{sha}/pulls").json()
    assert found["number"] == number
    pull = box.ask("GET", f"/pulls/{number}").json()
    assert (pull["merged"], pull["state"], pull["merge_commit_sha"]) == (True, "closed", sha)
    (run,) = box.settled(event="push", head_sha=sha)
    assert box.hub.actions.run(run["id"]).payload["before"] == before
    assert box.ask("PUT", f"/pulls/{number}/merge", json=body).status_code == 405


def test_a_rebase_makes_one_commit_of_each_that_is_no_merge_and_the_last_stands_for_it(
    box: Box,
) -> None:
    number = approved(box, "many", {"docs/many.txt": "1\n"})
    clone = box.clone()
    git(clone, "switch", "-q", "many")
    write(clone, {"docs/many.txt": "2\n"})
    git(clone, "commit", "-qam", "Two")
    other = approved(box, "below", {"docs/below.txt": "x\n"})
    assert box.ask("PUT", f"/pulls/{other}/merge", json={}).status_code == 200
    git(clone, "fetch", "-q", "origin")
    git(clone, "merge", "-q", "--no-edit", "origin/main")
    git(clone, "push", "-q", "origin", "many")
    before = box.hub.head()
    body = {"merge_method": "rebase"}
    sha = box.ask("PUT", f"/pulls/{number}/merge", "octo-admin", json=body).json()["sha"]
    git(clone, "fetch", "-q", "origin")
    made = git(clone, "log", "--reverse", "--format=%H %s", f"{before}..{sha}").stdout.splitlines()
    assert [line.split(" ", 1)[1] for line in made] == ["Change docs/many.txt", "Two"]
    assert box.ask("GET", f"/pulls/{number}").json()["merge_commit_sha"] == sha
    for line in made:
        (found,) = box.ask("GET", f"/commits/{line.split()[0]}/pulls").json()
        assert found["number"] == number


def test_an_accepted_suggestion_is_a_commit_of_two(box: Box) -> None:
    pull = box.propose("suggested", {"docs/suggested.txt": "teh\n"})
    body = {"pull": pull["number"], "by": "alice", "reviewer": "bob",
            "path": "docs/suggested.txt", "content": "the\n"}  # fmt: skip
    sha = httpx.post(f"{box.url}/_sandbox/suggestion", json=body).json()["sha"]
    assert box.ask("GET", f"/pulls/{pull['number']}").json()["head"]["sha"] == sha
    commit = box.ask("GET", f"/commits/{sha}").json()
    assert (commit["author"]["login"], commit["committer"]["login"]) == ("alice", "web-flow")
    assert "Co-authored-by: Bob Owner <5002+bob@" in commit["commit"]["message"]


def test_a_strict_branch_wants_its_own_head_in_the_pull_request(box: Box) -> None:
    number = approved(box, "strictly", {"docs/strictly.txt": "x\n"})
    other = approved(box, "faster", {"docs/faster.txt": "x\n"})
    assert box.ask("PUT", f"/pulls/{other}/merge", json={}).status_code == 200
    box.hub.state.protections["main"].strict = True
    try:
        refused = box.ask("PUT", f"/pulls/{number}/merge", json={})
        assert (refused.status_code, "not up to date" in refused.text) == (405, True)
        assert box.ask("GET", f"/pulls/{number}").json()["mergeable_state"] == "behind"
        box.ask("PUT", f"/pulls/{number}/update-branch", json={})
        sha = box.ask("GET", f"/pulls/{number}").json()["head"]["sha"]
        box.settled(event="pull_request", head_sha=sha)
        assert box.ask("PUT", f"/pulls/{number}/merge", json={}).status_code == 200
    finally:
        box.hub.state.protections["main"].strict = False


def test_rules_that_bind_admins_stop_them_too(box: Box) -> None:
    pull = box.propose("bound", {"docs/bound.txt": "x\n"})
    box.hub.state.protections["main"].enforce_admins = True
    try:
        merge = box.ask("PUT", f"/pulls/{pull['number']}/merge", "octo-admin", json={})
        assert (merge.status_code, "approving review" in merge.text) == (405, True)
    finally:
        box.hub.state.protections["main"].enforce_admins = False


def test_texts_that_are_too_long_are_refused(box: Box) -> None:
    pull = box.propose("long", {"docs/long.txt": "x\n"})
    number, many = pull["number"], "x" * 65537
    tries = [
        ("POST", f"/issues/{number}/comments", "alice", {"body": many}),
        ("POST", "/issues", "alice", {"title": "t", "body": many}),
        ("POST", "/issues", "alice", {"title": "t" * 257}),
        ("PATCH", f"/pulls/{number}", "alice", {"title": "t" * 257}),
        ("POST", f"/pulls/{number}/reviews", "bob", {"event": "COMMENT", "body": many}),
    ]
    for method, path, who, body in tries:
        answer = box.ask(method, path, who, json=body)
        assert (answer.status_code, "maximum" in answer.text) == (422, True), path


def test_a_pull_request_without_a_difference_or_a_second_one_is_refused(box: Box) -> None:
    box.propose("once", {"docs/once.txt": "x\n"})
    again = box.ask("POST", "/pulls", json={"title": "t", "head": "once", "base": "main"})
    assert "already exists" in again.text
    empty = box.ask("POST", "/pulls", json={"title": "t", "head": "main", "base": "main"})
    assert (empty.status_code, empty.json()["message"]) == (422, "Validation Failed")
    assert "No commits between" in empty.text


def test_the_last_pushers_own_approval_is_not_enough_where_that_is_asked_for(box: Box) -> None:
    number = approved(box, "pushed-by-bob", {"docs/pushed.txt": "x\n"})
    clone = box.clone("bob")
    git(clone, "switch", "-q", "pushed-by-bob")
    write(clone, {"docs/pushed.txt": "y\n"})
    git(clone, "commit", "-qam", "Bob's own touch")
    git(clone, "push", "-q", "origin", "pushed-by-bob")
    box.settled(head_sha=git(clone, "rev-parse", "HEAD").stdout.strip())
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    box.hub.state.protections["main"].last_push_approval = True
    try:
        answer = box.ask("PUT", f"/pulls/{number}/merge", json={})
        message = "The most recent push needs the approval of someone else."
        assert (answer.status_code, answer.json()["message"]) == (405, message)
        box.ask("POST", f"/pulls/{number}/reviews", "octo-admin", json={"event": "APPROVE"})
        assert box.ask("PUT", f"/pulls/{number}/merge", json={}).status_code == 200
    finally:
        box.hub.state.protections["main"].last_push_approval = False


def test_labels_leave_a_history_of_who_set_them(box: Box) -> None:
    pull = box.propose("labelled", {"docs/labelled.txt": "x\n"})
    at = f"/issues/{pull['number']}"
    box.ask("POST", f"{at}/labels", "bob", json={"labels": ["allow-destroy"]})
    events = box.ask("GET", f"{at}/events").json()
    assert [(e["event"], e["actor"]["login"], e["label"]["name"]) for e in events] == [
        ("labeled", "bob", "allow-destroy")
    ]
    assert box.ask("DELETE", f"{at}/labels/allow-destroy").json() == []
    assert box.ask("DELETE", f"{at}/labels/allow-destroy").status_code == 404


OWNERS = """\
* @alice
/docs/ @bob
*.tf @bob @carol # comment
/docs/free.md
apps/ @dave
docs/* @erin
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.txt", ["alice"]),
        ("deep/x.tf", ["bob", "carol"]),
        ("docs/free.md", ["erin"]),
        ("docs/deep/x.md", ["bob"]),
        ("src/apps/main.py", ["dave"]),
        ("docs/x.md", ["erin"]),
    ],
)
def test_the_last_matching_line_of_codeowners_decides(path: str, owners: list[str]) -> None:
    assert gates.owners_of(OWNERS, path) == owners


def test_the_newest_check_of_a_name_counts_and_a_running_one_is_pending() -> None:
    old = CheckRun(1, 1, "delivery", "s", "completed", "failure")
    new = CheckRun(2, 1, "delivery", "s", "completed", "skipped")
    busy = CheckRun(3, 1, "other", "s", "in_progress")
    status = Status(4, "s", "error", "ci", None, None, "bob", "")
    assert gates.check_states([new, busy, old], [status]) == {
        "delivery": "success",
        "other": "pending",
        "ci": "failure",
    }
