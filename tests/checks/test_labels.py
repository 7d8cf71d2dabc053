"""Who set the label, when, and whether that person owns the files that judge."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.adapters.github_rest import Rest
from pipeline.domain.policy import Permission
from pipeline.usecases.labels import code_owners, permission

HEAD, OLD = "a" * 40, "b" * 40
BEGIN = datetime(2026, 12, 1, tzinfo=UTC)


class Hub:
    """Answers of GitHub: events of the label, moves of the branch, a team, who may write."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = tmp_path
        self.events: list[dict[str, Any]] = []
        self.moves = [self.move(0, OLD), self.move(10, HEAD)]
        self.team: list[str] | None = ["dora"]
        self.codeowners = "* @bob @org/team\n"
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        monkeypatch.setattr(Rest, "_client", client)

    def move(self, second: int, after: str) -> dict[str, Any]:
        return {
            "timestamp": (BEGIN + timedelta(seconds=second)).isoformat(), "after": after,
            "before": "0" * 40, "activity_type": "push", "actor": {"login": "alice"},
        }  # fmt: skip

    def label(self, who: str, second: int, event: str = "labeled") -> None:
        at = (BEGIN + timedelta(seconds=second)).isoformat()
        self.events.append({"event": event, "label": {"name": "allow-destroy"},
                            "actor": {"login": who}, "created_at": at})  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/events"):
            return httpx.Response(200, json=self.events)
        if path.endswith("/activity"):
            assert request.url.params["ref"] == "refs/heads/topic"
            return httpx.Response(200, json=self.moves[::-1])
        if path == "/orgs/org/teams/team/members":
            if self.team is None:
                return httpx.Response(403, json={"message": "Resource not accessible"})
            return httpx.Response(200, json=[{"login": login} for login in self.team])
        role = "write" if "/collaborators/zoe/" not in path else "triage"
        return httpx.Response(200, json={"permission": role})

    def environ(self, *labels: str, fork: bool = False, token: str = "t") -> dict[str, str]:  # noqa: S107
        pull = {
            "number": 7, "labels": [{"name": name} for name in labels],
            "head": {"sha": HEAD, "ref": "topic",
                     "repo": {"full_name": "x/r" if fork else "o/r"}},
            "base": {"repo": {"full_name": "o/r"}},
        }  # fmt: skip
        file = self.folder / "event.json"
        file.write_text(json.dumps({"pull_request": pull}))
        return {"GITHUB_EVENT_PATH": str(file), "GITHUB_TOKEN": token}

    def asked(self, **more: Any) -> Permission:
        (self.folder / ".github").mkdir(exist_ok=True)
        (self.folder / ".github/CODEOWNERS").write_text(self.codeowners)
        return permission(self.environ("allow-destroy", **more), self.folder, "o/r")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    return Hub(tmp_path, monkeypatch)


def test_without_an_event_or_without_the_label_nothing_is_allowed(hub: Hub) -> None:
    assert permission({}, hub.folder, "o/r") == Permission()
    assert not permission(hub.environ("other"), hub.folder, "o/r").granted


def test_an_owner_of_what_judges_may_set_it_for_this_head(hub: Hub) -> None:
    hub.label("Bob", 20)
    found = hub.asked()
    assert (found.granted, found.by, found.excuse) == (True, "Bob", "label allow-destroy by Bob")


def test_a_team_counts_by_its_members(hub: Hub) -> None:
    hub.label("dora", 20)
    assert hub.asked().granted
    hub.team = []
    assert not hub.asked().granted


def test_a_team_that_cannot_be_read_allows_nothing_and_is_named(hub: Hub) -> None:
    hub.label("dora", 20)
    hub.team = None
    found = hub.asked()
    assert not found.granted
    assert "may not read the members of org/team" in found.refused


def test_the_last_one_who_set_it_decides(hub: Hub) -> None:
    hub.label("bob", 20)
    hub.label("bob", 21, "unlabeled")
    assert not hub.asked().granted
    hub.label("alice", 22)
    found = hub.asked()
    assert (found.granted, found.by) == (False, "alice")
    assert "alice, whom CODEOWNERS gives neither pipeline/" in found.refused


def test_set_for_an_older_head_it_does_not_count(hub: Hub) -> None:
    hub.label("bob", 9)
    found = hub.asked()
    assert not found.granted
    assert "was set before aaaaaaaaaa was pushed" in found.refused


def test_set_for_a_head_that_came_back_it_has_to_be_set_again(hub: Hub) -> None:
    hub.label("bob", 20)
    hub.moves += [hub.move(30, OLD), hub.move(40, HEAD)]
    assert not hub.asked().granted


def test_where_github_does_not_say_when_the_head_came_it_does_not_count(hub: Hub) -> None:
    hub.label("bob", 20)
    assert not hub.asked(fork=True).granted
    hub.moves.pop()
    assert "does not say when" in hub.asked().refused


def test_who_owns_something_else_may_not_set_it(hub: Hub) -> None:
    hub.codeowners = "/docs/ @eve\n/terraform/ @bob\n"
    for who in ("eve", "bob"):
        hub.label(who, 20)
        assert not hub.asked().granted


def test_who_may_not_write_may_not_set_it(hub: Hub) -> None:
    hub.codeowners = "* @zoe\n"
    hub.label("zoe", 20)
    assert hub.asked().refused == "zoe may not write here."


def test_without_a_token_to_ask_with_it_does_not_count(hub: Hub) -> None:
    hub.label("bob", 20)
    found = hub.asked(token="")
    assert not found.granted
    assert "GITHUB_TOKEN" in found.refused


def test_everybody_whom_codeowners_names(hub: Hub) -> None:
    hub.codeowners = "# all\n* @bob @org/team # note @carol\n/docs/ @Eve eve@example.com\n"
    hub.asked()
    assert code_owners(hub.folder) == {"bob", "org/team", "eve"}
