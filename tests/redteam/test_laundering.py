"""Nobody's approval is used for what they did not see: each way that was tried, as a story.

The real use cases decide; GitHub, git and Terraform are those of tests/redteam/histories.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain import ledger, review
from pipeline.domain.dispatch import Dispatch
from pipeline.domain.proposal import Account, Review
from pipeline.usecases import basis
from tests.redteam.histories.git_model import unit_of
from tests.redteam.histories.site_model import UNIT
from tests.redteam.histories.world import WRITERS, Pull, World

A, B, C = "aws_thing.a", "aws_thing.b", "aws_thing.c"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Deployed once, empty."""
    made = World(tmp_path)
    assert made.deploy(made.head) == "nothing"
    return made


def propose(w: World, author: str, **values: str) -> Pull:
    """A planned pull request that sets values."""
    tree = {**w.commits.tree(w.head), **{f"aws_thing.{k}": v for k, v in values.items()}}
    head = w.commits.make(tree, (w.head,), author)
    pull = Pull(len(w.pulls) + 1, author, w.head, [head], [(author, head, w.now())], w.clock)
    w.pulls.append(pull)
    w.record(pull, "main", w.head)
    return pull


def say(w: World, pull: Pull, who: str, state: str = "APPROVED") -> None:
    pull.reviews.append(Review(Account(who), state, pull.head, w.now(), writer=who in WRITERS))


def merge(w: World, pull: Pull, **edit: str) -> None:
    tree = w.commits.merged(w.head, pull.head)
    assert tree is not None
    landed = {**tree, **{f"aws_thing.{k}": v for k, v in edit.items()}}
    pull.merge_commit = w.commits.make(landed, (w.head, pull.head), "github")
    pull.merged_at = w.now()
    w.commits.main.append(pull.merge_commit)


def push_past(w: World, who: str, **values: str | None) -> str:
    tree = {**w.commits.tree(w.head), **{f"aws_thing.{k}": v for k, v in values.items()}}
    kept = {name: value for name, value in tree.items() if value is not None}
    name = w.commits.make(kept, (w.head,), who)
    w.commits.main.append(name)
    w.pushed_main[name] = who
    return name


def stands(w: World) -> dict[str, str]:
    return {address: thing.value for address, thing in w.cloud.things.items()}


def test_what_one_person_wrote_and_another_approved_is_applied_without_a_word(
    world: World,
) -> None:
    pull = propose(world, "alice", a="1")
    say(world, pull, "bob")
    merge(world, pull)
    assert world.deploy(world.head) == "applied"
    assert stands(world) == {A: "1"}
    last = ledger.read_chain(world.ledger, UNIT)[-1]
    assert (last.status, last.evidence.approvals) == ("deployed", ("#1 bob",))


def re_run_after_a_push_past_review(w: World) -> None:
    pull = propose(w, "alice", a="1")
    say(w, pull, "bob")
    push_past(w, "alice", b="evil")
    w.record(pull, "main", w.head)  # a label was toggled: the same head is planned again
    merge(w, pull)


def the_same_head_onto_a_base_of_ones_own(w: World) -> None:
    pull = propose(w, "alice", a="1")
    say(w, pull, "bob")
    tree = {**w.commits.tree(w.head), B: "evil"}
    base = w.commits.make(tree, (w.head,), "alice")
    w.record(Pull(9, "alice", base, [pull.head], [], w.now()), "evil", base)
    push_past(w, "alice", b="evil")
    merge(w, pull)


def an_edit_in_the_merge_commit(w: World) -> None:
    pull = propose(w, "alice", a="1")
    say(w, pull, "bob")
    w.record(Pull(1, "alice", w.head, [pull.head], [], w.now()), "main", w.head)
    merge(w, pull, b="evil")


def a_push_after_the_approval(w: World) -> None:
    pull = propose(w, "alice", a="1")
    say(w, pull, "bob")
    head = w.commits.make({**w.commits.tree(pull.head), B: "evil"}, (pull.head,), "alice")
    pull.heads.append(head)
    pull.pushers.append(("alice", head, w.now()))
    w.record(pull, "main", w.head)
    merge(w, pull)


def an_approval_that_was_taken_back(w: World) -> None:
    pull = propose(w, "alice", b="evil")
    say(w, pull, "bob")
    say(w, pull, "bob", "CHANGES_REQUESTED")
    merge(w, pull)


def a_dismissed_approval(w: World) -> None:
    pull = propose(w, "alice", b="evil")
    say(w, pull, "bob")
    say(w, pull, "bob", "DISMISSED")
    merge(w, pull)


def the_authors_own_approval(w: World) -> None:
    pull = propose(w, "alice", b="evil")
    say(w, pull, "alice")
    merge(w, pull)


def an_approval_by_somebody_who_may_not_write(w: World) -> None:
    pull = propose(w, "alice", b="evil")
    say(w, pull, "mallory")
    merge(w, pull)


def an_approval_by_who_pushed_to_it(w: World) -> None:
    pull = propose(w, "alice", a="1")
    head = w.commits.make({**w.commits.tree(pull.head), B: "evil"}, (pull.head,), "alice")
    pull.heads.append(head)
    pull.pushers.append(("bob", head, w.now()))  # bob pushed it under alice's name
    w.record(pull, "main", w.head)
    say(w, pull, "bob")
    merge(w, pull)


def a_push_past_review(w: World) -> None:
    push_past(w, "alice", b="evil")


def a_push_past_review_that_a_later_plan_holds(w: World) -> None:
    push_past(w, "alice", b="evil")
    pull = propose(w, "alice", a="1")
    say(w, pull, "bob")  # of a difference that shows a alone
    merge(w, pull)


ATTACKS = (
    a_push_past_review_that_a_later_plan_holds,
    re_run_after_a_push_past_review,
    the_same_head_onto_a_base_of_ones_own,
    an_edit_in_the_merge_commit,
    a_push_after_the_approval,
    an_approval_that_was_taken_back,
    a_dismissed_approval,
    the_authors_own_approval,
    an_approval_by_somebody_who_may_not_write,
    an_approval_by_who_pushed_to_it,
    a_push_past_review,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_it_waits_for_a_review_and_changes_nothing(world: World, attack: object) -> None:
    assert callable(attack)
    attack(world)
    assert world.deploy(world.head) == "uncovered"
    assert stands(world) == {}
    # another person's word for exactly this lets it through, and nobody has to give it twice
    assert world.deploy(world.head, reviewed=world.waiting, by="dave") == "applied"
    assert stands(world) == unit_of(world.commits.tree(world.head))
    assert world.deploy(world.head) == "nothing"


@pytest.mark.parametrize("who", ["alice", "mallory"])
def test_who_made_it_or_may_not_write_cannot_dispatch_its_review(world: World, who: str) -> None:
    a_push_past_review(world)
    assert world.deploy(world.head) == "uncovered"
    assert world.deploy(world.head, reviewed=world.waiting, by=who) == "not-covered"
    assert stands(world) == {}


def test_the_review_of_one_commit_is_none_of_the_next(world: World) -> None:
    push_past(world, "alice", b="1")
    assert world.deploy(world.head) == "uncovered"
    first = world.waiting
    push_past(world, "alice", b="evil")
    assert world.deploy(world.head, reviewed=first, by="dave") == "usage"
    assert stands(world) == {}


def test_an_approval_ends_when_what_it_showed_was_taken_back(world: World) -> None:
    """Merged and approved, reverted before it was deployed, then pushed past review again."""
    first = propose(world, "alice", b="evil")
    say(world, first, "bob")
    merge(world, first)
    back = world.commits.make({**world.commits.tree(world.head)}, (world.head,), "carol")
    tree = {k: v for k, v in world.commits.tree(back).items() if k != B}
    head = world.commits.make(tree, (world.head,), "carol")
    revert = Pull(2, "carol", world.head, [head], [("carol", head, world.now())], world.clock)
    world.pulls.append(revert)
    world.record(revert, "main", world.head)
    say(world, revert, "bob")
    merge(world, revert)
    push_past(world, "alice", b="evil")
    assert world.deploy(world.head) == "uncovered"
    assert stands(world) == {}


def test_a_half_failed_apply_stays_pending_through_a_revert_until_it_is_gone(world: World) -> None:
    pull = propose(world, "alice", a="1", b="1", c="1")
    say(world, pull, "bob")
    merge(world, pull)
    assert world.deploy(world.head, stop=2) == "terraform"
    assert len(stands(world)) == 2
    empty = {k: v for k, v in world.commits.tree(world.head).items() if k not in (A, B, C)}
    head = world.commits.make(empty, (world.head,), "carol")
    revert = Pull(2, "carol", world.head, [head], [("carol", head, world.now())], world.clock)
    world.pulls.append(revert)
    say(world, revert, "bob")
    merge(world, revert)
    own = world.site(world.head).estate.digest(UNIT)
    assert ledger.pending(ledger.read_chain(world.ledger, UNIT)[-1], own)
    # planned while nothing stood: what the reviewed apply made may go without another review
    world.cloud.things, kept = {}, world.cloud.things
    world.record(revert, "main", world.commits.before(revert.merge_commit))
    world.cloud.things = kept
    assert world.deploy(world.head) == "applied"
    assert stands(world) == {}


@pytest.mark.parametrize("kill_after", [0, 1, 2])
def test_a_killed_apply_goes_on_where_it_was_without_another_review(
    world: World, kill_after: int
) -> None:
    pull = propose(world, "alice", a="1", b="1", c="fixed-1")
    say(world, pull, "bob")
    merge(world, pull)
    assert world.deploy(world.head, stop=kill_after, kill=True) == "killed"
    assert world.deploy(world.head) in ("applied", "nothing")
    assert stands(world) == unit_of(world.commits.tree(world.head))


def test_two_pull_requests_in_a_row_need_no_second_review(world: World) -> None:
    """The second is brought up to date before the first is deployed."""
    one = propose(world, "alice", a="1")
    say(world, one, "bob")
    merge(world, one)
    two = propose(world, "carol", b="1")
    say(world, two, "bob")
    merge(world, two)
    assert world.deploy(one.merge_commit) == "applied"
    assert world.deploy(world.head) == "applied"
    assert stands(world) == {A: "1", B: "1"}


def test_drift_is_put_right_without_a_review_and_nothing_is_made_or_ended_by_it(
    world: World,
) -> None:
    pull = propose(world, "alice", a="1", b="1")
    say(world, pull, "bob")
    merge(world, pull)
    world.deploy(world.head)
    world.cloud.things[A].value = "by hand"
    assert world.deploy(world.head) == "applied"
    assert stands(world)[A] == "1"
    del world.cloud.things[B]
    assert world.deploy(world.head) == "uncovered"


#: rule that is switched off -> the attack that gets through then.
SWITCHED_OFF = {
    "code has to be reviewed": (
        basis.Basis,
        "reviewed",
        property(lambda self: True),
        a_push_past_review_that_a_later_plan_holds,
    ),
    "an approval is of what landed": (
        review,
        "_gives",
        lambda *given: True,
        a_push_after_the_approval,
    ),
    "a maker's approval does not count": (
        review,
        "_approval",
        lambda made, pull, bases: review._Approval(made),
        the_authors_own_approval,
    ),
}


@pytest.mark.parametrize("rule", SWITCHED_OFF)
def test_each_rule_that_is_switched_off_lets_an_attack_through(
    world: World, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, instead, attack = SWITCHED_OFF[rule]
    monkeypatch.setattr(place, name, instead)
    attack(world)
    world.deploy(world.head)
    assert world.violations or stands(world)


def test_without_the_rule_on_dispatches_anybody_could_release_their_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basis, "dispatch_of", lambda site, found: Dispatch("alice", "run"))
    a_push_past_review(world)
    world.deploy(world.head)
    world.deploy(world.head, reviewed=world.waiting, by="alice")
    assert world.violations
