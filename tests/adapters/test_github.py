"""The GitHub adapter against the local GitHub, which validates every request it gets."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from pipeline.adapters.github import GitHub
from pipeline.adapters.github_rest import Rest
from pipeline.domain.proposal import Account
from pipeline.errors import Failure
from sandbox.client import Sandbox

REPOSITORY = "knowledgeweaver/delivery"


class Team:
    """The people of the local GitHub and a clone of its repository."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box, self.folder = box, folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def hub(self, login: str) -> GitHub:
        return GitHub(REPOSITORY, self.token(login), self.api, self.box.github_url)

    @property
    def api(self) -> str:
        return f"{self.box.github_url}/api/v3"

    def token(self, login: str) -> str:
        return f"{login}-token-for-the-local-sandbox-only-0123456789"

    def git(self, *words: str) -> str:
        named = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        done = subprocess.run(
            ["git", *named, *words], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self, login: str, branch: str, text: str) -> str:
        """Commit a text on a branch and push it; returns the commit."""
        (self.folder / "file").write_text(text)
        self.git("checkout", "-q", "-B", branch)
        self.git("add", ".")
        self.git("commit", "-q", "-m", text)
        host = self.box.github_url.removeprefix("http://")
        url = f"http://x-access-token:{self.token(login)}@{host}/{REPOSITORY}.git"
        self.git("push", "-q", url, branch)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("github")
    with Sandbox.start(folder / "box", only=["github"]) as box:
        made = Team(box, folder / "clone")
        made.push("octo-admin", "main", "one")
        yield made


def test_a_pull_request_is_found_by_its_commits_and_its_reviews(team: Team) -> None:
    head = team.push("alice", "topic", "two")
    alice, bob = team.hub("alice"), Rest(REPOSITORY, team.token("bob"), team.api)
    pull = alice.create_pull("Two", "topic", "main", "why")
    assert [p.number for p in alice.open_pulls("topic")] == [pull.number]
    assert (pull.head, pull.author, pull.merged, pull.fork) == (head, "alice", False, False)
    bob.json("POST", f"pulls/{pull.number}/reviews", {"event": "APPROVE"})
    [review] = alice.reviews(pull.number)
    assert (review.user, review.state, review.commit) == ("bob", "APPROVED", head)
    assert review.person
    bob.json("POST", f"issues/{pull.number}/labels", {"labels": ["allow-destroy"]})
    [event] = alice.label_events(pull.number, "allow-destroy")
    assert (event.by, event.set) == ("bob", True)
    merged = bob.json("PUT", f"pulls/{pull.number}/merge", {})["sha"]
    [found] = alice.pulls_of_commit(merged)
    assert (found.number, found.merged, found.merge_commit) == (pull.number, True, merged)
    assert "allow-destroy" in found.labels


def test_a_sticky_comment_is_one_comment_of_our_own_whoever_else_begins_with_its_marker(
    team: Team,
) -> None:
    team.push("alice", "sticky", "three")
    alice, bob = team.hub("alice"), team.hub("bob")
    number = alice.create_pull("Three", "sticky", "main", "why").number
    bob.comment(number, "<!-- m -->\nGreen")
    for text in ("first", "second"):
        alice.sticky_comment(number, "<!-- m -->", f"<!-- m -->\n{text}")
    found = [(c.author.login, c.body) for c in alice.comments(number)]
    assert found == [("bob", "<!-- m -->\nGreen"), ("alice", "<!-- m -->\nsecond")]


def test_a_merged_pull_request_is_told_whole_by_its_commit(team: Team) -> None:
    head = team.push("alice", "whole", "four")
    alice, bob = team.hub("alice"), Rest(REPOSITORY, team.token("bob"), team.api)
    number = alice.create_pull("Four", "whole", "main", "why").number
    bob.json("POST", f"pulls/{number}/reviews", {"event": "APPROVE"})
    merged = bob.json("PUT", f"pulls/{number}/merge", {"merge_method": "squash"})["sha"]
    known = alice.known_commits([merged, "f" * 40])
    assert known[merged].pulls == {number: merged}
    assert "f" * 40 not in known
    pull = alice.proposals([number])[number]
    assert (pull.merged, pull.merge_commit, pull.head, pull.head_ref) == (
        True,
        merged,
        head,
        "whole",
    )
    [review] = pull.reviews
    assert (review.by, review.state, review.commit) == (Account("bob"), "APPROVED", head)
    assert review.writer
    assert (pull.author, pull.merged_by) == (Account("alice"), Account("bob"))
    assert head in {commit.id for commit in pull.commits}
    [moves] = alice.activity("whole")
    assert [(m.by, m.kind, m.after) for m in moves] == [(Account("alice"), "branch_creation", head)]
    assert moves[0].at <= pull.created


def test_issues_are_opened_found_by_label_over_pages_and_closed(team: Team) -> None:
    alice = team.hub("alice")
    made = [alice.create_issue(f"Drift {n}", "b", ["drift"]) for n in range(103)]
    assert len(alice.issues("drift")) == 103
    alice.update_issue(made[0].number, state="closed")
    assert made[0].number not in {issue.number for issue in alice.issues("drift")}


def test_who_may_write_is_asked_for_and_not_read_from_what_a_review_says(team: Team) -> None:
    alice = team.hub("alice")
    assert [alice.may_write(login) for login in ("bob", "octo-admin", "a-stranger")] == [
        True,
        True,
        False,
    ]


def test_a_repository_with_subjects_of_the_old_kind_gets_such_with_ids_once(team: Team) -> None:
    admin = team.hub("octo-admin")
    assert not admin.number_subjects()
    old = Rest(REPOSITORY, team.token("octo-admin"), team.api)
    data = {"use_default": True, "use_immutable_subject": False}
    old.json("PUT", "actions/oidc/customization/sub", data)
    assert [admin.number_subjects() for _ in range(2)] == [True, False]


def test_bootstrap_settings_can_be_written_twice(team: Team) -> None:
    admin = team.hub("octo-admin")
    assert not admin.jobs_open_pulls()
    assert admin.repository_ids() == (2001, 1001)
    reviewer = {"type": "User", "id": admin.user_id("bob")}
    for _ in range(2):
        admin.set_variable("AWS_REGION", "ap-southeast-2")
        admin.put_environment("prod", [reviewer])
        admin.let_jobs_open_pulls()
        admin.protect_branch("main", ["delivery / report", "tests"], 1)
    assert admin.jobs_open_pulls()
    found = admin.protection("main")
    assert found.checks == {"delivery / report": 15368, "tests": 15368}
    assert (found.strict, found.approvals, found.code_owners) == (True, 1, True)
    assert found.bypass == ()
    assert "prod" in admin.environment_names()


def test_refusals_name_the_call_and_githubs_message(team: Team) -> None:
    assert team.hub("alice").run("99999") is None
    with pytest.raises(Failure, match="401 to GET") as refused:
        team.hub("nobody").pull(1)
    assert refused.value.reason == "no-credentials"
    with pytest.raises(Failure, match=r"404 to GET .*pulls/9999"):
        team.hub("alice").pull(9999)


class _HangsUp(http.server.BaseHTTPRequestHandler):
    """Takes each request in and ends the connection without an answer."""

    seen: ClassVar[list[str]] = []

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if self.parse_request():
            self.seen.append(self.command)
        self.close_connection = True


def test_what_may_have_arrived_is_sent_again_only_where_it_cannot_be_there_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _HangsUp) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            hub = GitHub(REPOSITORY, "t", url, url)
            for call in (lambda: hub.comment(1, "once"), lambda: hub.pull(1)):
                with pytest.raises(Failure, match="does not answer"):
                    call()
        finally:
            server.shutdown()
    assert _HangsUp.seen.count("POST") == 1
    assert _HangsUp.seen.count("GET") == 5


def test_a_dead_github_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    dead = GitHub(REPOSITORY, "t", "http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(Failure) as told:
        dead.pull(1)
    assert told.value.reason == "unreachable"


def test_no_text_is_refused_because_of_its_length(team: Team) -> None:
    team.push("alice", "long", "long text")
    alice, long = team.hub("alice"), "ä line\n" * 20_000
    number = alice.create_pull("Four", "long", "main", long).number
    alice.comment(number, long)
    for text in (long, f"again {long}"):
        alice.sticky_comment(number, "<!-- l -->", f"<!-- l -->\n{text}")
    issue = alice.create_issue("Long", long, ["drift"]).number
    alice.update_issue(issue, body=long)
    assert all("the rest is in the run." in c.body for c in alice.comments(number))
