"""Drift: without names it looks at every unit, and each has one issue that lives and dies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.adapters.github import GitHub
from sandbox.client import Sandbox
from tests.usecases.conftest import STACK, Repository

pytestmark = pytest.mark.slow
NAME = "knowledgeweaver/delivery"
TOKEN = "octo-admin-token-for-the-local-sandbox-only-0123456789"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.start(tmp_path_factory.mktemp("github"), only=["github"]) as running:
        yield running


@pytest.fixture
def hub(box: Sandbox, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """The local GitHub, which validates each request against GitHub's own description."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
    monkeypatch.setenv("GITHUB_API_URL", f"{box.github_url}/api/v3")
    monkeypatch.setenv("GITHUB_SERVER_URL", box.github_url)
    return GitHub(NAME, TOKEN, f"{box.github_url}/api/v3", box.github_url)


def drift(repository: Repository, code: int) -> dict[str, str]:
    """What became of each unit's issue."""
    answer = repository.pipeline("--json", "drift")
    assert answer.code == code, answer.err
    return {item["unit"]: item["issue"] for item in json.loads(answer.out)["units"]}


def deploy(repository: Repository, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apply a unit after a review, without GitHub: these commits were never pushed there."""
    with monkeypatch.context() as alone:
        alone.delenv("GITHUB_TOKEN")
        record = json.loads(repository.pipeline("--json", "apply", unit).out)["record"]
        assert repository.pipeline("apply", unit, "--reviewed", record).code == 0
        assert repository.pipeline("rollout", unit).code == 0


def test_every_unit_has_one_issue_while_it_differs(
    values: Repository, stores: dict[str, str], hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    values.write(f"{STACK}/stack.toml", 'workspaces = ["dev", "test"]\n')
    values.write(f"{STACK}/test.tfvars", "books = {}\n")
    values.commit()
    assert drift(values, 1) == {"shelf/dev": "opened", "shelf/test": "opened"}
    assert drift(values, 1) == {"shelf/dev": "unchanged", "shelf/test": "unchanged"}
    assert {i.title for i in hub.issues("drift")} == {"Drift: shelf/dev", "Drift: shelf/test"}

    deploy(values, "shelf/dev", monkeypatch)
    assert drift(values, 1) == {"shelf/dev": "closed", "shelf/test": "unchanged"}
    deploy(values, "shelf/test", monkeypatch)
    assert drift(values, 0) == {"shelf/dev": "none", "shelf/test": "closed"}
    assert hub.issues("drift") == []


def test_what_was_changed_by_hand_is_told_and_put_right_without_a_review(
    repository: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    hub: GitHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deploy(repository, "shelf/dev", monkeypatch)
    aws("s3").put_bucket_tagging(
        Bucket="shelf-dev", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]}
    )
    assert drift(repository, 1) == {"shelf/dev": "opened"}
    [issue] = hub.issues("drift")
    assert "aws_s3_bucket.shelf" in issue.body

    with monkeypatch.context() as alone:
        alone.delenv("GITHUB_TOKEN")
        assert repository.pipeline("apply", "shelf/dev").code == 0
        assert repository.pipeline("rollout", "shelf/dev").code == 0
    assert drift(repository, 0) == {"shelf/dev": "closed"}
