"""What bootstrap refuses before it makes anything, and what it sets at GitHub."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.adapters.github_settings import ACTIONS_APP
from pipeline.errors import Failure
from pipeline.output import Output
from pipeline.usecases.bootstrap import bootstrap, steps
from pipeline.usecases.doctor import Check, examine
from pipeline.usecases.repository import (
    environments,
    guard_environments,
    protect,
    reviewed_by,
)
from pipeline.usecases.site import Site
from sandbox.client import Sandbox
from tests.scratch import Scratch

ROOT = Path(__file__).parents[2]
TOKEN = "octo-admin-token-for-the-local-sandbox-only-0123456789"
NAME = "knowledgeweaver/delivery"


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Sandbox.start(tmp_path_factory.mktemp("github"), only=["github"]) as box:
        first = Scratch(tmp_path_factory.mktemp("first"))  # GitHub protects no branch before it is
        seed = {"path": str(first.root), "ref": "main", "protect": False}
        httpx.post(f"{box.github_url}/_sandbox/seed", json=seed).raise_for_status()
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

    def alone(self) -> None:
        """Make it a repository of one person."""
        text = (self.root / "pyproject.toml").read_text()
        (self.root / "pyproject.toml").write_text(f"{text}\n[tool.pipeline.review]\nself = true\n")

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


def test_where_nobody_could_review_nothing_is_made(project: Project) -> None:
    said = refusal(project.site(), [])
    assert "No reviewer was named, and this is no repository of one person" in said
    assert "self = true" in said
    said = refusal(project.site(), ["bob", "a-stranger"])
    assert "a-stranger may not write here, so no approval of theirs would count" in said


def test_a_repository_of_one_person_needs_no_reviewer_and_is_told_what_that_means(
    project: Project,
) -> None:
    project.alone()
    site = project.site()
    with pytest.raises(Failure) as caught:
        bootstrap(site, [])
    assert caught.value.reason in ("unreachable", "no-credentials"), "it went on to AWS"
    assert "Nobody else looks at what is deployed" in reviewed_by(site, site.github, [])


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


def asked(github: str, path: str) -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.get(f"{github}/api/v3/repos/{NAME}/{path}", headers=headers).json()


def test_each_workspace_has_one_environment_and_protected_ones_ask_their_reviewers(
    project: Project, github: str
) -> None:
    (project.root / "terraform/envs/knowledgeweaver/dev.tfvars").unlink()  # it is still to come
    site = project.site()
    guard_environments(site, site.github, ["bob"])
    made = {one["name"]: one for one in asked(github, "environments")["environments"]}
    assert set(made) >= {"shared", "dev", "staging", "prod"} == set(environments(site))
    asking = {
        name
        for name, one in made.items()
        if any(rule["type"] == "required_reviewers" for rule in one["protection_rules"])
    }
    assert asking & set(environments(site)) == {"shared", "prod"}


@contextmanager
def refusing(github: str, path: str) -> Iterator[None]:
    """GitHub refuses to set something, as where the plan has no such thing."""
    refused = {"path": path, "method": "PUT", "status": 422, "count": 100}
    httpx.post(f"{github}/_sandbox/faults", json=refused)
    try:
        yield
    finally:
        httpx.delete(f"{github}/_sandbox/faults")


def test_a_plan_without_environments_is_told_with_what_follows_from_it(
    project: Project, github: str
) -> None:
    site = project.site()
    with refusing(github, "/environments/"):
        [told] = guard_environments(site, site.github, ["bob"])
    assert "shared, dev, staging, prod cannot be set up as environments" in told
    assert "nobody is asked when a reviewed change of them is applied" in told


def test_a_plan_without_protected_branches_is_told_with_what_follows_from_it(
    project: Project, github: str
) -> None:
    site = project.site()
    with refusing(github, "/protection"):
        told = protect(site, site.github)
    assert "Whoever may write can push to it past every check" in told
    assert "what it holds is what the roles run" in told


def test_main_takes_nothing_unchecked_or_unreviewed_from_administrators_either(
    project: Project, github: str
) -> None:
    site = project.site()
    assert "administrators too" in protect(site, site.github)
    rules = asked(github, "branches/main/protection")
    checks = rules["required_status_checks"]
    assert checks["strict"]
    assert checks["checks"] == [
        {"context": name, "app_id": ACTIONS_APP} for name in ("delivery / report", "tests")
    ]
    reviews = rules["required_pull_request_reviews"]
    assert reviews["required_approving_review_count"] == 1
    assert reviews["require_code_owner_reviews"]
    assert reviews["require_last_push_approval"]
    assert reviews["dismiss_stale_reviews"]
    assert rules["enforce_admins"]["enabled"]


def test_one_persons_main_asks_for_no_approval_but_for_the_checks(
    project: Project, github: str
) -> None:
    project.alone()
    site = project.site()
    assert "no approval" in protect(site, site.github)
    rules = asked(github, "branches/main/protection")
    assert len(rules["required_status_checks"]["checks"]) == 2
    reviews = rules["required_pull_request_reviews"]
    assert reviews["required_approving_review_count"] == 0
    assert not reviews["require_code_owner_reviews"]
    assert not reviews["require_last_push_approval"]


def test_what_is_printed_is_what_is_done(project: Project) -> None:
    told = "\n".join(step.what for step in steps(project.site(), "ACCOUNT"))
    assert "delivery / report and tests of GitHub's own app" in told
    assert "1 approval(s), a code owner's among them" in told
    project.alone()
    told = "\n".join(step.what for step in steps(project.site(), "ACCOUNT"))
    assert "nobody's approval, since it is a repository of one person" in told


# -- doctor ---------------------------------------------------------------------------------


def examined(project: Project) -> dict[str, Check]:
    site = project.site()
    return {check.what: check for check in examine(site.root, site.environ)}


def test_the_doctor_finds_nothing_about_reviews_after_a_bootstrap(
    project: Project, github: str
) -> None:
    site = project.site()
    guard_environments(site, site.github, ["bob"])
    protect(site, site.github)
    found = examined(project)
    for what in ("review", "past review", "checks", "environments"):
        assert found[what].ok, found[what]
    assert "nobody gets a workflow on main without a review" in found["past review"].says


def test_the_doctor_names_who_could_own_the_roles(project: Project, github: str) -> None:
    site = project.site()
    protect(site, site.github)
    rules = {
        "required_status_checks": {"strict": False, "contexts": ["tests"]},
        "enforce_admins": False,
        "required_pull_request_reviews": {"required_approving_review_count": 0},
        "restrictions": None,
    }
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{github}/api/v3/repos/{NAME}/branches/main/protection"
    httpx.put(url, json=rules, headers=headers).raise_for_status()
    found = examined(project)
    assert found["past review"].ok is False
    assert "administrators may push workflows to main without a review" in found["past review"].says
    assert "and so own its roles" in found["past review"].says
    assert found["review"].ok is False
    assert "0 approvals, but a deploy asks for 1" in found["review"].says
    assert found["checks"].ok is False
    assert "delivery / report is not required" in found["checks"].says
    assert "any app may report tests" in found["checks"].says
    assert "need not be up to date" in found["checks"].says

    httpx.delete(url, headers=headers).raise_for_status()
    assert "whoever may write may push workflows" in examined(project)["past review"].says


def test_the_doctor_says_that_one_person_reviews_alone(project: Project) -> None:
    project.alone()
    found = examined(project)["review"]
    assert (found.ok, found.says) == (True, "self = true: nobody else approves what is deployed")


def test_the_doctor_names_environments_that_github_would_make_without_rules(
    project: Project,
) -> None:
    project.change("terraform/envs/account/stack.toml", "[workspace.shared]\n",
                   '[workspace.shared]\nenvironment = "the-account"\n')  # fmt: skip
    found = examined(project)["environments"]
    assert found.ok is False
    assert "the-account would be made without any rule" in found.says


def test_the_doctor_says_what_it_could_not_ask(project: Project) -> None:
    del project.environ["GITHUB_TOKEN"]
    assert examined(project)["review"].ok is None
