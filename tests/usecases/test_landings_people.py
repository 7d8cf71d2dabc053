"""Whose approval counts: not that of whoever made it, nor of an app, nor of who may not write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.forge import BOT, Forge, Request
from tests.usecases.landed import README, A, B, X, at, only, since


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


# -- who counts as an approver -----------------------------------------------------------------


def rejected(forge: Forge, request: Request) -> str:
    forge.approve("bob", request)
    forge.merge(request)
    landing = only(forge)
    assert not landing.reviewed
    return landing.missing


def test_the_author_is_no_approver(forge: Forge) -> None:
    assert "bob opened it" in rejected(forge, forge.propose("bob", {at("a"): A}))


def test_a_commits_author_is_no_approver(forge: Forge) -> None:
    request = forge.propose("alice", {README: "a\n"})
    commit = forge.add("bob", request, {at("a"): A}, pushed_by="alice")
    assert f"bob wrote its commit {commit[:10]}" in rejected(forge, request)


def test_a_commits_committer_is_no_approver(forge: Forge) -> None:
    request = forge.propose("alice", {README: "a\n"})
    commit = forge.add("alice", request, {at("a"): A}, by="bob")
    assert f"bob committed {commit[:10]}" in rejected(forge, request)


def test_who_pushed_under_anothers_name_is_no_approver(forge: Forge) -> None:
    request = forge.propose("alice", {README: "a\n"})
    commit = forge.add("alice", request, {at("a"): A}, pushed_by="bob")
    assert f"bob pushed {commit[:10]} to it" in rejected(forge, request)


def test_who_pushed_before_the_opening_and_hid_it_is_no_approver(forge: Forge) -> None:
    forge.change("alice", {at("a"): A}, on="topic")
    forge.push("bob", "topic")
    for number in range(120):
        forge.change("alice", {README: f"{number}\n"}, on="pads")
        head = forge.git("rev-parse", "topic")
        forge.activity.append({**forge.activity[-1], "before": head, "after": "1" * 40,
                               "timestamp": forge.now()})  # fmt: skip
    request = forge.propose("alice")
    assert "bob" in rejected(forge, request)


def test_who_moved_the_branch_by_force_is_no_approver(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.add("alice", request, {at("b"): B})
    forge.git("reset", "-q", "--hard", "HEAD^")
    forge.push("bob", "topic", "force_push")
    assert "bob pushed" in rejected(forge, request)


def test_who_may_not_write_is_no_approver(forge: Forge) -> None:
    forge.writers.remove("bob")
    assert "bob may not write here" in rejected(forge, forge.propose("alice", {at("a"): A}))


def test_somebody_whom_github_does_not_name_makes_all_approvals_void(forge: Forge) -> None:
    request = forge.propose("alice", {README: "a\n"})
    forge.add("alice", request, {at("a"): A})
    forge.activity[-1]["actor"] = None
    assert "GitHub does not say who pushed" in rejected(forge, request)


def test_two_approvals_are_two_people(tmp_path: Path) -> None:
    forge = Forge(tmp_path, {"approvals": 2})
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.approve("bob", request)
    forge.merge(request)
    assert "needs the approval of 2 people" in only(forge).missing
    forge.approve("carol", request)
    assert only(forge).approvers == ("bob", "carol")


def test_an_accepted_suggestion_needs_no_second_reviewer(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.write({at("a"): B})
    forge.commit("alice", "Apply suggestion\n\nCo-authored-by: bob <bob@people>", by="web-flow")
    forge.push("alice", "topic")
    forge.approve("bob", request)
    forge.merge(request)
    assert only(forge).approvers == ("bob",)


# -- apps, and a person alone -------------------------------------------------------------------


def test_a_bots_pull_request_needs_two_people(forge: Forge) -> None:
    request = forge.propose("renovate[bot]", {at("a"): A})
    forge.approve("bob", request)
    forge.merge(request)
    assert "2 people, for renovate[bot] had a hand in it" in only(forge).missing
    forge.approve("carol", request)
    assert only(forge).reviewed


def test_a_bot_that_pushes_to_a_persons_pull_request_counts_as_well(forge: Forge) -> None:
    request = forge.propose("alice", {README: "a\n"})
    forge.add(BOT, request, {at("a"): A})
    assert "2 people" in rejected(forge, request)


@pytest.mark.parametrize("name", ["renovate[bot]", "Renovate"])
def test_an_app_that_the_project_names_counts_as_an_author(tmp_path: Path, name: str) -> None:
    forge = Forge(tmp_path, {"bots": [name]})
    request = forge.propose("renovate[bot]", {at("a"): A})
    forge.approve("bob", request)
    forge.merge(request)
    assert only(forge).approvers == ("bob",)


@pytest.mark.parametrize(
    ("author", "branch", "slipped", "held", "reviewed"),
    [
        (BOT, "revert/web--dev-1", {}, True, True),
        (BOT, "revert/web--dev-1", {}, False, False),
        (BOT, "revert/web--dev-1", {at("x"): X}, True, False),
        (BOT, "topic", {}, True, False),
        ("other[bot]", "revert/web--dev-1", {}, True, False),
    ],
)
def test_the_pipelines_own_revert_of_what_is_held_needs_one_person(
    forge: Forge, author: str, branch: str, slipped: dict[str, str], held: bool, reviewed: bool
) -> None:
    first = forge.propose("alice", {at("a"): A}, branch="one")
    forge.approve("bob", first)
    forge.merge(first)
    forge.past("admin", {README: "between\n"})
    second = forge.propose("alice", {at("b"): B}, branch="two")
    forge.approve("bob", second)
    bad = forge.merge(second)
    forge.git("checkout", "-q", "-b", branch, "main")
    for commit in (bad, first.merge_commit):
        forge.git("revert", "--no-edit", commit, who=author)
    forge.write(slipped)
    forge.commit(author, "Revert")
    request = forge.propose(author, branch=branch)
    forge.approve("carol", request)
    forge.merge(request, "squash")
    *_, landing = since(forge, held=[bad] if held else [])
    assert landing.reviewed is reviewed, landing.missing


def test_a_person_alone_reviews_by_merging_and_the_landing_says_so(tmp_path: Path) -> None:
    forge = Forge(tmp_path, {"self": True})
    request = forge.propose("alice", {at("a"): A})
    forge.merge(request, "squash", "alice")
    landing = only(forge)
    assert (landing.reviewed, landing.self_reviewed, landing.approvers) == (True, True, ())
    assert landing.approved_at


def test_a_person_alone_is_not_self_reviewed_where_somebody_else_approved(tmp_path: Path) -> None:
    forge = Forge(tmp_path, {"self": True})
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.merge(request, "squash", "alice")
    assert (only(forge).self_reviewed, only(forge).approvers) == (False, ("bob",))


def test_alone_neither_a_push_past_nor_an_edit_of_the_merge_is_reviewed(tmp_path: Path) -> None:
    forge = Forge(tmp_path, {"self": True})
    forge.past("alice", {at("x"): X})
    request = forge.propose("alice", {at("a"): A})
    forge.merge(request, "squash", "alice", extra={at("a"): B})
    other = forge.propose("app[bot]", {at("b"): B}, branch="app")
    forge.merge(other, "squash", "app[bot]")
    assert [item.reviewed for item in since(forge)] == [False, False, False]


# -- who may stand for somebody else -----------------------------------------------------------


def test_a_push_to_a_forks_branch_is_nobodys_word_so_two_people_approve_it(forge: Forge) -> None:
    request = forge.propose("stranger", {"pipeline/judge.py": "fair = False\n"}, fork=True)
    forge.approve("carol", request)
    forge.merge(request)
    assert (
        "2 people, for nobody can tell who pushed to its fork: carol alone" in only(forge).missing
    )
    forge.approve("bob", request)
    assert only(forge).reviewed


def test_an_old_pull_request_is_asked_about_however_many_came_after_it(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A}, branch="old")
    forge.add("alice", request, {at("a"): X}, pushed_by="carol")
    forge.approve("carol", request)
    forge.merge(request)
    for number in range(21):
        later = forge.propose("alice", {at(f"p{number}"): f"# {number}\n"}, branch=f"p{number}")
        forge.approve("bob", later)
        forge.merge(later)
    first, *others = since(forge)
    assert "carol pushed" in first.missing
    assert {item.reviewed for item in others} == {True}


def test_a_branch_that_is_used_again_is_read_back_as_far_as_each_pull_request_needs(
    forge: Forge,
) -> None:
    one = forge.propose("alice", {at("a"): A}, branch="develop")
    forge.approve("bob", one)
    forge.merge(one)
    forge.git("branch", "-D", "develop")
    forge.change("alice", {at("b"): B}, on="develop")
    for _ in range(101):
        forge.push("alice", "develop", "force_push")
    two = forge.propose("alice", branch="develop")
    forge.approve("bob", two)
    forge.merge(two)
    assert [(item.pull, item.missing) for item in since(forge)] == [(1, ""), (2, "")]


def stacked(forge: Forge) -> Request:
    """alice's pull request on carol's, which was approved and merged as one commit."""
    below = forge.propose("carol", {at("a"): A}, branch="below")
    forge.git("checkout", "-q", "-b", "above", "below")
    above = forge.propose("alice", {at("b"): B}, branch="above", base="below")
    forge.approve("bob", below)
    forge.merge(below)
    return above


def test_who_wrote_what_a_pull_request_stands_on_may_approve_what_is_new(forge: Forge) -> None:
    above = stacked(forge)
    forge.retarget(above, "main")
    forge.update("alice", above)
    forge.approve("carol", above)
    forge.merge(above)
    landing = since(forge)[-1]
    assert (landing.pull, landing.missing, landing.approvers) == (above.number, "", ("carol",))


def test_but_not_what_was_taken_back_meanwhile(forge: Forge) -> None:
    above = stacked(forge)
    forge.git("checkout", "-q", "main")
    forge.git("rm", "-q", at("a"))
    forge.commit("admin", "Take it back")
    forge.push("admin", "main")
    forge.retarget(above, "main")
    forge.approve("carol", above)
    forge.merge(above)
    assert "carol wrote its commit" in since(forge)[-1].missing
