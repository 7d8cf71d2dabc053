"""Which events start which workflows ("Events that trigger workflows", "Workflow syntax")."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.actions import matrix, permissions
from sandbox.actions.events import pattern_matches, read_inputs, selected, triggered
from sandbox.actions.expr import Value
from sandbox.actions.workflow import WorkflowError, load

JOB = "jobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n"


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        # "Filter pattern cheat sheet"
        ("feature/*", "feature/my-branch", "feature/beta-a/my-branch"),
        ("feature/**", "feature/beta-a/my-branch", "other/feature"),
        ("main", "main", "mains"),
        ("'**'".strip("'"), "all/the/branches", ""),
        ("*feature", "mona-feature", "ver-10-feature/x"),
        ("v2*", "v2.9", "v1"),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", "v3.0.0"),
        ("docs/*", "docs/README.md", "docs/a/file.md"),
        ("**/docs/**", "dir/docs/my-file.txt", "doc/x"),
        ("**.js", "js/index.js", "js/index.ts"),
        ("*.jsx?", "page.js", "page.jsxx"),
    ],
)
def test_a_filter_pattern_matches_as_in_the_cheat_sheet(pattern: str, yes: str, no: str) -> None:
    assert pattern_matches(pattern, yes)
    assert not no or not pattern_matches(pattern, no)


def test_an_exclamation_mark_takes_back_and_order_matters() -> None:
    assert selected(["releases/**", "!releases/**-alpha"], "releases/10")
    assert not selected(["releases/**", "!releases/**-alpha"], "releases/10-alpha")
    assert selected(["*.md", "!a.md", "a.md"], "a.md")


def pull(action: str, base: str = "main") -> dict[str, Any]:
    return {"action": action, "pull_request": {"base": {"ref": base}}}


@pytest.mark.parametrize(
    ("on", "event", "payload", "ref", "files", "starts"),
    [
        ("push", "push", {}, "refs/heads/x", [], True),
        ("push", "pull_request", pull("opened"), "refs/pull/1/merge", [], False),
        ("{push: {branches: [main]}}", "push", {}, "refs/heads/main", [], True),
        ("{push: {branches: [main]}}", "push", {}, "refs/heads/x", [], False),
        ("{push: {branches: [main]}}", "push", {}, "refs/tags/v1", [], False),
        ("{push: {branches-ignore: [x]}}", "push", {}, "refs/heads/x", [], False),
        ("{push: {tags: ['v*']}}", "push", {}, "refs/tags/v1", [], True),
        ("{push: {paths: ['app/**']}}", "push", {}, "refs/heads/x", ["app/a.py"], True),
        ("{push: {paths: ['app/**']}}", "push", {}, "refs/heads/x", ["doc/a.md"], False),
        ("{push: {paths-ignore: ['**.md']}}", "push", {}, "refs/heads/x", ["a.md"], False),
        ("{push: {paths-ignore: ['**.md']}}", "push", {}, "refs/heads/x", ["a.md", "b"], True),
        ("push", "push", {"head_commit": {"message": "x [skip ci]"}}, "refs/heads/x", [], False),
        ("pull_request", "pull_request", pull("synchronize"), "refs/pull/1/merge", [], True),
        ("pull_request", "pull_request", pull("labeled"), "refs/pull/1/merge", [], False),
        (
            "{pull_request: {types: [labeled]}}",
            "pull_request",
            pull("labeled"),
            "refs/pull/1/merge",
            [],
            True,
        ),
        (
            "{pull_request: {branches: [main]}}",
            "pull_request",
            pull("opened", "side"),
            "refs/pull/1/merge",
            [],
            False,
        ),
        ("{schedule: [{cron: '0 1 * * *'}]}", "schedule", {}, "refs/heads/main", [], True),
        (
            "{schedule: [{cron: '0 1 * * *'}]}",
            "schedule",
            {"schedule": "9 9 * * *"},
            "refs/heads/main",
            [],
            False,
        ),
    ],
)
def test_an_event_starts_a_workflow_as_its_filters_say(
    on: str, event: str, payload: dict[str, Any], ref: str, files: list[str], starts: bool
) -> None:
    spec = load("w.yml", f"on: {on}\n{JOB}".encode())
    assert triggered(spec, event, payload, ref, lambda: files) is starts


def test_dispatch_inputs_are_checked_and_typed() -> None:
    declared = {
        "unit": {"required": True, "type": "string"},
        "backup": {"type": "boolean", "default": True},
        "count": {"type": "number", "default": 3},
        "size": {"type": "choice", "options": ["s", "l"], "default": "s"},
    }
    given: dict[str, Value] = {"unit": "a/b", "backup": "false"}
    assert read_inputs(declared, given, typed=False) == {
        "unit": "a/b",
        "backup": False,
        "count": 3,
        "size": "s",
    }
    for wrong in (
        {},
        {"unit": "a", "other": 1},
        {"unit": "a", "size": "m"},
        {"unit": "a", "count": "x"},
    ):
        with pytest.raises(ValueError):
            read_inputs(declared, wrong, typed=False)


def test_a_matrix_is_expanded_with_include_and_exclude_as_documented() -> None:
    # The example of "Expanding or adding matrix configurations".
    found = matrix.expand(
        {
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                {"color": "green"},
                {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        }
    )
    assert found == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    excluded = matrix.expand(
        {"os": ["mac", "win"], "v": [1, 2], "exclude": [{"os": "mac", "v": 1}, {"os": "win"}]}
    )
    assert excluded == [{"os": "mac", "v": 2}]


@pytest.mark.parametrize(
    "bad", [{}, {"a": []}, {"include": []}, {"a": "x"}, {"a": list(range(257))}]
)
def test_a_matrix_without_jobs_or_with_too_many_is_an_error(bad: dict[str, Any]) -> None:
    with pytest.raises(WorkflowError):
        matrix.expand(bad)


def test_permissions_come_from_job_then_workflow_then_caller_and_can_only_shrink() -> None:
    assert permissions.for_job(None, {}, None, "x") == {}
    assert permissions.for_job({"issues": "write"}, {}, None, "x") == {"issues": "write"}
    assert permissions.for_job(None, None, None, "x") == {"contents": "read", "packages": "read"}
    assert permissions.for_job(None, None, {"checks": "read"}, "x") == {"checks": "read"}
    assert permissions.for_job({"id-token": "write"}, None, {"id-token": "write"}, "x")
    with pytest.raises(WorkflowError, match="requesting 'contents: write', but is only allowed"):
        permissions.for_job({"contents": "write"}, {}, {"contents": "read"}, "x")
    assert permissions.for_job("read-all", None, None, "x")["issues"] == "read"
    assert permissions.reduced_for_fork({"contents": "write", "id-token": "write"}) == {
        "contents": "read"
    }
    with pytest.raises(WorkflowError):
        permissions.read({"nonsense": "read"})


@pytest.mark.parametrize(
    "text",
    [
        "on: push\n",
        "on: push\njobs: {a: {needs: b, runs-on: x, steps: [{run: x}]}}",
        "on: push\njobs: {a: {needs: a, runs-on: x, steps: [{run: x}]}}",
        "on: push\njobs: {a: {uses: ./.github/workflows/b.yml, runs-on: x}}",
        "on: push\njobs: {a: {runs-on: x}}",
        "on: [push\n",
    ],
)
def test_a_workflow_file_github_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(WorkflowError):
        load("w.yml", text.encode())


def test_words_like_on_and_yes_stay_words() -> None:
    spec = load("w.yml", f"on: push\nenv: {{a: yes, b: off, c: true}}\n{JOB}".encode())
    assert spec.raw["env"] == {"a": "yes", "b": "off", "c": True}
