"""Who reviewed what landed, asked of the local GitHub over HTTP: its GraphQL, activity and git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.github_rest import Rest
from pipeline.domain.model import UnitId
from pipeline.domain.review import Landing
from pipeline.output import Output
from pipeline.usecases.landings import landings
from pipeline.usecases.site import Site
from sandbox.client import Sandbox
from tests.scratch import ESTATE

REPOSITORY = "knowledgeweaver/delivery"
UNIT = UnitId("web", "dev")


class Place:
    """A clone for each person, as each has one, and one that deploys."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box, self.folder = box, folder
        self.first = self.push("octo-admin", "main", ESTATE, on="")

    def token(self, who: str) -> str:
        who = "alice" if who == "deploy" else who
        return f"{who}-token-for-the-local-sandbox-only-0123456789"

    def ask(self, who: str) -> Rest:
        return Rest(REPOSITORY, self.token(who), f"{self.box.github_url}/api/v3")

    def git(self, who: str, *words: str) -> str:
        root = self.folder / who
        if not root.exists():
            host = self.box.github_url.removeprefix("http://")
            url = f"http://x-access-token:{self.token(who)}@{host}/{REPOSITORY}.git"
            root.mkdir(parents=True)
            for first in (["init", "-q", "-b", "main"], ["remote", "add", "origin", url]):
                subprocess.run(["git", *first], cwd=root, check=True)
        named = ["-c", f"user.name={who}", "-c", f"user.email={who}@nobody.invalid"]
        done = subprocess.run(
            ["git", *named, *words],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
        )
        return done.stdout.strip()

    def push(self, who: str, branch: str, files: dict[str, str], on: str = "origin/main") -> str:
        self.git(who, "status")
        if on:
            self.git(who, "fetch", "-q", "origin")
            self.git(who, "checkout", "-q", "-B", branch, on)
        for path, text in files.items():
            file = self.folder / who / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.git(who, "add", "-A")
        self.git(who, "commit", "-q", "-m", f"{who} changes {branch}")
        self.git(who, "push", "-q", "-f", "origin", f"HEAD:{branch}")
        return self.git(who, "rev-parse", "HEAD")

    def propose(self, who: str, branch: str, base: str = "main") -> int:
        data = {"title": branch, "head": branch, "base": base, "body": ""}
        return int(self.ask(who).json("POST", "pulls", data)["number"])

    def approve(self, who: str, number: int) -> None:
        self.ask(who).json("POST", f"pulls/{number}/reviews", {"event": "APPROVE"})

    def merge(self, who: str, number: int, how: str = "squash") -> str:
        data = {"merge_method": how}
        return str(self.ask(who).json("PUT", f"pulls/{number}/merge", data)["sha"])

    def since(self, commit: str) -> tuple[Landing, ...]:
        """As a deploy sees it: a clone of main alone."""
        self.git("deploy", "fetch", "-q", "origin", "main")
        self.git("deploy", "checkout", "-q", "--detach", "FETCH_HEAD")
        root = self.folder / "deploy"
        environ = {
            "GITHUB_TOKEN": self.token("alice"), "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": f"{self.box.github_url}/api/v3",
            "GITHUB_SERVER_URL": self.box.github_url,
            "GITHUB_GRAPHQL_URL": f"{self.box.github_url}/api/graphql",
        }  # fmt: skip
        site = Site(root, root, root / ".pipeline", Output(), environ)
        return landings(site, UNIT, commit, "HEAD")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("landings")
    with Sandbox.start(folder / "box", only=["github"]) as box:
        yield Place(box, folder / "clones")


def at(name: str) -> str:
    return f"terraform/envs/web/{name}.tf"


@pytest.mark.parametrize("how", ["squash", "merge", "rebase"])
def test_an_approved_pull_request_is_reviewed_however_it_was_merged(place: Place, how: str) -> None:
    start = place.git("octo-admin", "ls-remote", "origin", "refs/heads/main").split()[0]
    place.push("alice", how, {at(how): "# 1\n"})
    place.push("alice", how, {at(how): "# 2\n", "docs/readme.md": how}, on=how)
    number = place.propose("alice", how)
    place.approve("bob", number)
    merged = place.merge("bob", number, how)
    [landing] = place.since(start)
    assert (landing.commit, landing.pull, landing.missing) == (merged, number, "")
    assert (landing.reviewed, landing.approvers) == (True, ("bob",))


def test_what_came_past_is_told_with_who_pushed_it(place: Place) -> None:
    start = place.git("octo-admin", "ls-remote", "origin", "refs/heads/main").split()[0]
    pushed = place.push("octo-admin", "main", {at("past"): "# 1\n"})
    [landing] = place.since(start)
    assert (landing.commit, landing.pull, landing.reviewed) == (pushed, None, False)
    assert landing.makers == {"octo-admin"}


def test_who_pushed_under_anothers_name_is_no_approver(place: Place) -> None:
    start = place.git("octo-admin", "ls-remote", "origin", "refs/heads/main").split()[0]
    place.push("alice", "shared", {"docs/readme.md": "shared"})
    number = place.propose("alice", "shared")
    place.push("bob", "shared", {at("shared"): "# 1\n"}, on="origin/shared")
    place.approve("bob", number)
    place.merge("octo-admin", number)
    [landing] = place.since(start)
    assert not landing.reviewed
    assert "bob pushed" in landing.missing


def test_a_stacked_pull_request_is_reviewed_by_what_its_approver_saw(place: Place) -> None:
    start = place.git("octo-admin", "ls-remote", "origin", "refs/heads/main").split()[0]
    place.push("alice", "lower", {at("lower"): "# 1\n"})
    lower = place.propose("alice", "lower")
    place.push("alice", "upper", {at("upper"): "# 1\n"}, on="lower")
    upper = place.propose("alice", "upper", "lower")
    for number in (lower, upper):
        place.approve("bob", number)
    place.merge("bob", lower)
    place.ask("alice").json("PATCH", f"pulls/{upper}", {"base": "main"})
    place.merge("bob", upper)
    assert [(item.pull, item.missing) for item in place.since(start)] == [(lower, ""), (upper, "")]
