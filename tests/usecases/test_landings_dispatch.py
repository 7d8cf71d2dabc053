"""A second person's dispatch, and what all the questions cost at GitHub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.usecases.landings import dispatched, landings
from tests.usecases.forge import BOT, Forge, Request
from tests.usecases.landed import README, UNIT, A, X, at, since


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


# -- a second person's dispatch -----------------------------------------------------------------


def refused(forge: Forge, run: str, workflow: str = "deploy.yml") -> str:
    site = forge.site()
    found = landings(site, UNIT, forge.first, "HEAD")
    return dispatched(site, run, found, workflow).refused


def test_a_second_persons_dispatch_counts_and_names_that_person(forge: Forge) -> None:
    forge.past("alice", {at("a"): A})
    run = forge.dispatch("bob")
    site = forge.site()
    found = dispatched(site, run, landings(site, UNIT, forge.first, "HEAD"), "deploy.yml")
    assert (found.by, found.url, found.refused) == ("bob", "https://web/runs/1", "")


def test_a_dispatch_counts_for_the_commit_of_its_record_though_main_has_gone_on(
    forge: Forge,
) -> None:
    forge.past("alice", {at("a"): A})
    site = forge.site()
    found = landings(site, UNIT, forge.first, "HEAD")
    forge.past("carol", {README: "on\n"})
    assert dispatched(site, forge.dispatch("bob"), found, "deploy.yml").refused == ""


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_who_made_or_pushed_it_cannot_release_it(forge: Forge, who: str) -> None:
    forge.past("carol", {at("a"): A}, author="alice")
    assert f"{who} had a hand in commit" in refused(forge, forge.dispatch(who))


def test_who_opened_the_pull_request_cannot_release_it(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.merge(request, "squash", "bob")
    assert "alice had a hand in pull request #1" in refused(forge, forge.dispatch("alice"))
    assert refused(forge, forge.dispatch("bob")) == ""


def test_what_nobody_is_known_to_have_pushed_cannot_be_released(forge: Forge) -> None:
    forge.past("alice", {at("a"): A})
    forge.activity.clear()
    assert "Nobody is known to have made commit" in refused(forge, forge.dispatch("bob"))


def test_a_person_alone_releases_the_own_push(tmp_path: Path) -> None:
    forge = Forge(tmp_path, {"self": True})
    forge.past("alice", {at("a"): A})
    assert refused(forge, forge.dispatch("alice")) == ""


def test_a_run_that_github_does_not_know_releases_nothing(forge: Forge) -> None:
    assert refused(forge, "77") == "GitHub knows no run 77."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event": "push"}, "started by push, not by a dispatch"),
        ({"event": "repository_dispatch"}, "not by a dispatch"),
        ({"path": ".github/workflows/other.yml"}, "not of deploy.yml"),
        ({"path": "deploy.yml"}, "not of deploy.yml"),
        ({"head_branch": "topic"}, "one of topic, not of main"),
        ({"head_sha": "1" * 40}, "not of main"),
        ({"run_attempt": 2}, "only the first attempt"),
        ({"actor": None}, "not started by a person"),
        ({"triggering_actor": {"login": "carol", "type": "User"}}, "not started by a person"),
        ({"triggering_actor": None}, "not started by a person"),
    ],
)
def test_a_run_of_another_kind_releases_nothing(
    forge: Forge, changes: dict[str, Any], said: str
) -> None:
    assert said in refused(forge, forge.dispatch("bob", **changes))


def test_neither_an_app_nor_who_may_not_write_releases_anything(forge: Forge) -> None:
    assert "not started by a person" in refused(forge, forge.dispatch(BOT))
    assert refused(forge, forge.dispatch("stranger")) == "stranger may not write here."


def test_each_workflow_has_a_dispatch_of_its_own(forge: Forge) -> None:
    path = ".github/workflows/destroy.yml@refs/heads/main"
    run = forge.dispatch("bob", path=path)
    assert refused(forge, run, "destroy.yml") == ""
    assert "not of deploy.yml" in refused(forge, run)


@pytest.mark.parametrize("bot", [BOT, "helper[bot]"])
def test_who_approved_an_apps_pull_request_is_no_second_person_for_it(
    forge: Forge, bot: str
) -> None:
    request = forge.propose(bot, {at("a"): X})
    forge.approve("carol", request)
    forge.merge(request, who="carol")
    assert "nobody but carol did" in refused(forge, forge.dispatch("carol"))
    assert refused(forge, forge.dispatch("bob")) == ""


def test_what_an_app_pushed_or_nobody_approved_is_released_by_nobody(forge: Forge) -> None:
    forge.past(BOT, {at("a"): X})
    assert "github-actions[bot] pushed it" in refused(forge, forge.dispatch("carol"))
    request = forge.propose("helper[bot]", {at("b"): X})
    forge.merge(request, who="carol")
    assert "revert" in refused(forge, forge.dispatch("carol"))


# -- what it costs -----------------------------------------------------------------------------


def quickly(forge: Forge, count: int, landing: Callable[[int], bool]) -> None:
    """Many commits on main by one ``git fast-import``; some are merged pull requests."""
    stream, tip = [], forge.git("rev-parse", "main")
    marks: list[int] = []
    for number in range(1, count + 1):
        path = at("many") if landing(number) else README
        text = f"# {number}\n"
        stream.append(
            f"commit refs/heads/main\nmark :{number}\n"
            f"author alice <alice@people> {1_700_000_000 + number} +0000\n"
            f"committer web-flow <web-flow@people> {1_700_000_000 + number} +0000\n"
            f"data 1\nc\n" + (f"from {tip}\n" if number == 1 else "")
            + f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
        )  # fmt: skip
        marks += [number] * landing(number)
    out = forge.work / ".git/marks"
    forge.git("fast-import", "--quiet", f"--export-marks={out}", data="".join(stream))
    ids = dict(line[1:].split() for line in out.read_text().splitlines())
    forge.git("push", "-q", str(forge.origin), "main")
    for mark in marks:
        commit, when = ids[str(mark)], forge.tick()
        request = Request(len(forge.requests) + 1, "alice", f"topic-{mark}", "main", when)
        request.merge_commit, request.landed, request.merged = commit, [commit], True
        request.head, request.commits, request.merged_at = commit, [commit], forge.tick()
        forge.requests[request.number] = request
        forge.approve(f"reviewer-{mark}", request)
        forge.writers.add(f"reviewer-{mark}")


def test_a_first_deploy_with_200_landings_of_10000_commits_costs_at_most_50_requests(
    forge: Forge,
) -> None:
    quickly(forge, 10_000, lambda number: number % 50 == 0)
    found = since(forge)
    assert (len(found), {item.reviewed for item in found}) == (200, {True})
    assert len(forge.asked) <= 50


def test_200_pushes_past_review_cost_no_more(forge: Forge) -> None:
    quickly(forge, 2_000, lambda number: number % 10 == 0)
    forge.requests.clear()
    assert not any(item.reviewed for item in since(forge))
    assert len(forge.asked) <= 50
