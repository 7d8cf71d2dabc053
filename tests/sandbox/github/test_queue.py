"""The merge queue: groups one on the other, checked, landed or dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .local import Box, git, write

#: A workflow that reports the required check for pull requests and for groups.
CHECK = """\
name: pull request
on: [pull_request, merge_group]
permissions: {}
jobs:
  delivery:
    runs-on: ubuntu-24.04
    steps:
      - env:
          HEAD: ${{ github.event.merge_group.head_ref }}
        run: case "$HEAD" in *pr-*) git --version; test ! -e /nowhere ;; esac
"""


def door(box: Box, **body: Any) -> httpx.Response:
    return httpx.post(f"{box.url}/_sandbox/queue", json=body)


@pytest.fixture(scope="module")
def queued(box: Box) -> Iterator[Box]:
    clone = box.clone("octo-admin")
    write(clone, {".github/workflows/pull-request.yml": CHECK})
    git(clone, "commit", "-qam", "Check groups as well")
    git(clone, "push", "-q", "origin", "main")
    door(box, enabled=True)
    yield box
    door(box, enabled=False)


def ready(box: Box, name: str, files: dict[str, str]) -> int:
    pull = box.propose(name, files)
    box.settled(event="pull_request", head_sha=pull["head"]["sha"])
    box.ask("POST", f"/pulls/{pull['number']}/reviews", "bob", json={"event": "APPROVE"})
    number: int = pull["number"]
    return number


def test_a_branch_with_a_queue_is_merged_by_it_alone_and_says_so(queued: Box) -> None:
    number = ready(queued, "alone", {"docs/alone.txt": "x\n"})
    refused = queued.ask("PUT", f"/pulls/{number}/merge", json={})
    assert (refused.status_code, "merge queue" in refused.json()["message"]) == (405, True)
    (rule,) = queued.ask("GET", "/rules/branches/main").json()
    assert rule["type"] == "merge_queue"
    queued.ask("PATCH", f"/pulls/{number}", json={"state": "closed"})


def test_groups_stand_one_on_the_other_and_land_in_order(queued: Box) -> None:
    first = ready(queued, "first", {"docs/first.txt": "x\n"})
    second = ready(queued, "second", {"docs/second.txt": "x\n"})
    base = queued.hub.head()
    assert door(queued, pull=first, by="alice").status_code == 204
    assert door(queued, pull=second, by="bob").status_code == 204
    runs = queued.settled(event="merge_group")
    assert {run["conclusion"] for run in runs} == {"success"}
    one, two = (queued.ask("GET", f"/pulls/{number}").json() for number in (first, second))
    assert one["merged"]
    assert two["merged"]
    assert queued.hub.head() == two["merge_commit_sha"]
    parents = queued.ask("GET", f"/commits/{two['merge_commit_sha']}").json()["parents"]
    assert parents[0]["sha"] == one["merge_commit_sha"]
    assert (
        queued.ask("GET", f"/commits/{one['merge_commit_sha']}").json()["parents"][0]["sha"] == base
    )
    rows = queued.ask("GET", "/activity?ref=main&activity_type=merge_queue_merge").json()
    assert [row["actor"]["login"] for row in rows] == ["bob", "alice"]
    payload = queued.hub.actions.run(runs[-1]["id"]).payload["merge_group"]
    assert payload["head_ref"] == f"refs/heads/gh-readonly-queue/main/pr-{first}-{base}"
    assert not [ref for ref in queued.hub.state.refs if "gh-readonly-queue" in ref]


def test_what_is_not_approved_or_is_there_already_does_not_enter(queued: Box) -> None:
    pull = queued.propose("early", {"docs/early.txt": "x\n"})
    refused = door(queued, pull=pull["number"], by="alice")
    assert (refused.status_code, "approving review" in refused.text) == (405, True)


def test_a_group_that_fails_leaves_the_queue_and_the_next_is_built_anew(queued: Box) -> None:
    bad = ready(queued, "bad", {".github/workflows/pull-request.yml": CHECK.replace("! -e", "-e")})
    good = ready(queued, "good", {"docs/good.txt": "x\n"})
    door(queued, pull=bad, by="alice")
    door(queued, pull=good, by="alice")
    queued.settled(event="merge_group")
    queued.hub.actions.told(10)
    queued.settled(event="merge_group")
    assert not queued.ask("GET", f"/pulls/{bad}").json()["merged"]
    assert queued.ask("GET", f"/pulls/{good}").json()["merged"]
    events = [event["event"] for event in queued.ask("GET", f"/issues/{bad}/events").json()]
    assert events == ["added_to_merge_queue", "removed_from_merge_queue"]
