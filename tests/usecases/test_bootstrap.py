"""What bootstrap refuses before it makes anything, and what it sets at GitHub."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipeline.adapters.github import GitHub
from pipeline.errors import Failure
from pipeline.output import Output
from pipeline.usecases.bootstrap import bootstrap
from pipeline.usecases.repository import environments, guard_environments
from pipeline.usecases.site import Site
from sandbox.client import Sandbox

ROOT = Path(__file__).parents[2]
TOKEN = "octo-admin-token-for-the-local-sandbox-only-0123456789"
NAME = "knowledgeweaver/delivery"


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Sandbox.start(tmp_path_factory.mktemp("github"), only=["github"]) as box:
        yield box.github_url


class Project:
    """A copy of this project's estate and settings, in which files may be changed."""

    def __init__(self, root: Path, github: str) -> None:
        self.root = root
        for name in ("terraform", ".github"):
            ignored = shutil.ignore_patterns(".terraform", "tests")
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", root)
        self.environ = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": f"{github}/api/v3"}
        self._git("init", "-q", "-b", "main")

    def _git(self, *words: str) -> None:
        person = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *person, *words], cwd=self.root, check=True, capture_output=True)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def site(self) -> Site:
        self._git("add", ".")
        self._git("commit", "-qm", "as it is", "--allow-empty")
        return Site(self.root, self.root, self.root / "work", Output(), self.environ)


@pytest.fixture
def project(tmp_path: Path, github: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    # what gets as far as AWS fails in another way than what the tests look for
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return Project(tmp_path / "project", github)


def refusal(site: Site, reviewers: list[str]) -> str:
    with pytest.raises(Failure) as caught:
        bootstrap(site, reviewers)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_without_a_reviewer_nothing_is_made_unless_that_is_said(project: Project) -> None:
    assert "No reviewer was named" in refusal(project.site(), [])
    with pytest.raises(Failure) as caught:
        bootstrap(project.site(), [], unguarded=True)
    assert "No reviewer" not in str(caught.value), "it went on to AWS"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("repository", '"knowledgeweaver/delivery"', '"somebody/else"'),
        ("repository_id", "2001", "2002"),
        ("owner_id", "1001", "1002"),
    ],
)
def test_roles_that_would_trust_another_repository_are_not_made(
    project: Project, name: str, old: str, new: str
) -> None:
    project.change("terraform/envs/account/shared.tfvars", old, new)
    said = refusal(project.site(), ["bob"])
    assert f"{name} is {new.strip(chr(34))}, but GitHub says" in said
    assert "terraform/envs/account/shared.tfvars:" in said


def test_code_owners_who_may_not_write_are_named_before_they_are_needed(project: Project) -> None:
    project.change(".github/CODEOWNERS", "@bob", "@a-stranger")
    said = refusal(project.site(), ["bob"])
    assert ".github/CODEOWNERS" in said
    assert "@a-stranger is no collaborator who may write" in said


def test_another_region_than_the_projects_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    said = refusal(project.site(), ["bob"])
    assert "AWS_REGION is us-east-1, but this project is for ap-southeast-2" in said


def test_environments_of_workspaces_that_are_still_to_come_have_their_reviewers(
    project: Project, github: str
) -> None:
    (project.root / "terraform/envs/knowledgeweaver/dev.tfvars").unlink()
    site = project.site()
    guard_environments(site, site.github, ["bob"])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    made = httpx.get(f"{github}/api/v3/repos/{NAME}/environments", headers=headers).json()
    asking = {
        one["name"]
        for one in made["environments"]
        if any(rule["type"] == "required_reviewers" for rule in one["protection_rules"])
    }
    assert {one["name"] for one in made["environments"]} >= set(environments(site))
    assert {"dev-review", "dev-destroy", "prod", "prod-review", "shared"} <= asking
    assert not {"dev", "staging"} & asking


def test_a_plan_without_protection_rules_is_told_with_what_follows_from_it(
    project: Project, github: str
) -> None:
    refused = {"path": "/environments/", "method": "PUT", "status": 422, "count": 100}
    httpx.post(f"{github}/_sandbox/faults", json=refused)
    site = project.site()
    try:
        hub = GitHub(NAME, TOKEN, f"{github}/api/v3", github)
        [told] = guard_environments(site, hub, ["bob"])
    finally:
        httpx.delete(f"{github}/_sandbox/faults")
    assert "nobody is asked in shared, shared-review" in told
    assert "what was not reviewed is applied all the same" in told
