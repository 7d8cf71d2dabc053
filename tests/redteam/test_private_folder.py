"""No value of a plan leaves the private folder: neither by git nor by what is uploaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.git import snapshot
from pipeline.adapters.work import private_folder
from pipeline.cli.main import run
from tests.usecases.conftest import STACK, Repository


def objects(root: Path) -> str:
    """Every object of the repository, readable."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    return listed.stdout.decode(errors="replace")


@pytest.mark.parametrize("work", [".pipeline", "out", "deep/er", "terraform/envs/shelf/w"])
def test_the_work_folder_never_enters_gits_objects_wherever_it_lies(
    repository: Repository, work: str
) -> None:
    repository.write(".gitignore", "")
    repository.commit()
    folder = private_folder(repository.root / work, "shelf--dev")
    (folder / "plan.json").write_text("planted-value-of-a-plan")
    snapshot(repository.root)
    assert "planted-value-of-a-plan" not in objects(repository.root)


@pytest.mark.usefixtures("stores")
def test_a_plan_into_a_folder_that_git_does_not_ignore_leaves_nothing_in_git(
    values: Repository,
) -> None:
    values.write(".gitignore", "")
    values.write(
        f"{STACK}/secret.tf",
        'resource "terraform_data" "s" {\n  input = sensitive("planted-value-of-a-plan")\n}\n',
    )
    values.commit()
    before = objects(values.root).count("planted-value-of-a-plan")
    for _ in range(2):  # the second looks at the working folder with the first one's files in it
        assert run(["plan", "shelf/dev", "--work", "out"], _environ(), values.root) == 0
    assert objects(values.root).count("planted-value-of-a-plan") == before
    assert (
        "planted-value-of-a-plan" in (values.root / "out/private/shelf--dev/plan.json").read_text()
    )


def _environ() -> dict[str, str]:
    import os

    return dict(os.environ)


def test_private_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "w", "a--b")
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0
