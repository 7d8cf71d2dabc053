"""What the event says of the label, and who counts as a code owner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.domain.policy import Permission
from pipeline.usecases.labels import code_owners, permission


def event(tmp_path: Path, *labels: str) -> dict[str, str]:
    file = tmp_path / "event.json"
    pull = {"number": 7, "labels": [{"name": name} for name in labels]}
    file.write_text(json.dumps({"pull_request": pull}))
    return {"GITHUB_EVENT_PATH": str(file)}


def test_without_an_event_or_without_the_label_nothing_is_allowed(tmp_path: Path) -> None:
    assert permission({}, tmp_path, "o/r") == Permission()
    assert not permission(event(tmp_path, "other"), tmp_path, "o/r").granted


def test_without_a_token_the_label_itself_counts(tmp_path: Path) -> None:
    assert permission(event(tmp_path, "allow-destroy"), tmp_path, "o/r").granted


@pytest.mark.parametrize(
    ("labelled", "granted"), [(["alice", "Bob"], True), (["bob", "alice"], False), ([], True)]
)
def test_with_a_token_the_last_one_who_set_it_must_be_a_code_owner(
    labelled: list[str], granted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("# all\n* @bob @org/team # note @carol\n")
    monkeypatch.setattr("pipeline.adapters.github.GitHub.labeled_by", lambda *_: labelled)
    environ = event(tmp_path, "allow-destroy") | {"GITHUB_TOKEN": "t"}
    assert permission(environ, tmp_path, "o/r").granted is granted
    assert code_owners(tmp_path) == {"bob", "org/team"}
