"""Whether a landing was reviewed. Pure rules.

A landing is reviewed when it is exactly what the approved head of its pull request gives, merged
into the commit before it. What is compared are digests: of a unit's inputs, and of the referee's
files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.domain.proposal import (
    ACTIONS,
    REVERTS,
    Account,
    Makers,
    Proposal,
    Review,
    base_head,
    latest_reviews,
    makers,
    strangers,
)


@dataclass(frozen=True, slots=True)
class Digests:
    """What a tree deploys and by which rules it is judged."""

    unit: str
    referee: str


#: (before, head, base) -> the digests of the merge, None where it has a conflict in a file that
#: counts. Without ``base`` it is git's own, the merge base of both.
Merge = Callable[[str, str, str | None], Digests | None]
#: The merge bases of two commits.
Bases = Callable[[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Rules:
    """``[tool.pipeline.review]``."""

    approvals: int = 1
    alone: bool = False
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Landing:
    """A step of the default branch that changes a unit or the referee, and who reviewed it.

    ``before`` is the commit it landed on. ``missing`` is a sentence, empty when it was reviewed.
    ``self_reviewed``: nobody else than its maker approved, which the project allows. ``makers``
    are the logins, in lower case, of everybody who had a hand in it; ``anonymous`` whether there
    is something that nobody is known to have made. ``strange`` says why two people have to look
    at it, since an app or a stranger may stand for somebody else; "" where one will do.
    """

    commit: str
    before: str
    pull: int | None = None
    url: str = ""
    title: str = ""
    author: str = ""
    head: str = ""
    reviewed: bool = False
    missing: str = ""
    approvers: tuple[str, ...] = ()
    approved_at: datetime | None = None
    self_reviewed: bool = False
    makers: frozenset[str] = frozenset()
    anonymous: bool = False
    strange: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a landing.

    ``befores`` are the commits on which it may have landed, the nearest first: more than one where
    it may be a rebase of several commits. ``inverts``: it takes back exactly what a held landing
    brought. ``pushed``: who brought it past any pull request, by GitHub's word.
    """

    commit: str
    digests: Digests
    befores: tuple[str, ...]
    pull: Proposal | None = None
    inverts: bool = False
    branch: str = "main"
    pushed: tuple[Account, ...] = ()


@dataclass(slots=True)
class _Approval:
    """A standing review: the merge base that its reviewer saw, or why it does not count."""

    review: Review
    base: str | None = None
    refused: str = ""


def judge_landing(facts: Facts, rules: Rules, merge: Merge, bases: Bases | None = None) -> Landing:
    """Whether the landing was reviewed, by whom, or what is missing.

    Without ``bases`` a landing of more than one commit cannot be told from what lay before it, so
    only the nearest ``before`` is tried.
    """
    pull = facts.pull
    if pull is None or not pull.merged or pull.merge_commit != facts.commit:
        return _nobodys(facts, rules)
    everybody = makers(pull)
    found = Landing(
        commit=facts.commit,
        before=facts.befores[0],
        pull=pull.number,
        url=pull.url,
        title=pull.title,
        author=pull.author.login if pull.author else "",
        head=pull.head,
        makers=frozenset(account.key for account in everybody.known),
        anonymous=bool(everybody.unknown),
    )
    if pull.base_ref != facts.branch:
        said = f"Pull request #{pull.number} was merged into {pull.base_ref}, not {facts.branch}."
        return replace(found, missing=said)
    strange = _strange(facts, pull, rules, everybody)
    found = replace(found, strange=strange)
    needed = max(2, rules.approvals) if strange else rules.approvals
    approvals = [_approval(review, pull, bases) for review in latest_reviews(pull.reviews)]
    standing = [one for one in approvals if not one.refused]
    fit: list[_Approval] = []
    for before in reversed(facts.befores):
        fit = [a for a in standing if _gives(facts, before, a.review.commit, a.base, merge, bases)]
        people = sorted((one.review for one in fit), key=lambda review: review.at)
        approvers = tuple(review.by.login for review in people)
        if len(fit) >= needed:
            return replace(
                found,
                before=before,
                reviewed=True,
                approvers=approvers,
                approved_at=people[-needed].at,  # so many of them saw what stood then
            )
    if rules.alone:
        return _alone(facts, found, pull, merge, bases)
    return replace(
        found, approvers=approvers, missing=_missing(pull, needed, strange, approvals, fit)
    )


def _gives(
    facts: Facts, before: str, head: str, base: str | None, merge: Merge, bases: Bases | None
) -> bool:
    """Whether merging ``head`` into ``before`` gives exactly what landed.

    A ``before`` that is not the nearest needs more: the head may contain nothing of what came in
    between, for a reviewer was not shown what the base had, too.
    """
    nearest = facts.befores[0]
    between = before != nearest and base is None
    if between and (bases is None or bases(before, head) != bases(nearest, head)):
        return False
    return merge(before, head, base) == facts.digests


def _nobodys(facts: Facts, rules: Rules) -> Landing:
    apps = [account for account in facts.pushed if account.bot and not account.among(rules.bots)]
    return Landing(
        commit=facts.commit,
        before=facts.befores[0],
        missing=f"Commit {facts.commit[:10]} came to {facts.branch} past any pull request.",
        makers=frozenset(account.key for account in facts.pushed),
        anonymous=not facts.pushed,
        strange=f"{apps[0].login} pushed it" if apps else "",
    )


def _strange(facts: Facts, pull: Proposal, rules: Rules, made: Makers) -> str:
    """Why two people have to look at a pull request; "" where one will do.

    Anybody who may run a job can have an app make something, and of a fork's branch GitHub does
    not say who pushed to it, which a maintainer may as well.
    """
    apps = strangers(pull.author, made, rules.bots)
    own = (
        pull.author is not None
        and pull.author.key == ACTIONS
        and pull.head_ref.startswith(REVERTS)
        and not pull.fork
        and all(account.key == ACTIONS for account in made.known)
        and facts.inverts
    )
    if apps and not own:
        return f"{apps[0].login} had a hand in it"
    return "nobody can tell who pushed to its fork" if pull.fork else ""


def _approval(review: Review, pull: Proposal, bases: Bases | None) -> _Approval:
    who = review.by.login
    if review.state == "CHANGES_REQUESTED":
        return _Approval(review, refused=f"{who} asked for changes")
    if review.state == "DISMISSED":
        return _Approval(review, refused=f"the review of {who} was dismissed")
    if review.by.bot:
        return _Approval(review, refused=f"{who} is no person")
    if not review.writer:
        return _Approval(review, refused=f"{who} may not write here")
    known, base = _seen_base(review, pull, bases)
    if not known:
        said = f"{who} approved it on another base, and nobody can tell what that showed"
        return _Approval(review, refused=said)
    made = makers(pull, base)
    if made.unknown:
        return _Approval(review, base, made.unknown[0].rstrip("."))
    did = made.did(review.by)
    return _Approval(review, base, f"{who} {did}" if did else "")


def _seen_base(review: Review, pull: Proposal, bases: Bases | None) -> tuple[bool, str | None]:
    """Whether it is known what a reviewer saw, and its merge base where that is not git's own.

    It is another one where the pull request got another base after the review.
    """
    later = sorted((c for c in pull.base_changes if c.at >= review.at), key=lambda c: c.at)
    if not later or later[0].previous == pull.base_ref:
        return True, None
    head = base_head(later[0], pull.created, review.at)
    shared = bases(head, review.commit) if head and bases else frozenset()
    return (True, next(iter(shared))) if len(shared) == 1 else (False, None)


def _alone(
    facts: Facts, found: Landing, pull: Proposal, merge: Merge, bases: Bases | None
) -> Landing:
    """The landing in a repository of one person: merging is that person's own approval."""
    by = pull.merged_by
    if not (by and not by.bot) and (pull.fork or pull.author is None or pull.author.bot):
        return replace(found, missing=f"No person merged pull request #{pull.number}.")
    for before in reversed(facts.befores):
        if _gives(facts, before, pull.head, None, merge, bases):
            return replace(
                found, before=before, reviewed=True, self_reviewed=True, approved_at=pull.merged_at
            )
    said = f"What landed is not what pull request #{pull.number} gives at {pull.head[:10]}."
    return replace(found, missing=said)


def _missing(
    pull: Proposal,
    needed: int,
    strange: str,
    approvals: Sequence[_Approval],
    fit: Sequence[_Approval],
) -> str:
    """What is missing, in words; ``fit`` are the approvals of exactly what landed."""
    people = "1 person" if needed == 1 else f"{needed} people"
    why = f", for {strange}" if strange else ""
    said = f"Pull request #{pull.number} needs the approval of {people}{why}"
    reasons = [
        one.refused
        or (f"{one.review.by.login} alone approved it" if one in fit else "")
        or f"what landed is not what {one.review.by.login} approved at {one.review.commit[:10]}"
        for one in approvals
    ]
    return f"{said}: {'; '.join(reasons) or 'nobody approved it'}."
