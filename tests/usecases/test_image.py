"""The image is built without credentials, out of what was merged, and pushed once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.usecases.conftest import Repository

BIN = Path(__file__).parents[2] / "sandbox" / "bin"
DOCKERFILE = 'FROM x\nARG KW_TREE=none\nENV KW_TREE=$KW_TREE\nCMD ["python", "main.py"]\n'


@pytest.fixture
def app(
    repository: Repository, aws_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The application's first version on the branch, and a docker to build it; its tree."""
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    state = tmp_path / "state"
    state.mkdir()
    (state / "endpoints.json").write_text(json.dumps({"aws": aws_url}))
    monkeypatch.setenv("DOCKER_SANDBOX", str(state))
    repository.write("app/main.py", "print('first')\n")
    repository.write("app/Dockerfile", DOCKERFILE)
    repository.commit()
    return git(repository, "rev-parse", "HEAD:app")


def git(repository: Repository, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=repository.root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def pushed(aws: Callable[[str], Any]) -> set[str]:
    details = aws("ecr").describe_images(repositoryName="knowledgeweaver")["imageDetails"]
    return {tag for one in details for tag in one.get("imageTags", [])}


@pytest.fixture
def ecr(stores: dict[str, str], aws: Callable[[str], Any]) -> None:
    aws("ecr").create_repository(repositoryName="knowledgeweaver", imageTagMutability="IMMUTABLE")


def test_it_is_built_without_any_credential_and_pushed_afterwards(
    repository: Repository,
    app: str,
    ecr: None,
    aws: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as without:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            without.delenv(name)
        built = repository.pipeline("--json", "image", "--build")
    assert (built.code, json.loads(built.out)) == (0, {"tree": app, "built": True}), built.err
    assert pushed(aws) == set()
    first, second = (repository.pipeline("--json", "image", "--push") for _ in range(2))
    assert first.code == 0, first.out + first.err
    assert json.loads(first.out)["pushed"]
    assert second.code == 0, second.err
    assert not json.loads(second.out)["pushed"]
    assert pushed(aws) == {app}


def test_a_push_of_what_was_not_built_here_is_told(
    repository: Repository, app: str, ecr: None
) -> None:
    answer = repository.pipeline("image", "--push")
    assert answer.code == 3
    assert "docker tag failed" in answer.err


def test_the_image_of_an_earlier_commit_is_that_commits(
    repository: Repository, app: str, ecr: None, aws: Callable[[str], Any]
) -> None:
    earlier = git(repository, "rev-parse", "HEAD")
    repository.write("app/main.py", "print('second')\n")
    repository.commit()
    assert repository.pipeline("image", f"--commit={earlier}").code == 0
    assert pushed(aws) == {app}


def test_what_was_never_merged_is_not_built(repository: Repository, app: str) -> None:
    git(repository, "checkout", "-q", "-b", "topic")
    repository.write("app/main.py", "print('mine')\n")
    proposed = repository.commit()
    git(repository, "checkout", "-q", "-")
    answer = repository.pipeline("image", "--build", f"--commit={proposed}")
    assert answer.code == 2
    assert "is none of the default branch's" in answer.err


def test_a_commit_without_an_application_is_told(repository: Repository, app: str) -> None:
    git(repository, "rm", "-rq", "app")
    repository.write("app-is-gone", "")
    repository.commit()
    answer = repository.pipeline("image", "--build")
    assert answer.code == 2
    assert "There is no folder app" in answer.err
