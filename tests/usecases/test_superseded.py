"""A run that is behind the ledger changes nothing, and what was destroyed stays away."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.usecases.conftest import Answer, Repository

UNIT = "shelf/dev"


def check_out(repository: Repository, commit: str) -> None:
    subprocess.run(["git", "checkout", "-q", commit], cwd=repository.root, check=True)


def destroy(repository: Repository, *more: str) -> Answer:
    return repository.pipeline("destroy", UNIT, "--confirm", UNIT, *more)


def pending(repository: Repository) -> list[str]:
    answer = repository.pipeline("--json", "pending")
    assert answer.code == 0, answer.err
    return [item["reason"] for item in json.loads(answer.out)["units"]]


def last(repository: Repository) -> dict[str, Any]:
    answer = repository.pipeline("--json", "status")
    entry: dict[str, Any] = json.loads(answer.out)["units"][0]["entry"]
    return entry


@pytest.mark.slow
def test_a_commit_older_than_the_ledgers_is_neither_applied_nor_destroyed(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    old = values.books(one="1")
    new = values.books(one="2")
    assert values.deploy().code == 0

    check_out(values, old)
    for refused in (
        values.pipeline("apply", UNIT),
        values.pipeline("apply", UNIT, "--defer"),
        values.pipeline("apply", UNIT, "--reviewed", "r"),
        destroy(values),
    ):
        assert refused.code == 2
        told = f"Commit {old[:10]} is older than {new[:10]}, of which shelf/dev is deployed since"
        assert told in refused.err
        assert "merge a revert" in refused.err

    # the same commit again, a later one, and a history that was rewritten are not behind
    check_out(values, new)
    assert values.pipeline("apply", UNIT, "--defer").code == 0
    values.books(one="1")
    assert values.pipeline("apply", UNIT, "--defer").code == 0
    check_out(values, old)
    values.books(one="3")
    assert values.pipeline("apply", UNIT, "--defer").code == 0


def reviewed(repository: Repository) -> int:
    """A destroy as a person alone does it: shown, then named."""
    shown = repository.pipeline("--json", "destroy", UNIT, "--confirm", UNIT, "--plan-only")
    record = json.loads(shown.out)["record"]
    return repository.pipeline("destroy", UNIT, "--confirm", UNIT, "--reviewed", record).code


@pytest.mark.slow
def test_a_destroyed_unit_is_pending_again_only_when_its_files_change(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert pending(values) == ["never deployed"]
    assert reviewed(values) == 0  # also what no rollout ever wrote down
    assert pending(values) == []
    values.write("README.md", "Another file.\n")
    values.commit()
    assert pending(values) == []
    waited = values.pipeline("apply", UNIT)
    assert waited.code == 2
    assert "shelf/dev was destroyed at" in waited.err
    assert "its files are the same" in waited.err
    verified = values.pipeline("verify")
    assert verified.code == 0, verified.err
    assert "it was destroyed at" in verified.out

    commit = values.books(one="2")
    assert pending(values) == ["its files changed since it was destroyed"]
    assert values.pipeline("verify").code == 1
    first = last(values)
    assert reviewed(values) == 0  # before anything of the change was deployed
    assert pending(values) == []
    second = last(values)
    assert (second["number"], second["status"], second["commit"]) == (4, "destroyed", commit)
    assert second["digest"] != first["digest"]

    assert destroy(values).code == 0  # once more says nothing new
    assert last(values) == second


@pytest.mark.slow
def test_the_plan_of_a_destruction_names_its_workspace_and_environment(
    values: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values.write(
        "terraform/envs/shelf/stack.toml",
        'workspaces = ["dev"]\n[workspace.dev]\nenvironment = "play"\n',
    )
    values.commit()
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    shown = destroy(values, "--plan-only", "--github")
    assert shown.code == 0, shown.err
    lines = outputs.read_text().splitlines()
    told = {lines[n].partition("<<")[0]: lines[n + 1] for n in range(0, len(lines), 3)}
    assert told.pop("record")
    assert told == {"workspace": "dev", "environment": "play"}
    assert pending(values) == ["never deployed"]
