"""What is deployed as a commit is what that commit holds."""

from __future__ import annotations

import subprocess

import pytest

from pipeline.domain.ledger import read_chain
from pipeline.domain.model import UnitId
from tests.usecases.conftest import STACK, Repository
from tests.usecases.test_orphans import site_of

UNIT = UnitId("shelf", "dev")
BOOKS = 'books = {\n  "never" = "committed"\n}\n'
EXTRA = 'resource "terraform_data" "never" {}\n'

pytestmark = pytest.mark.usefixtures("stores")


def refused(values: Repository, path: str) -> None:
    told = values.pipeline("apply", str(UNIT))
    assert told.code == 2
    assert path in told.err
    assert "Nothing was changed" in told.err
    assert read_chain(site_of(values).stores.ledger, UNIT) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{STACK}/dev.tfvars", BOOKS),
        (f"{STACK}/new.tf", EXTRA),
        ("terraform/modules/shelf/new.tf", EXTRA),
    ],
)
def test_an_apply_refuses_files_that_are_not_those_of_the_commit(
    values: Repository, path: str, text: str
) -> None:
    values.write(path, text)
    refused(values, path)


@pytest.mark.parametrize("name", ["x.auto.tfvars", "main_override.tf", "terraform.tfvars"])
def test_an_apply_refuses_files_that_git_ignores_and_terraform_reads(
    values: Repository, name: str
) -> None:
    values.write(".gitignore", f".pipeline/\n{name}\n")
    values.commit()
    values.write(f"{STACK}/{name}", "")
    refused(values, name)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_apply_refuses_files_that_git_was_told_not_to_look_at(
    values: Repository, flag: str
) -> None:
    path = f"{STACK}/dev.tfvars"
    subprocess.run(["git", "update-index", flag, path], cwd=values.root, check=True)
    values.write(path, BOOKS)
    refused(values, path)


def test_a_destroy_refuses_files_that_are_not_those_of_the_commit(values: Repository) -> None:
    values.write(f"{STACK}/new.tf", EXTRA)
    told = values.pipeline("destroy", str(UNIT), "--confirm", str(UNIT), "--reviewed", "0" * 64)
    assert (told.code, f"{STACK}/new.tf" in told.err) == (2, True)
    assert read_chain(site_of(values).stores.ledger, UNIT) == []


def test_uncommitted_files_that_decide_nothing_hinder_no_apply(values: Repository) -> None:
    values.write("README.md", "Not committed.\n")
    values.write(f"{STACK}/notes.bak", "")
    assert values.deploy().code == 0
