"""Who reviewed what landed: real git, the adapter against GitHub's schema in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.model import UnitId
from pipeline.domain.review import Landing
from pipeline.usecases.landings import dispatched, landings
from tests.usecases.forge import BOT, Forge, Request

UNIT = UnitId("web", "dev")
MAIN = "terraform/envs/web/main.tf"
TFVARS = "terraform/envs/web/dev.tfvars"
README = "docs/readme.md"
A = "locals {\n  a = 1\n}\n"
B = "locals {\n  b = 2\n}\n"
X = "locals {\n  evil = true\n}\n"


def at(name: str) -> str:
    return f"terraform/envs/web/{name}.tf"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


def since(forge: Forge, commit: str = "", **more: Any) -> tuple[Landing, ...]:
    site = forge.site()
    return landings(site, UNIT, commit or forge.first, "HEAD", **more)


def only(forge: Forge, **more: Any) -> Landing:
    [landing] = since(forge, **more)
    return landing


# -- which steps count -------------------------------------------------------------------------


def test_only_steps_that_change_the_unit_or_the_referee_are_asked_about(forge: Forge) -> None:
    for number in range(12):
        forge.past(
            "admin", {README: f"{number}\n", "terraform/envs/web/prod.tfvars": f"size = {number}\n"}
        )
    assert since(forge) == ()
    assert forge.asked == []
    forge.past("admin", {"pipeline/judge.py": "fair = False\n"})
    forge.past("admin", {at("a"): A})
    forge.past("admin", {".gitattributes": "*.tf merge=union\n"})
    assert len(since(forge)) == 3


def test_a_step_in_a_module_that_only_a_later_commit_uses_is_found(forge: Forge) -> None:
    module = 'module "late" {\n  source = "../../modules/late"\n}\n'
    forge.past("admin", {at("late"): module, "terraform/modules/late/main.tf": ""})
    second = forge.past("admin", {"terraform/modules/late/main.tf": X})
    forge.past("admin", {at("late"): ""})
    assert second in {landing.commit for landing in since(forge)}


def test_where_the_unit_is_as_it_was_only_the_referee_counts(forge: Forge) -> None:
    forge.past("admin", {at("a"): A})
    judge = forge.past("admin", {"pipeline/judge.py": "fair = False\n"})
    (forge.work / at("a")).unlink()
    forge.past("admin", {})
    assert [item.commit for item in since(forge, announced=False)] == [judge]
    assert len(since(forge)) == 3


def test_after_a_rewritten_history_the_commit_like_the_last_one_takes_its_place(
    forge: Forge,
) -> None:
    last = forge.past("admin", {at("a"): A})
    forge.site()
    forge.git("checkout", "-q", "main")
    forge.git("reset", "-q", "--hard", forge.first)
    forge.past("admin", {README: "rewritten\n"})
    forge.past("admin", {at("a"): A})
    after = forge.past("admin", {at("b"): B})
    assert [item.commit for item in since(forge, last)] == [after]
    assert len(since(forge, "0" * 40)) == len(since(forge, None or "1" * 40)) > 1


# -- reviewed, whichever way it was merged ------------------------------------------------------


@pytest.mark.parametrize("how", ["squash", "merge", "rebase"])
def test_an_approved_pull_request_is_reviewed_however_it_was_merged(forge: Forge, how: str) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.add("alice", request, {at("b"): B})
    forge.past("carol", {README: "meanwhile\n"})
    forge.approve("bob", request)
    merged = forge.merge(request, how, "carol")
    landing = only(forge)
    assert (landing.commit, landing.pull, landing.missing) == (merged, request.number, "")
    assert (landing.reviewed, landing.approvers, landing.author) == (True, ("bob",), "alice")
    assert not landing.self_reviewed
    assert landing.approved_at


@pytest.mark.parametrize("associates", [True, False])
@pytest.mark.parametrize(
    "files",
    [[at("a"), README], [README, at("a")], [at("a"), at("b"), README, README], [at("a")] * 3],
)
def test_a_rebase_of_several_commits_is_one_landing(
    forge: Forge, files: list[str], associates: bool
) -> None:
    forge.associates_all = associates
    request = forge.propose("alice", {files[0]: "# 0\n"})
    for number, path in enumerate(files[1:], 1):
        forge.add("alice", request, {path: f"# {number}\n"})
    forge.approve("bob", request)
    forge.past("carol", {README + ".too": "meanwhile\n"})
    merged = forge.merge(request, "rebase")
    landing = only(forge)
    assert (landing.reviewed, landing.commit, landing.missing) == (True, merged, "")


def test_bringing_the_base_in_after_the_approval_needs_no_second_one(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.past("admin", {README: "new\n"})
    forge.update("bob", request)
    forge.merge(request)
    assert only(forge).approvers == ("bob",)


def test_a_pull_request_on_a_new_main_is_reviewed_beside_anothers(forge: Forge) -> None:
    one = forge.propose("alice", {at("a"): A}, branch="one")
    two = forge.propose("carol", {at("b"): B}, branch="two")
    for request in (one, two):
        forge.approve("bob", request)
    forge.merge(one)
    forge.merge(two, "merge")
    assert [item.reviewed for item in since(forge)] == [True, True]


def test_a_stacked_pull_request_is_reviewed_by_what_its_approver_saw(forge: Forge) -> None:
    one = forge.propose("alice", {at("a"): A}, branch="one")
    forge.git("checkout", "-q", "-b", "two", "one")
    two = forge.propose("alice", {at("b"): B}, branch="two", base="one")
    for request in (one, two):
        forge.approve("bob", request)
    forge.merge(one, "squash")
    forge.retarget(two, "main")
    forge.merge(two, "squash")
    assert [(item.pull, item.missing) for item in since(forge)] == [(1, ""), (2, "")]


# -- not reviewed ------------------------------------------------------------------------------


def test_what_nobody_approved_is_not_reviewed_and_says_so(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.merge(request)
    landing = only(forge)
    assert not landing.reviewed
    assert landing.missing == (
        "Pull request #1 needs the approval of 1 person: nobody approved it."
    )


def test_a_commit_past_any_pull_request_belongs_to_nobody(forge: Forge) -> None:
    pushed = forge.past("carol", {at("a"): A}, author="alice")
    landing = only(forge)
    assert landing.missing == f"Commit {pushed[:10]} came to main past any pull request."
    assert landing.makers == {"alice", "carol"}
    assert not landing.anonymous


def test_whoever_approved_and_then_asked_for_changes_has_not_approved(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.approve("bob", request, "CHANGES_REQUESTED")
    forge.approve("bob", request, "COMMENTED")
    forge.merge(request)
    assert "bob asked for changes" in only(forge).missing


def test_a_dismissed_approval_is_none(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    request.reviews[-1]["state"] = "DISMISSED"
    forge.merge(request)
    assert "the review of bob was dismissed" in only(forge).missing


@pytest.mark.parametrize("how", ["squash", "merge"])
def test_an_edit_made_in_the_merge_is_not_covered(forge: Forge, how: str) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.merge(request, how, "carol", extra={at("a"): X})
    assert "what landed is not what bob approved" in only(forge).missing


def test_a_push_after_the_approval_is_not_covered(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.add("alice", request, {at("b"): X})
    forge.merge(request)
    assert "what landed is not what bob approved" in only(forge).missing


def test_an_edit_slipped_into_the_merge_of_the_base_is_not_covered(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.past("admin", {README: "new\n"})
    forge.update("alice", request, {at("b"): X})
    forge.merge(request)
    assert not only(forge).reviewed


def test_whoever_slips_something_into_a_merge_of_the_base_is_a_maker(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.past("admin", {README: "new\n"})
    forge.update("bob", request, {at("b"): X})
    forge.approve("bob", request)
    forge.merge(request)
    assert "bob" in only(forge).missing


def test_what_was_pushed_to_main_is_not_reviewed_by_an_approval_of_what_brought_it_in(
    forge: Forge,
) -> None:
    """Main's commit is in the approved head, so no reviewer was shown it."""
    evil = forge.past("carol", {at("x"): X})
    request = forge.propose("alice", {README: "one\n"})
    forge.add("alice", request, {at("a"): A})
    forge.approve("bob", request)
    merged = forge.merge(request, "squash")
    found = {item.commit: item.reviewed for item in since(forge)}
    assert found == {evil: False, merged: True}


def test_the_same_by_a_branch_that_was_merged_past_review(forge: Forge) -> None:
    forge.change("carol", {at("x"): X}, on="evil")
    forge.git("checkout", "-q", "main")
    forge.git("merge", "-q", "--no-ff", "evil", who="carol")
    evil = forge.push("carol", "main")
    forge.git("checkout", "-q", "-b", "topic", "evil")
    request = forge.propose("alice", {README: "one\n"})
    forge.add("alice", request, {at("a"): A})
    forge.approve("bob", request)
    merged = forge.merge(request, "squash")
    found = {item.commit: item.reviewed for item in since(forge)}
    assert found == {evil: False, merged: True}


def test_a_commit_pushed_beside_a_rebase_stays_nobodys(forge: Forge) -> None:
    evil = forge.past("carol", {at("x"): X})
    request = forge.propose("alice", {at("a"): A})
    forge.add("alice", request, {at("b"): B})
    forge.add("alice", request, {README: "three\n"})
    forge.approve("bob", request)
    merged = forge.merge(request, "rebase")
    found = {item.commit: item.reviewed for item in since(forge)}
    assert found == {evil: False, merged: True}


def test_an_unapproved_pull_request_does_not_take_in_who_pushed_before_it(forge: Forge) -> None:
    evil = forge.past("carol", {at("x"): X})
    request = forge.propose("alice", {at("a"): A})
    forge.add("alice", request, {at("b"): B})
    forge.merge(request, "squash")
    first, second = since(forge)
    assert (first.commit, first.pull) == (evil, None)
    assert first.makers == {"carol"}
    assert (second.pull, second.reviewed) == (1, False)


def test_who_pushed_a_part_of_a_pull_request_past_it_is_among_its_makers(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.git("checkout", "-q", "main")
    forge.git("merge", "-q", "--ff-only", "topic")
    pushed = forge.push("carol", "main")
    forge.add("alice", request, {at("b"): B})
    forge.merge(request, "rebase")
    request.landed.append(pushed)  # GitHub: the pull request that brought it
    landing = only(forge)
    assert (landing.pull, landing.reviewed) == (1, False)
    assert landing.makers == {"alice", "carol"}


def test_of_two_pull_requests_of_one_head_the_reviewed_one_counts(forge: Forge) -> None:
    first = forge.propose("alice", {at("a"): A})
    forge.approve("bob", first)
    second = forge.propose("carol", branch="topic")
    forge.merge(first)
    second.merged, second.merged_at = True, first.merged_at
    second.merge_commit, second.landed = first.merge_commit, first.landed
    assert (only(forge).pull, only(forge).reviewed) == (1, True)
    second.number, first.number = first.number, second.number
    forge.requests = {request.number: request for request in forge.requests.values()}
    assert (only(forge).pull, only(forge).reviewed) == (2, True)


def test_an_approval_on_another_base_covers_only_what_that_showed(forge: Forge) -> None:
    """The base was a branch that held the evil commit already, so the difference was a README."""
    forge.change("alice", {at("x"): X}, on="base")
    forge.push("alice", "base")
    forge.git("checkout", "-q", "-b", "topic", "base")
    request = forge.propose("alice", {README: "one\n"}, base="base")
    forge.approve("bob", request)
    forge.retarget(request, "main")
    forge.merge(request)
    assert "what landed is not what bob approved" in only(forge).missing


def test_a_base_moved_by_force_before_the_approval_shows_nobody_knows_what(forge: Forge) -> None:
    forge.change("alice", {README: "base\n"}, on="base")
    forge.push("alice", "base")
    forge.git("checkout", "-q", "-b", "topic", "base")
    request = forge.propose("alice", {at("x"): X}, base="base")
    forge.git("branch", "-qf", "base", "topic")
    forge.push("alice", "base", "force_push")
    forge.add("alice", request, {README: "one\n"})
    forge.approve("bob", request)
    forge.git("branch", "-qf", "base", "main")
    forge.push("alice", "base", "force_push")
    forge.retarget(request, "main")
    forge.merge(request)
    assert "approved it on another base, and nobody can tell" in only(forge).missing


def test_a_merge_into_another_branch_is_none_into_the_default_branch(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    forge.merge(request)
    request.base = "other"
    assert only(forge).missing == "Pull request #1 was merged into other, not main."


def test_attributes_of_the_repository_decide_over_no_merge(forge: Forge) -> None:
    """With merge=union two changes of one line would both be kept, as nobody approved."""
    forge.past("admin", {".gitattributes": "*.tf merge=union\n", at("a"): "# 0\n"})
    start = forge.git("rev-parse", "main")
    request = forge.propose("alice", {at("a"): "# 1\n"})
    forge.past("admin", {at("a"): "# 2\n"})
    forge.approve("bob", request)
    forge.merge(request, "squash")  # git in the forge obeys them
    assert (forge.work / at("a")).read_text().count("#") == 2
    assert [item.reviewed for item in since(forge, start)] == [False, False]


def test_an_approved_commit_that_is_gone_covers_nothing(forge: Forge) -> None:
    request = forge.propose("alice", {at("a"): A})
    forge.approve("bob", request)
    request.reviews[-1]["commit"] = "1" * 40
    forge.merge(request)
    assert "what landed is not what bob approved at 1111111111" in only(forge).missing


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
