"""No value of a plan leaves the private folder: neither by git nor by what is uploaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.git import git, snapshot
from pipeline.adapters.work import private_folder
from pipeline.cli.main import run
from pipeline.errors import Failure
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


@pytest.mark.parametrize(
    "tracked", [".gitignore", "private/shelf--dev/plan.json", "public/x", "private/s/t/u"]
)
def test_a_work_folder_that_the_repository_has_files_in_gets_no_values(
    repository: Repository, tracked: str
) -> None:
    repository.write(".gitignore", "")
    repository.write(f".pipeline/{tracked}", "")
    repository.commit()
    with pytest.raises(Failure) as caught:
        private_folder(repository.root / ".pipeline", "shelf--dev")
    assert caught.value.reason == "bad-config"
    assert tracked in str(caught.value)


@pytest.mark.parametrize("link", [".pipeline", ".pipeline/private", ".pipeline/private/shelf--dev"])
def test_a_work_folder_whose_parts_are_links_into_the_repository_gets_no_values(
    repository: Repository, link: str
) -> None:
    repository.write(".gitignore", "")
    repository.write("results/x", "1")
    repository.commit()
    place = repository.root / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(repository.root / "results")
    with pytest.raises(Failure):
        private_folder(repository.root / ".pipeline", "shelf--dev")


@pytest.mark.parametrize("text", ["", "!*\n", "private/public\n"])
def test_an_ignore_file_that_says_something_else_is_written_anew(
    repository: Repository, text: str
) -> None:
    repository.write(".gitignore", "")
    repository.commit()
    (repository.root / "w").mkdir()
    (repository.root / "w/.gitignore").write_text(text)
    folder = private_folder(repository.root / "w", "shelf--dev")
    (folder / "plan.json").write_text("planted-value-of-a-plan")
    snapshot(repository.root)
    assert "planted-value-of-a-plan" not in objects(repository.root)


def test_values_that_lie_there_already_are_not_added_when_a_branch_tracks_the_folder(
    repository: Repository,
) -> None:
    folder = private_folder(repository.root / "w", "shelf--dev")
    (folder / "plan.json").write_text("planted-value-of-a-plan")
    (repository.root / "w/.gitignore").write_text("")
    git(repository.root, "add", "-f", "w/.gitignore")
    said = repository.pipeline("pending", "--work", str(repository.root / "w"))
    assert said.code == 2
    assert "w/.gitignore" in said.err or ".gitignore" in said.err
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
