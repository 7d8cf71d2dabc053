"""What a fresh plan is held against: the ledger, what landed since, and the records of reviews."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.domain import ledger
from pipeline.domain.containment import TAINTED
from pipeline.domain.coverage import Coverage, cover
from pipeline.domain.decision import Decision, Wanted, decide
from pipeline.domain.dispatch import Dispatch
from pipeline.domain.hashing import Hasher
from pipeline.domain.model import Action, Plan, UnitId
from pipeline.domain.record import Purpose, Reviewed
from pipeline.domain.review import Landing
from pipeline.errors import failure
from pipeline.usecases.behind import not_over
from pipeline.usecases.landings import BRANCH, dispatched, landings
from pipeline.usecases.record import open_stored, records_of
from pipeline.usecases.repository import ACCOUNT
from pipeline.usecases.site import Site

DEPLOY = "deploy.yml"


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that decides whether the checked-out commit of a unit may be applied.

    ``since`` is the entry since which each landing needs an approval. ``released`` are the ids of
    the records that a dispatch named; ``named`` is the one that ``dispatch``, this run, named.
    ``unknown`` says why nobody
    can tell who reviewed, "" where that can be told.
    """

    unit: UnitId
    chain: tuple[ledger.Entry, ...]
    since: ledger.Entry | None
    landings: tuple[Landing, ...] = ()
    records: tuple[Reviewed, ...] = ()
    released: frozenset[str] = frozenset()
    named: str = ""
    dispatch: Dispatch | None = None
    unknown: str = ""

    @property
    def unreviewed(self) -> tuple[Landing, ...]:
        """The landings that neither an approval nor a dispatch stands for."""
        stood = {
            commit
            for item in self.records
            if item.record.purpose is Purpose.REVIEW and item.record.id in self.released
            for commit in item.record.landings
        }
        return tuple(x for x in self.landings if not x.reviewed and x.commit not in stood)

    @property
    def reviewed(self) -> bool:
        """Whether the code was reviewed (the design's condition 1)."""
        return not self.unreviewed and (not self.unknown or self.dispatch is not None)

    @property
    def unfinished(self) -> str:
        """The record by which the last apply was announced, "" where that one has ended."""
        last = self.chain[-1] if self.chain else None
        return last.evidence.record if last and last.status is ledger.Status.APPLYING else ""

    def evidence(self, record: str) -> ledger.Evidence:
        """What the ledger keeps of it; ``record`` is the id of the record that decided."""
        by_hand = self.dispatch
        earlier = next((e.evidence for e in reversed(self.chain) if e.evidence.dispatch), None)
        kept = earlier if by_hand is None and earlier and earlier.record == record else None
        return ledger.Evidence(
            record=record,
            reviewed=self.reviewed,
            self_reviewed=any(x.self_reviewed for x in self.landings) or _by_maker(self),
            approvals=tuple(
                f"#{x.pull} {who}" for x in self.landings if x.reviewed for who in x.approvers
            ),
            dispatch=by_hand.url if by_hand else kept.dispatch if kept else "",
            dispatched_by=by_hand.by if by_hand else kept.dispatched_by if kept else "",
        )


def _by_maker(basis: Basis) -> bool:
    """Whether the dispatch was one of somebody who made what it releases."""
    by = basis.dispatch.by.lower() if basis.dispatch else ""
    return bool(basis.dispatch) and (not by or any(by in x.makers for x in basis.landings))


def basis_of(
    site: Site, unit: UnitId, chain: tuple[ledger.Entry, ...], reviewed: str = ""
) -> Basis:
    """Gather it: ``chain`` is the unit's verified ledger, ``reviewed`` the id of the record that
    this run, a dispatch, names.

    Raises ``ledger-damaged``, ``record-damaged``, ``github``, ``not-covered`` for a dispatch that
    does not count.
    """
    since = ledger.last_reviewed(chain)
    released = list(ledger.reviews_since(chain, since))
    found, unknown = landed(site, unit, chain, site.commit)
    dispatch = None
    if reviewed:
        dispatch = dispatch_of(site, found)
        released.append(reviewed)
        _still_open(site, unit, chain, reviewed)
    heads = dict.fromkeys(x.head for x in found if x.reviewed and x.pull is not None)
    with ThreadPoolExecutor(max_workers=8) as pool:
        loaded = list(pool.map(lambda head: records_of(site, unit, head), heads))
    records = [item for group in loaded for item in group]
    records += [open_stored(site.stores.reviews, unit, one) for one in dict.fromkeys(released)]
    return Basis(
        unit, chain, since, found, tuple(records), frozenset(released), reviewed, dispatch, unknown
    )


def landed(
    site: Site, unit: UnitId, chain: Sequence[ledger.Entry], until: str
) -> tuple[tuple[Landing, ...], str]:
    """What landed up to a commit since the unit's code was last reviewed, or why nobody knows."""
    since = ledger.last_reviewed(chain)
    if since is not None and since.commit == until:
        return (), ""
    if site.github_or_none is None:
        return (), "Without GITHUB_TOKEN nobody can tell what was reviewed."
    if since is not None:
        start: str | None = since.commit
    else:
        first = ledger.genesis(site.stores.ledger, ACCOUNT)
        start = first.commit if first else None
    later = ledger.entries_since(chain, since)
    held = [entry.commit for entry in chain if entry.status is ledger.Status.HELD]
    return landings(site, unit, start, until, announced=bool(later), held=held), ""


def dispatch_of(site: Site, found: tuple[Landing, ...], workflow: str = DEPLOY) -> Dispatch:
    """This run as the word of a second person; raises ``not-covered`` where it is not."""
    run = site.environ.get("GITHUB_RUN_ID", "")
    if run and site.github_or_none is not None:
        dispatch = dispatched(site, run, found, workflow)
    elif site.settings.review.self_:
        dispatch = Dispatch("", f"by hand on {socket.gethostname()}")
    else:
        said = "Only a dispatch at GitHub says who reviewed."
        dispatch = Dispatch("", "", said)
    if dispatch.refused:
        raise failure(
            "not-covered",
            f"This review does not count: {dispatch.refused}",
            remedy=f"Let another person dispatch {workflow} with the same record.",
        )
    return dispatch


def _still_open(site: Site, unit: UnitId, chain: Sequence[ledger.Entry], reviewed: str) -> None:
    """Raise ``usage`` unless the record is one of the checked-out commit, and ``superseded`` when
    the unit was deployed or destroyed since it was made: what it showed is over then."""
    record = open_stored(site.stores.reviews, unit, reviewed).record
    if record.commit != site.commit:
        raise failure(
            "usage",
            f"The record is of commit {record.commit[:10]}, but {site.commit[:10]} is checked out.",
            remedy=f"Check out {record.commit} and run it again.",
        )
    not_over(record, unit, chain)


#: Rules and addresses of findings.
Expected = frozenset[tuple[str, str]]


def expected_of(basis: Basis, decision: Decision) -> Expected:
    """The findings that were known or excepted when the plan was reviewed.

    The record that decides tells them. Where none does, a review is asked for, of a plan whose
    findings the newest record of each approved pull request and each dispatch have told already.
    """
    if decision.reviewed is not None:
        telling = [decision.reviewed]
    else:
        approved = {x.pull for x in basis.landings if x.reviewed}
        newest: dict[str, Reviewed] = {}
        for item in sorted(basis.records, key=lambda item: item.record.time):
            if item.record.id in basis.released:
                newest[item.record.id] = item
            elif item.record.pull_request in approved:
                newest[str(item.record.pull_request)] = item
        telling = list(newest.values())
    return frozenset(
        found for item in telling if item.record.verdict == "pass" for found in item.record.findings
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A fresh plan and what the reviews say about it."""

    coverage: Coverage
    decision: Decision

    @property
    def retried(self) -> frozenset[str]:
        """Addresses of what an apply of the reviewed plan made by half and a retry makes anew."""
        return frozenset(
            one.change.address
            for one in self.coverage.judgements
            if one.covered and one.change.action is Action.REPLACE and one.change.reason == TAINTED
        )


def judge(site: Site, basis: Basis, plan: Plan) -> Judged:
    """Hold a fresh plan against the basis: one record decides, or none does."""
    unit = basis.unit
    image = site.image() if site.stack(unit).config.takes_image else ""
    made = _made(site, basis, plan)
    wanted = Wanted(
        plan=plan,
        configuration=site.estate.configuration(unit),
        base_ref=BRANCH,
        landings=basis.landings,
        dispatched=basis.released,
        image=image,
        made=made,
    )
    # a dispatch stands for what it named, whatever else was planned meanwhile
    candidates = [x for x in basis.records if x.record.id == basis.named or not basis.named]
    decision = decide(candidates, wanted)
    return Judged(cover(plan, decision.reviewed, image=image, made=made), decision)


def _made(site: Site, basis: Basis, plan: Plan) -> Callable[[str], bool]:
    """Whether a covered apply has made an object since the last settled entry.

    The ledger lists what ended applies made. Of one that was killed nobody could write that down:
    where its record creates an object, whatever is there now is that apply's work.
    """
    listed = ledger.made_since(basis.chain, basis.since)
    announced = {
        entry.evidence.record
        for entry in ledger.entries_since(basis.chain, basis.since)
        if entry.status is ledger.Status.APPLYING and entry.evidence.record
    }
    here = {
        change.identity
        for item in basis.records
        if item.record.id in announced
        for change in plan.changes
        if change.identity and _creates(item, change.place, change.identity)
    }
    if not listed:
        return here.__contains__
    key = site.stores.ledger.key(basis.unit)
    return lambda identity: identity in here or ledger.object_hash(key, identity) in listed


def _creates(item: Reviewed, place: tuple[str, str], identity: str) -> bool:
    """Whether a record makes a new object at a place, and the one that is there is not the old."""
    recorded = next((change for change in item.record.changes if change.place == place), None)
    return (
        recorded is not None
        and recorded.action in (Action.CREATE, Action.REPLACE)
        and Hasher(item.key).identity(identity) != recorded.identity
    )
