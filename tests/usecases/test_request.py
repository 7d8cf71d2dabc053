"""What a pull request's workflow may ask a trusted job for: no more than names of units."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.main import run
from pipeline.errors import Failure
from pipeline.usecases.request import request_of, shard_name, unit_names

HEAD, BASE, MERGE = "b" * 40, "a" * 40, "c" * 40


def payload(**more: Any) -> dict[str, Any]:
    ours = {"full_name": "knowledgeweaver/delivery"}
    return {
        "number": 7,
        "sender": {"login": "alice"},
        "repository": {"default_branch": "main"},
        "pull_request": {
            "number": 7,
            "head": {"sha": HEAD, "ref": "topic", "repo": ours},
            "base": {"sha": BASE, "ref": "main", "repo": ours},
        },
        **more,
    }


def environ(tmp_path: Path, document: Any, event: str = "pull_request") -> dict[str, str]:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(document))
    return {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(file), "GITHUB_SHA": MERGE}


def test_who_asks_and_for_what_comes_from_githubs_event(tmp_path: Path) -> None:
    found = request_of(environ(tmp_path, payload()))
    assert (found.number, found.head, found.base, found.base_ref) == (7, HEAD, BASE, "main")
    assert (found.commit, found.actor, found.fork) == (MERGE, "alice", False)


def test_an_entry_of_the_merge_queue_has_no_number(tmp_path: Path) -> None:
    ref = f"refs/heads/gh-readonly-queue/main/pr-104-{BASE}"
    group = {"head_sha": HEAD, "base_sha": BASE, "base_ref": "refs/heads/main", "head_ref": ref}
    found = request_of(environ(tmp_path, payload(merge_group=group), "merge_group"))
    assert (found.number, found.head, found.base_ref) == (None, HEAD, "main")
    assert found.queued == 104


def test_a_pull_request_of_a_deleted_fork_is_a_forks(tmp_path: Path) -> None:
    document = payload()
    document["pull_request"]["head"]["repo"] = None
    assert request_of(environ(tmp_path, document)).fork


def test_a_pull_request_into_another_branch_is_refused(tmp_path: Path) -> None:
    document = payload()
    document["pull_request"]["base"]["ref"] = "evil-base"
    with pytest.raises(Failure, match="'evil-base'") as error:
        request_of(environ(tmp_path, document))
    assert error.value.reason == "usage"


@pytest.mark.parametrize("event", ["push", "pull_request_target", "workflow_dispatch", ""])
def test_any_other_event_is_refused(tmp_path: Path, event: str) -> None:
    with pytest.raises(Failure, match="no pull request"):
        request_of(environ(tmp_path, payload(), event))


@pytest.mark.parametrize("wrong", [[], {}, {"sender": None}, payload(pull_request=None)])
def test_an_event_that_is_not_as_github_writes_it_is_refused(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(Failure, match="no pull request"):
        request_of(environ(tmp_path, wrong))
    with pytest.raises(Failure, match="no pull request"):
        request_of({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "/nowhere"})


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*", fullmatch=True)


@given(st.lists(NAMES, min_size=1))
def test_a_json_list_stands_for_its_names(names: list[str]) -> None:
    assert unit_names([json.dumps(names, indent=2)]) == names == unit_names(names)


@given(st.lists(st.text()) | st.text().map(lambda text: ["kw/dev", text]))
def test_whatever_gets_through_is_the_name_of_a_unit_and_no_option(texts: list[str]) -> None:
    for given_text in (texts, [json.dumps(texts)]):
        with suppress(Failure):
            for name in unit_names(given_text):
                stack, workspace = name.split("/")
                assert stack[0].isalnum()
                assert workspace[0].isalnum()
                assert not set(name) & set(" \t\n\"'$`;&|<>(){}*?~\\=")


@pytest.mark.parametrize("text", ["[", "[1]", '["kw/dev", null]', "[]", '{"a": 1}', '[["kw/dev"]]'])
def test_what_is_no_list_of_names_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        unit_names([text])


@pytest.mark.parametrize("name", ["1", "a-b.c_2", "x" * 64])
def test_a_shard_has_a_plain_name(name: str) -> None:
    assert shard_name(name) == name


@pytest.mark.parametrize("name", ["", "-1", "../x", "a b", "a/b", "1\n", "x" * 65, "é", ".hidden"])
def test_a_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(Failure):
        shard_name(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--shard=1", "--", '["kw/dev", "--work=change/forged"]'],
        ["--shard=1", "--", "--root=/"],
        ["--shard=--json", "--", '["kw/dev"]'],
        ["--shard=1 2", "--", '["kw/dev"]'],
    ],
)
def test_the_command_refuses_what_could_become_an_option(
    tmp_path: Path, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    given_environ = environ(tmp_path, payload())
    assert run(["request", *arguments], given_environ, tmp_path) == 2
    assert "pipeline: " in capfd.readouterr().err


def test_the_command_hands_on_what_it_has_checked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    more = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(out)}
    words = ["request", "--shard=2", "--", '["kw/dev",\n "kw/prod"]']
    assert run(words, environ(tmp_path, payload()) | more, tmp_path) == 0
    told = out.read_text()
    assert '["kw/dev", "kw/prod"]' in told
    assert "results-2" in told
