"""Which steps of the default branch count, and whether they were reviewed: real git, the adapter
against GitHub's schema in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.forge import Forge
from tests.usecases.landed import README, A, B, X, at, only, since


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


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
