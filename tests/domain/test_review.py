"""What counts as an approval, and of what: each rule alone, and as properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.proposal import (
    Account,
    Activity,
    Authored,
    BaseChange,
    Proposal,
    Review,
    base_head,
    latest_reviews,
    makers,
)
from pipeline.domain.review import Digests, Facts, Landing, Rules, judge_landing

BEGIN = datetime(2026, 12, 1, tzinfo=UTC)
ALICE, BOB, CAROL = Account("alice"), Account("bob"), Account("carol")
APP = Account("app[bot]", bot=True)
LANDED, OTHER = Digests("unit", "referee"), Digests("other", "referee")


def at(second: int) -> datetime:
    return BEGIN + timedelta(seconds=second)


PULL = Proposal(
    number=1,
    author=ALICE,
    head="h1",
    created=at(10),
    merge_commit="m",
    merged_at=at(90),
    merged_by=CAROL,
    reviews=(Review(BOB, "APPROVED", "h1", at(50)),),
    commits=(Authored("h1", ("base",), ALICE, ALICE),),
    activity=(Activity(ALICE, at(5), "branch_creation", "0", "h1"),),
)


def judge(
    pull: Proposal | None = PULL,
    rules: Rules | None = None,
    *,
    gives: Digests | None = LANDED,
    **facts: object,
) -> Landing:
    given_facts = Facts("m", LANDED, ("b1",), pull, **facts)  # type: ignore[arg-type]
    return judge_landing(given_facts, rules or Rules(), lambda *_: gives)


def test_an_approval_of_exactly_what_landed_is_a_review() -> None:
    landing = judge()
    assert (landing.reviewed, landing.missing, landing.approvers) == (True, "", ("bob",))
    assert (landing.approved_at, landing.before, landing.pull) == (at(50), "b1", 1)


@pytest.mark.parametrize("gives", [OTHER, Digests("unit", "other"), None])
def test_another_tree_other_rules_or_a_conflict_is_none(gives: Digests | None) -> None:
    assert "what landed is not what bob approved at h1" in judge(gives=gives).missing


def test_a_merge_by_another_commit_is_nobodys() -> None:
    for pull in (None, replace(PULL, merge_commit="n"), replace(PULL, merged=False)):
        landing = judge(pull, pushed=(CAROL,))
        assert (landing.pull, landing.reviewed, landing.anonymous) == (None, False, False)
        assert landing.makers == {"carol"}
        assert judge(pull).anonymous


def test_the_time_of_the_review_is_the_latest_that_enough_people_stand_for() -> None:
    more = (*PULL.reviews, Review(CAROL, "APPROVED", "h1", at(60)))
    pull = replace(PULL, reviews=more)
    assert judge(pull).approved_at == at(60)
    assert judge(pull, Rules(approvals=2)).approved_at == at(50)


def test_an_app_never_approves() -> None:
    pull = replace(PULL, reviews=(Review(APP, "APPROVED", "h1", at(50)),))
    assert "app[bot] is no person" in judge(pull).missing


def test_who_only_committed_it_is_no_approver() -> None:
    pull = replace(PULL, commits=(Authored("h1", ("base",), ALICE, BOB),))
    assert "bob committed h1" in judge(pull).missing


def test_who_moved_the_head_by_force_to_where_it_was_before_is_no_approver() -> None:
    moves = (*(PULL.activity or ()), Activity(BOB, at(30), "force_push", "h1", "h1"))
    assert "bob pushed h1" in judge(replace(PULL, activity=moves)).missing


@pytest.mark.parametrize(
    ("states", "reviewed"),
    [
        (["APPROVED", "DISMISSED"], False),
        (["APPROVED", "CHANGES_REQUESTED"], False),
        (["APPROVED", "COMMENTED"], True),
        (["CHANGES_REQUESTED", "APPROVED", "PENDING"], True),
        (["COMMENTED"], False),
    ],
)
def test_the_last_yes_or_no_of_a_person_counts(states: list[str], reviewed: bool) -> None:
    rows = tuple(Review(BOB, state, "h1", at(50 + n)) for n, state in enumerate(states))
    assert judge(replace(PULL, reviews=rows)).reviewed is reviewed


def test_a_commit_that_no_push_explains_makes_approvals_void() -> None:
    moves = (Activity(ALICE, at(5), "branch_creation", "0", "gone"),)
    pull = replace(PULL, activity=moves)
    assert "GitHub does not say who pushed commit h1" in judge(pull).missing


def test_an_old_login_in_other_letters_is_the_same_person() -> None:
    pull = replace(PULL, author=Account("BOB"))
    assert "bob opened it" in judge(pull).missing


def test_where_github_kept_no_moves_authors_and_committers_are_what_is_known() -> None:
    pull = replace(PULL, activity=None, commits=(Authored("h1", ("base",)),))
    assert judge(pull).reviewed
    assert not judge(replace(pull, commits=(Authored("h1", ("base",), BOB),))).reviewed


def test_a_commit_that_github_does_not_list_makes_approvals_void() -> None:
    pull = replace(PULL, activity=None, commits=(Authored("h1", ("base",), listed=False),))
    assert "GitHub does not say who pushed commit h1" in judge(pull).missing


def test_a_clean_merge_of_the_base_is_nobodys_work() -> None:
    merge = Authored("h2", ("h1", "main1"), BOB, Account("web-flow"), clean=True)
    moves = (*(PULL.activity or ()), Activity(BOB, at(20), "push", "h1", "h2"))
    pull = replace(PULL, head="h2", commits=(*PULL.commits, merge), activity=moves)
    assert judge(pull).reviewed
    unclean = replace(pull, commits=(*PULL.commits, replace(merge, clean=False)))
    assert "bob" in judge(unclean).missing
    forced = replace(pull, activity=(*moves, Activity(BOB, at(30), "force_push", "h9", "h2")))
    assert "bob pushed h2 to it" in judge(forced).missing


def test_what_was_pushed_and_replaced_while_it_was_open_counts_as_well() -> None:
    moves = (
        Activity(BOB, at(20), "push", "h1", "gone"),
        Activity(ALICE, at(30), "force_push", "gone", "h1"),
    )
    pull = replace(PULL, activity=(*(PULL.activity or ()), *moves))
    assert "bob pushed gone to it" in judge(pull).missing


def test_moves_of_the_same_branch_before_and_after_are_another_requests() -> None:
    moves = (
        Activity(BOB, at(1), "push", "0", "long ago"),
        Activity(BOB, at(95), "push", "h1", "next"),
    )
    assert judge(replace(PULL, activity=(*(PULL.activity or ()), *moves))).reviewed


def test_a_before_that_is_not_the_nearest_needs_a_head_without_what_is_between() -> None:
    facts = Facts("m", LANDED, ("b1", "b2"), PULL)

    def gives(before: str, head: str, base: str | None) -> Digests:
        return LANDED

    alike = judge_landing(facts, Rules(), gives, lambda one, other: frozenset({"fork"}))
    assert alike.before == "b2"
    contained = judge_landing(facts, Rules(), gives, lambda one, other: frozenset({one}))
    assert contained.before == "b1"
    assert judge_landing(facts, Rules(), gives).before == "b1"


# -- another base ------------------------------------------------------------------------------

MOVES = (
    Activity(ALICE, at(2), "branch_creation", "0", "old"),
    Activity(ALICE, at(8), "push", "old", "base1"),
    Activity(ALICE, at(70), "push", "base1", "base2"),
)
CHANGE = BaseChange(at(60), "stack", MOVES)


def with_base(change: BaseChange, base: str = "main") -> Landing:
    pull = replace(PULL, base_changes=(change,), base_ref=base)
    facts = Facts("m", LANDED, ("b1",), pull)
    seen: list[str | None] = []

    def merge(before: str, head: str, base: str | None) -> Digests:
        seen.append(base)
        return LANDED if base == "base1" else OTHER

    return judge_landing(facts, Rules(), merge, lambda one, other: frozenset({one}))


def test_an_approval_before_the_base_changed_is_held_to_what_that_base_showed() -> None:
    assert with_base(CHANGE).reviewed
    assert not with_base(replace(CHANGE, at=at(40))).reviewed  # approved after it: git's own base


def test_a_base_of_which_github_tells_nothing_shows_nothing() -> None:
    assert "nobody can tell what that showed" in with_base(replace(CHANGE, activity=())).missing


@pytest.mark.parametrize("kind", ["force_push", "branch_creation", "branch_deletion"])
def test_a_base_that_did_not_only_grow_while_it_was_looked_at_shows_nothing(kind: str) -> None:
    moved = Activity(ALICE, at(20), kind, "base1", "base1")
    assert not with_base(replace(CHANGE, activity=(*MOVES, moved))).reviewed
    later = Activity(ALICE, at(55), kind, "base1", "base1")
    assert with_base(replace(CHANGE, activity=(*MOVES, later))).reviewed


def test_where_the_base_stood_is_told_by_the_moves_up_to_the_approval() -> None:
    assert base_head(CHANGE, at(10), at(50)) == "base1"
    assert base_head(CHANGE, at(10), at(80)) == "base2"
    assert base_head(CHANGE, at(10), at(1)) is None


def test_what_the_other_base_contains_was_not_shown_so_its_makers_may_approve() -> None:
    commits = (
        Authored("base1", ("old",), BOB, BOB),
        Authored("h1", ("base1",), ALICE, ALICE),
    )
    moves = (Activity(ALICE, at(5), "branch_creation", "0", "h1"),)
    pull = replace(PULL, commits=commits, activity=moves)
    assert makers(pull).did(BOB)
    assert not makers(pull, "base1").did(BOB)


# -- properties --------------------------------------------------------------------------------

PEOPLE = [ALICE, BOB, CAROL, APP, Account("dora")]
accounts = st.sampled_from(PEOPLE)
states = st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "DISMISSED", "COMMENTED", "PENDING"])
seconds = st.integers(0, 100)
reviews = st.lists(
    st.builds(Review, accounts, states, st.sampled_from(["h1", "h2"]), seconds.map(at),
              st.booleans()),
    max_size=6,
)  # fmt: skip
commits = st.lists(
    st.builds(
        Authored, st.sampled_from(["h1", "h2", "h3"]), st.just(("base",)),
        st.none() | accounts, st.none() | accounts, st.booleans(), st.booleans(),
    ),
    max_size=3, unique_by=lambda commit: commit.id,
)  # fmt: skip
moves = st.lists(
    st.builds(
        Activity, st.none() | accounts, seconds.map(at),
        st.sampled_from(["push", "force_push", "branch_creation", "branch_deletion", "pr_merge"]),
        st.sampled_from(["0", "h1", "h2"]), st.sampled_from(["h1", "h2", "h3", "gone"]),
    ),
    max_size=4,
)  # fmt: skip
pulls = st.builds(
    lambda author, rows, own, moved, fork: replace(
        PULL,
        author=author,
        reviews=tuple(rows),
        commits=tuple(own),
        activity=None if moved is None else tuple(moved),
        fork=fork,
    ),
    st.none() | accounts,
    reviews,
    commits,
    st.none() | moves,
    st.booleans(),
)
rules = st.builds(Rules, st.integers(1, 3), st.just(False), st.sampled_from([(), ("app",)]))


@given(pulls, rules)
def test_enough_people_who_made_nothing_of_it_stand_behind_each_review(
    pull: Proposal, asked: Rules
) -> None:
    landing = judge(pull, asked)
    if not landing.reviewed:
        assert landing.missing.endswith(".")
        return
    assert landing.missing == ""
    assert len(set(landing.approvers)) == len(landing.approvers) >= asked.approvals
    for name in landing.approvers:
        said = [r for r in pull.reviews if r.by.login == name and r.state not in
                ("COMMENTED", "PENDING")]  # fmt: skip
        last = sorted(said, key=lambda review: review.at)[-1]  # GitHub lists them in their order
        assert last.state == "APPROVED"
        assert last.writer
        assert not last.by.bot
        assert pull.author is None or pull.author.login != name
        for commit in pull.commits:
            assert commit.clean or last.by not in (commit.author, commit.committer)
        for move in pull.activity or ():
            if move.by == last.by and move.kind == "force_push":
                assert move.after not in {commit.id for commit in pull.commits}
    apps = {pull.author, *(c.author for c in pull.commits if not c.clean)} & {APP}
    if apps and not asked.bots:
        assert len(landing.approvers) >= 2


@given(pulls, rules)
def test_nothing_but_what_was_approved_is_ever_reviewed(pull: Proposal, asked: Rules) -> None:
    assert not judge(pull, asked, gives=OTHER).reviewed
    assert not judge(pull, replace(asked, alone=True), gives=OTHER).reviewed


@given(pulls, rules, accounts)
def test_one_commit_more_of_an_approver_takes_that_approval_away(
    pull: Proposal, asked: Rules, who: Account
) -> None:
    more = Authored("h9", ("h1",), who, who)
    landing = judge(replace(pull, commits=(*pull.commits, more)), asked)
    assert who.login not in landing.approvers


@given(reviews, st.randoms())
def test_only_the_order_of_time_decides_over_reviews(
    given_reviews: list[Review], random: object
) -> None:
    rows = [replace(review, at=at(number)) for number, review in enumerate(given_reviews)]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    wanted = {review.by: review for review in latest_reviews(rows)}
    assert {review.by: review for review in latest_reviews(shuffled)} == wanted


@given(pulls, rules)
def test_taking_an_approval_away_never_makes_a_review(pull: Proposal, asked: Rules) -> None:
    if judge(pull, asked).reviewed:
        return
    for gone in pull.reviews:
        if gone.state == "APPROVED":
            earlier = [r for r in pull.reviews if r.by == gone.by and r is not gone]
            fewer = tuple(r for r in pull.reviews if r is not gone and r not in earlier)
            assert not judge(replace(pull, reviews=fewer), asked).reviewed
