"""Real git against the local GitHub: cloning, pushing, what is refused, what a push sets off."""

from __future__ import annotations

import httpx

from .local import Box, git, write


def test_a_stranger_and_a_wrong_token_get_no_clone(box: Box) -> None:
    for url in (f"{box.url}/knowledgeweaver/delivery.git", box.remote("no-such-token")):
        done = git(box.folder, "clone", url, "stolen", check=False)
        assert done.returncode != 0
        assert not (box.folder / "stolen").exists()


def test_a_clone_holds_what_was_seeded_and_a_bearer_token_opens_the_door_too(box: Box) -> None:
    assert (box.clone() / "docs/notes.txt").read_text() == "one\ntwo\nthree\n"
    answer = httpx.get(
        f"{box.url}/knowledgeweaver/delivery.git/info/refs?service=git-upload-pack",
        headers={"Authorization": f"Bearer {box.tokens['bob']}"},
    )
    assert answer.status_code == 200
    assert b"refs/heads/main" in answer.content


def test_a_job_token_reads_and_pushes_only_with_its_permission(box: Box) -> None:
    reader, nobody = box.job_token(contents="read"), box.job_token(issues="write")
    assert git(box.folder, "ls-remote", box.remote(nobody), check=False).returncode != 0
    clone = box.clone(reader)
    git(clone, "switch", "-qc", "by-a-job")
    refused = git(clone, "push", "-q", "origin", "by-a-job", check=False)
    assert "403" in refused.stderr
    writer = box.job_token(contents="write")
    git(clone, "push", "-q", box.remote(writer), "by-a-job")
    assert box.hub.head("by-a-job")


def test_nobody_pushes_past_the_pull_request_but_an_admin_whom_the_rules_do_not_bind(
    box: Box,
) -> None:
    clone = box.clone()
    write(clone, {"docs/direct.txt": "x\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "Push past the pull request")
    refused = git(clone, "push", "origin", "HEAD:main", check=False)
    assert refused.returncode != 0
    assert "GH006: Protected branch update failed for refs/heads/main" in refused.stderr
    assert "Changes must be made through a pull request" in refused.stderr
    git(clone, "push", "-q", box.remote("octo-admin"), "HEAD:main")
    sha = git(clone, "rev-parse", "HEAD").stdout.strip()
    assert box.hub.head() == sha
    (run,) = box.settled(event="push", head_sha=sha)
    assert run["path"].endswith("main.yml")
    assert run["conclusion"] == "success"


def test_not_even_an_admin_rewrites_or_deletes_the_protected_branch(box: Box) -> None:
    clone = box.clone("octo-admin")
    git(clone, "commit", "-q", "--amend", "-m", "Other history")
    forced = git(clone, "push", "--force", "origin", "HEAD:main", check=False)
    assert "Cannot force-push to this branch" in forced.stderr
    deleted = git(clone, "push", "origin", ":main", check=False)
    assert "deletion of the current branch prohibited" in deleted.stderr


def test_refs_of_pull_requests_are_kept_by_the_service_alone(box: Box) -> None:
    pull = box.propose("kept-refs", {"docs/kept.txt": "x\n"})
    clone = box.clone()
    number = pull["number"]
    git(clone, "fetch", "-q", "origin", f"refs/pull/{number}/head", f"refs/pull/{number}/merge")
    listed = git(clone, "ls-remote", "origin", f"refs/pull/{number}/*").stdout.split()
    assert dict(zip(listed[1::2], listed[0::2], strict=True)) == {
        f"refs/pull/{number}/head": pull["head"]["sha"],
        f"refs/pull/{number}/merge": pull["merge_commit_sha"],
    }
    merge = git(clone, "show", "-s", "--format=%P", pull["merge_commit_sha"]).stdout.split()
    assert merge == [box.hub.head(), pull["head"]["sha"]]
    refused = git(clone, "push", "-f", "origin", f"HEAD:refs/pull/{number}/head", check=False)
    assert "deny updating a hidden ref" in refused.stderr


def test_a_force_push_to_the_head_synchronizes_the_pull_request(box: Box) -> None:
    pull = box.propose("forced", {"docs/forced.txt": "1\n"})
    clone = box.clone()
    git(clone, "switch", "-q", "forced")
    git(clone, "commit", "-q", "--amend", "-m", "Second thought")
    git(clone, "push", "-q", "--force", "origin", "forced")
    sha = git(clone, "rev-parse", "HEAD").stdout.strip()
    now = box.ask("GET", f"/pulls/{pull['number']}").json()
    assert now["head"]["sha"] == sha
    assert now["merge_commit_sha"] != pull["merge_commit_sha"]
    (run,) = box.settled(event="pull_request", head_sha=sha)
    assert box.hub.actions.run(run["id"]).payload["action"] == "synchronize"


def test_a_conflict_takes_the_merge_ref_away(box: Box) -> None:
    pull = box.propose("conflicting", {"docs/notes.txt": "other\n"})
    clone = box.clone("octo-admin")
    write(clone, {"docs/notes.txt": "different\n"})
    git(clone, "commit", "-qam", "Change the same line")
    git(clone, "push", "-q", "origin", "main")
    now = box.ask("GET", f"/pulls/{pull['number']}").json()
    assert (now["mergeable"], now["mergeable_state"]) == (False, "dirty")
    assert not git(clone, "ls-remote", "origin", f"refs/pull/{pull['number']}/merge").stdout
    answer = box.ask("PUT", f"/pulls/{pull['number']}/merge", "octo-admin", json={})
    assert answer.status_code == 405


def test_a_push_by_a_job_starts_nothing_and_its_pull_request_waits_for_consent(box: Box) -> None:
    clone = box.clone()
    git(clone, "switch", "-qc", "quiet")
    write(clone, {"docs/quiet.txt": "x\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "Quiet")
    git(clone, "push", "-q", box.remote(box.job_token(contents="write")), "quiet")
    token = box.job_token(pull_requests="write")
    body = {"title": "By a job", "head": "quiet", "base": "main"}
    pull = box.ask("POST", "/pulls", token, json=body).json()
    assert pull["user"]["login"] == "github-actions[bot]"
    sha = pull["head"]["sha"]
    (held,) = box.ask("GET", f"/actions/runs?head_sha={sha}").json()["workflow_runs"]
    assert (held["status"], held["conclusion"]) == ("completed", "action_required")
    assert box.ask("GET", f"/actions/runs/{held['id']}").json()["id"] == held["id"]
    approve = f"/actions/runs/{held['id']}/approve"
    assert box.ask("POST", approve, box.job_token(actions="write")).status_code == 403
    assert box.ask("POST", approve, "bob").status_code == 201
    (run,) = box.settled(event="pull_request", head_sha=sha)
    assert run["conclusion"] == "success"
    assert box.hub.actions.run(run["id"]).payload["action"] == "opened"
    assert box.ask("POST", approve, "bob").status_code == 403


def test_a_job_brings_no_workflow_file_in_by_git_or_by_the_api(box: Box) -> None:
    words = "refusing to allow a GitHub App to create or update workflow"
    token = box.job_token(contents="write", pull_requests="write")
    clone = box.clone(token)
    git(clone, "switch", "-qc", "sneaky")
    write(clone, {".github/workflows/new.yml": "on: push\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "A workflow")
    write(clone, {"docs/sneaky.txt": "x\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "And more")
    refused = git(clone, "push", "origin", "sneaky", check=False)
    assert f"{words} `.github/workflows/new.yml` without `workflows` permission" in refused.stderr
    git(clone, "rm", "-q", ".github/workflows/new.yml")
    git(clone, "commit", "-qm", "Taken back, but still in the history")
    assert words in git(clone, "push", "origin", "sneaky", check=False).stderr
    git(clone, "push", "-q", box.remote("alice"), "sneaky~1:refs/heads/sneaky")
    sha = git(clone, "rev-parse", "sneaky~1").stdout.strip()
    body = {"ref": "refs/heads/sneakier", "sha": sha}
    assert words in box.ask("POST", "/git/refs", token, json=body).json()["message"]
    body = {"title": "By alice", "head": "sneaky", "base": "main"}
    number = box.ask("POST", "/pulls", json=body).json()["number"]
    box.hub.state.protections["main"].approvals, kept = None, box.hub.state.protections["main"]
    try:
        kept.checks = None
        merge = box.ask("PUT", f"/pulls/{number}/merge", token, json={})
        assert (merge.status_code, words in merge.text) == (403, True)
    finally:
        box.ask("PATCH", f"/pulls/{number}", json={"state": "closed"})
    other = box.hub.jobs.issue_app({"contents": "write", "workflows": "write"})
    git(clone, "push", "-q", box.remote(other), "sneaky:refs/heads/allowed")
    write(clone, {"docs/plain.txt": "x\n"})
    git(clone, "switch", "-qc", "plain", "origin/main")
    write(clone, {"docs/plain.txt": "x\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "Nothing of that kind")
    git(clone, "push", "-q", box.remote(token), "plain")
