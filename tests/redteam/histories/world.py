"""A repository, its GitHub, its ledger and its cloud, with what is true of them kept beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from pipeline.domain import ledger
from pipeline.domain.dispatch import Dispatch, judge_dispatch
from pipeline.domain.model import Action, Change
from pipeline.domain.proposal import Account, Activity, Authored, Proposal, Review
from pipeline.domain.record import Purpose
from pipeline.domain.review import Facts, Landing, Rules, judge_landing
from pipeline.errors import Failure
from pipeline.usecases import announce, apply, basis, behind, record, rollout, uncovered
from pipeline.usecases.plan import Planned
from pipeline.usecases.policy import Fresh
from tests.redteam.histories.cloud_model import Cloud, Killed
from tests.redteam.histories.git_model import REFEREE, Commits, digests, unit_of
from tests.redteam.histories.site_model import UNIT, MemoryLedger, MemoryRecords, MemorySite

START = datetime(2026, 1, 1, tzinfo=UTC)
#: Everybody may write but mallory.
WRITERS = ("alice", "bob", "carol", "dave")


@dataclass
class Pull:
    """A pull request: its branch's commits in order, who pushed each, and the reviews."""

    number: int
    author: str
    base: str
    heads: list[str]
    pushers: list[tuple[str, str, datetime]]
    created: datetime
    base_ref: str = "main"
    reviews: list[Review] = field(default_factory=list)
    merge_commit: str = ""
    merged_at: datetime | None = None

    @property
    def head(self) -> str:
        return self.heads[-1]


class World:
    """The whole, and the rules by which it is changed. ``violations`` is what must stay empty."""

    def __init__(self, work: Path) -> None:
        self.commits, self.cloud = Commits(), Cloud()
        self.ledger, self.records, self.reviews = MemoryLedger(), MemoryRecords(), MemoryRecords()
        self.pulls: list[Pull] = []
        self.clock, self.runs = START, 0
        self.dispatcher: dict[str, str] = {}
        self.work = work
        first = self.commits.make({REFEREE: "1"}, (), "root")
        self.commits.main.append(first)
        self.pushed_main: dict[str, str] = {first: "root"}
        #: commit of main -> the addresses whose values an honest review showed, None: removed
        self.shown: dict[str, dict[str, str | None]] = {}
        self.violations: list[str] = []
        #: records that an honest dispatch named
        self.trusted: set[str] = set()
        self.waiting = ""

    def now(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock

    @property
    def head(self) -> str:
        return self.commits.main[-1]

    def site(self, commit: str, run: str = "") -> Any:
        return MemorySite(
            self.commits, self.cloud, commit, self.ledger, self.records, self.reviews, self.work,
            run,
        )  # fmt: skip

    # -- what GitHub tells -------------------------------------------------------------------

    def proposal(self, pull: Pull) -> Proposal:
        inside = [c for c in self.commits.ancestors(pull.head) if c not in self.on_main(pull)]
        return Proposal(
            number=pull.number,
            author=Account(pull.author),
            head=pull.head,
            created=pull.created,
            merge_commit=pull.merge_commit,
            base_ref=pull.base_ref,
            merged=bool(pull.merge_commit),
            merged_at=pull.merged_at,
            reviews=tuple(pull.reviews),
            commits=tuple(self.authored(name) for name in sorted(inside)),
            activity=tuple(
                Activity(Account(who), at, "push", "0" * 40, head) for who, head, at in pull.pushers
            ),
        )

    def on_main(self, pull: Pull) -> set[str]:
        until = self.commits.before(pull.merge_commit) if pull.merge_commit else self.head
        return self.commits.ancestors(until)

    def authored(self, name: str) -> Authored:
        commit = self.commits.every[name]
        clean = len(commit.parents) == 2 and self.commits.merged(*commit.parents) == commit.tree
        who = Account(commit.author)
        return Authored(name, commit.parents, who, who, clean=clean)

    def landings(
        self, site: Any, unit: Any, since: str | None, until: str, *, announced: bool, held: Any
    ) -> tuple[Landing, ...]:
        start = since or self.commits.main[0]
        same = unit_of(self.commits.tree(start)) == unit_of(self.commits.tree(until))
        found = []
        for name in self.commits.since(start, until):
            before = self.commits.before(name)
            rules = self.commits.tree(name).get(REFEREE), self.commits.tree(before).get(REFEREE)
            if same and not announced and rules[0] == rules[1]:
                continue
            pull = next((p for p in self.pulls if p.merge_commit == name), None)
            facts = Facts(
                commit=name,
                digests=digests(self.commits.tree(name)),
                befores=(before,),
                pull=self.proposal(pull) if pull else None,
                pushed=(Account(self.pushed_main[name]),) if name in self.pushed_main else (),
            )
            merge = self.commits.merge_digests
            found.append(judge_landing(facts, Rules(), merge, self.commits.bases))
        return tuple(found)

    def dispatched(self, site: Any, run: str, landings: Any, workflow: str) -> Dispatch:
        who = self.dispatcher[run]
        account = Account(who)
        told = SimpleNamespace(
            url=f"https://github.example/runs/{run}",
            event="workflow_dispatch",
            path=".github/workflows/deploy.yml",
            branch="main",
            commit=self.head,
            attempt=1,
            actor=account,
            starter=account,
        )
        return judge_dispatch(
            told, landings, workflow=workflow, branch="main", on_branch=True,
            writer=who in WRITERS, alone=False,
        )  # fmt: skip

    # -- what the pipeline does --------------------------------------------------------------

    def record(self, pull: Pull, base_ref: str, base: str) -> None:
        """Plan a pull request's merge with a base, and leave the record."""
        tree = self.commits.merged(base, pull.head)
        if tree is None:
            return
        commit = self.commits.make(tree, (base, pull.head), "github")
        site = self.site(commit)
        plan = self.cloud.plan(UNIT, unit_of(tree))
        proposed = record.Proposed(
            Purpose.PULL_REQUEST, pull.head, commit, pull.number, base_ref, pull.author
        )
        with patch.object(record, "datetime", _Clock(self.now())):
            record.write_record(site, self.records, plan, proposed, record.Sealed())

    def deploy(self, commit: str, stop: int | None = None, kill: bool = False,
               reviewed: str = "", by: str = "") -> str:  # fmt: skip
        """A run of deploy.yml for one commit; what became of it, in a word."""
        self.runs += 1
        run = str(self.runs)
        self.dispatcher[run] = by
        site = self.site(commit, run)
        if reviewed and self.second_person(by, commit):
            self.trusted.add(reviewed)
        wanted = unit_of(self.commits.tree(commit))
        plan = self.cloud.plan(UNIT, wanted)

        def carry_out(site_: Any, unit: Any) -> None:
            legit = self.legitimate(commit, reviewed)
            self.cloud.apply(plan, stop, kill, partial(self.seen, legit))

        with (
            patch.object(basis, "landings", self.landings),
            patch.object(basis, "dispatched", self.dispatched),
            patch.object(behind, "older", self.older),
            patch.object(uncovered, "_all_landed", lambda *given: ()),
            patch.object(uncovered.text_of, "page", lambda case: ""),
            patch.object(uncovered.text_of, "comment", lambda case, limit: ""),
            patch.object(uncovered, "plan_report", lambda *given: _NO_REPORT),
            patch.object(apply, "make_plan", lambda *given, **named: Planned(UNIT, plan)),
            patch.object(apply, "judge_again", lambda *given: Fresh()),
            patch.object(apply, "as_committed", lambda *given: None),
            patch.object(apply, "run_apply", carry_out),
            patch.object(record, "datetime", _Clock(self.now())),
            patch.object(announce, "datetime", _Clock(self.now())),
        ):
            try:
                done = apply.apply(site, UNIT, reviewed)
                if done.result == "uncovered":
                    self.waiting = done.record
                    return "uncovered"
                rollout.rollout(site, UNIT)
            except Failure as error:
                return error.reason
            except Killed:
                return "killed"
        if reviewed:
            self.waiting = ""
        return done.result

    def older(self, root: Any, one: str, other: str) -> bool:
        return one != other and one in self.commits.ancestors(other)

    # -- what is true ------------------------------------------------------------------------

    def legitimate(self, commit: str, reviewed: str) -> dict[str, set[str | None]]:
        """What may be applied: every value that an honest review up to the commit has shown."""
        found: dict[str, set[str | None]] = {}
        for name in self.commits.main[: self.commits.main.index(commit) + 1]:
            for address, value in self.shown.get(name, {}).items():
                found.setdefault(address, set()).add(value)
        for name in (reviewed, *self.released):
            if name:
                for address, value in self.explicit.get(name, {}).items():
                    found.setdefault(address, set()).add(value)
        return found

    def second_person(self, who: str, commit: str) -> bool:
        """Whether somebody may write and made nothing of what nobody else reviewed."""
        last = ledger.last_reviewed(ledger.read_chain(self.ledger, UNIT))
        found = self.commits.since(last.commit if last else self.commits.main[0], commit)
        made = set()
        for name in found:
            pull = next((p for p in self.pulls if p.merge_commit == name), None)
            made |= (
                {self.pushed_main.get(name, "")}
                if pull is None
                else {pull.author, *(pusher for pusher, _, _ in pull.pushers)}
            )
        return who in WRITERS and who not in made

    @property
    def released(self) -> tuple[str, ...]:
        chain = ledger.read_chain(self.ledger, UNIT)
        return ledger.reviews_since(chain, None)

    @property
    def explicit(self) -> dict[str, dict[str, str | None]]:
        """What each record of a review by dispatch showed: the whole configuration."""
        found: dict[str, dict[str, str | None]] = {}
        for name in self.trusted:
            commit = name.split("-")[0]
            own: dict[str, str | None] = dict(unit_of(self.commits.tree(commit)))
            found[name] = {address: own.get(address) for address in (*own, *ADDRESSES)}
        return found

    def seen(self, legit: dict[str, set[str | None]], change: Change, value: Any) -> None:
        """An apply does this; note it where no honest review showed it."""
        if change.action in (Action.NO_OP, Action.READ):
            return
        thing = self.cloud.things.get(change.address)
        if change.action is Action.UPDATE and thing is not None and value == thing.applied:
            return  # drift put right
        wanted = None if change.action is Action.DELETE else str(value)
        if wanted not in legit.get(change.address, set()):
            self.violations.append(f"{change.action} {change.address} to {wanted}")


ADDRESSES = ("aws_thing.a", "aws_thing.b", "aws_thing.c", "aws_s3_bucket.d")


class _Clock:
    """``datetime`` for modules that ask it for the time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, zone: Any = None) -> datetime:
        return self.at


class _Report:
    changes: tuple[Any, ...] = ()


_NO_REPORT = _Report()
