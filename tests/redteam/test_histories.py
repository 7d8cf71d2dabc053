"""Random histories with an adversary: nothing unreviewed is applied, nothing reviewed is lost.

The real use cases decide, over a ledger and records in memory; GitHub, git and Terraform are
modelled. What an honest review showed is kept beside, by rules of its own.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.domain import ledger
from pipeline.domain.proposal import Account, Review
from tests.redteam.histories.git_model import REFEREE, unit_of
from tests.redteam.histories.site_model import UNIT
from tests.redteam.histories.world import ADDRESSES, WRITERS, Pull, World

PEOPLE = st.sampled_from([*WRITERS[:3], "mallory"])
WRITER = st.sampled_from(WRITERS[:3])
ADDRESS = st.sampled_from(ADDRESSES)
VALUE = st.sampled_from(["1", "2", "evil", "fixed-1", "fixed-2", None])


class Histories(RuleBasedStateMachine):
    """dave never makes anything, so that somebody can always review."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory(prefix="history-")
        self.world = World(Path(self.folder.name))

    def pick(self, number: int, merged: bool = False) -> Pull | None:
        found = [p for p in self.world.pulls if bool(p.merge_commit) is merged]
        return found[number % len(found)] if found else None

    def changed(self, commit: str, address: str, value: str | None) -> dict[str, str]:
        tree = dict(self.world.commits.tree(commit))
        tree.pop(address, None)
        return tree if value is None else {**tree, address: value}

    @rule(author=WRITER, address=ADDRESS, value=VALUE, referee=st.booleans())
    def open_pull(self, author: str, address: str, value: str | None, referee: bool) -> None:
        w = self.world
        tree = self.changed(w.head, address, value)
        if referee and address == ADDRESSES[0]:
            tree[REFEREE] = str(len(w.commits.every))
        head = w.commits.make(tree, (w.head,), author)
        pull = Pull(len(w.pulls) + 1, author, w.head, [head], [(author, head, w.now())], w.clock)
        w.pulls.append(pull)
        w.record(pull, "main", w.head)

    @rule(number=st.integers(0, 9), who=WRITER, address=ADDRESS, value=VALUE, force=st.booleans())
    def push(self, number: int, who: str, address: str, value: str | None, force: bool) -> None:
        w, pull = self.world, self.pick(number)
        if pull is None:
            return
        onto = pull.base if force else pull.head
        head = w.commits.make(self.changed(onto, address, value), (onto,), who)
        pull.heads.append(head)
        pull.pushers.append((who, head, w.now()))
        w.record(pull, "main", w.head)

    @rule(number=st.integers(0, 9), who=WRITER)
    def update_branch(self, number: int, who: str) -> None:
        w, pull = self.world, self.pick(number)
        tree = w.commits.merged(pull.head, w.head) if pull else None
        if pull is None or tree is None or w.head in w.commits.ancestors(pull.head):
            return
        head = w.commits.make(tree, (pull.head, w.head), who)
        pull.heads.append(head)
        pull.pushers.append((who, head, w.now()))
        w.record(pull, "main", w.head)

    @rule(number=st.integers(0, 9), value=VALUE)
    def plan_the_same_head_on_another_base(self, number: int, value: str | None) -> None:
        """mallory's way: a record for an approved head, made with a base of her own."""
        w, pull = self.world, self.pick(number)
        if pull is None:
            return
        base = w.commits.make(self.changed(w.head, ADDRESSES[1], value), (w.head,), "alice")
        twin = Pull(pull.number + 100, "alice", base, [pull.head], [], w.now())
        w.record(twin, "evil", base)
        w.record(pull, "evil", base)

    @rule(number=st.integers(0, 9))
    def run_again(self, number: int) -> None:
        pull = self.pick(number)
        if pull is not None:
            self.world.record(pull, "main", self.world.head)

    @rule(
        number=st.integers(0, 9),
        who=PEOPLE,
        state=st.sampled_from(["APPROVED", "APPROVED", "CHANGES_REQUESTED", "DISMISSED"]),
    )
    def review(self, number: int, who: str, state: str) -> None:
        w, pull = self.world, self.pick(number)
        if pull is not None:
            made = Review(Account(who), state, pull.head, w.now(), writer=who in WRITERS)
            pull.reviews.append(made)

    @rule(number=st.integers(0, 9), squash=st.booleans(), edit=st.sampled_from([None, "evil"]))
    def merge(self, number: int, squash: bool, edit: str | None) -> None:
        """By an administrator, whatever the reviews say; sometimes with an edit in the merge."""
        w, pull = self.world, self.pick(number)
        tree = w.commits.merged(w.head, pull.head) if pull else None
        if pull is None or tree is None:
            return
        landed = dict(tree) if edit is None else {**tree, ADDRESSES[2]: edit}
        before = w.head
        parents = (before,) if squash else (before, pull.head)
        pull.merge_commit = w.commits.make(landed, parents, "github")
        pull.merged_at = w.now()
        w.commits.main.append(pull.merge_commit)
        if self.honest(pull) and landed == tree:
            old, new = unit_of(w.commits.tree(before)), unit_of(landed)
            delta = {a for a in {*old, *new} if old.get(a) != new.get(a)}
            w.shown[pull.merge_commit] = {a: new.get(a) for a in delta}

    def honest(self, pull: Pull) -> bool:
        """Whether somebody else approved what was merged, by rules of this test's own."""
        w = self.world
        pushers = {who for who, head, _ in pull.pushers if not w.authored(head).clean}
        latest: dict[str, Review] = {r.by.login: r for r in pull.reviews}
        return any(
            r.state == "APPROVED"
            and who in WRITERS
            and who not in {pull.author, *pushers}
            and self.same_as_approved(pull, r.commit)
            for who, r in latest.items()
        )

    def same_as_approved(self, pull: Pull, approved: str) -> bool:
        w = self.world
        before = w.commits.before(pull.merge_commit)
        return w.commits.merged(before, approved) == w.commits.merged(before, pull.head)

    @rule(who=WRITER, address=ADDRESS, value=VALUE)
    def push_past_review(self, who: str, address: str, value: str | None) -> None:
        w = self.world
        name = w.commits.make(self.changed(w.head, address, value), (w.head,), who)
        w.commits.main.append(name)
        w.pushed_main[name] = who

    @rule(stop=st.sampled_from([None, None, 0, 1, 2]), kill=st.booleans(), back=st.integers(0, 3))
    def deploy(self, stop: int | None, kill: bool, back: int) -> None:
        """Of main's head, or again of an older commit."""
        main = self.world.commits.main
        self.world.deploy(main[-1 - back if back < len(main) and back > 2 else -1], stop, kill)

    @precondition(lambda self: self.world.waiting)
    @rule(who=PEOPLE, stop=st.sampled_from([None, None, 1]))
    def dispatch(self, who: str, stop: int | None) -> None:
        w = self.world
        w.deploy(w.waiting.split("-")[0], stop, reviewed=w.waiting, by=who)

    @rule(address=ADDRESS)
    def drift(self, address: str) -> None:
        thing = self.world.cloud.things.get(address)
        if thing is not None:
            thing.value = "by-hand"

    @invariant()
    def nothing_is_applied_that_no_review_showed(self) -> None:
        assert not getattr(self, "world", None) or self.world.violations == []

    def teardown(self) -> None:
        """At rest everything merged is there, after an honest review of what nobody reviewed."""
        w = self.world
        with self.folder:
            for _ in range(4):
                if w.deploy(w.head) == "uncovered":
                    w.deploy(w.head, reviewed=w.waiting, by="dave")
        assert w.violations == []
        chain = ledger.read_chain(w.ledger, UNIT)
        own = w.site(w.head).estate.digest(UNIT)
        assert ledger.pending(chain[-1], own) == ""
        assert {a: t.value for a, t in w.cloud.things.items()} == unit_of(w.commits.tree(w.head))


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=300,
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
