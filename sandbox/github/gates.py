"""What stands between a pull request and its merge: pure rules over checks, reviews and files.

Sources: docs.github.com, "About protected branches" and "About code owners".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.github.model import APP_IDS, Issue, Review
from sandbox.github.records import CheckRun, Protection, Status

BEHIND = "The head branch is not up to date with the base branch."
GOOD = ("success", "neutral", "skipped")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision needs. ``behind``: the base has commits the head lacks."""

    issue: Issue
    protection: Protection | None
    checks: list[CheckRun]
    statuses: list[Status]
    files: list[str]
    codeowners: str
    writers: frozenset[str]
    behind: bool


def blockers(facts: Facts) -> list[str]:
    """Why the pull request may not be merged, in sentences; empty: it may."""
    pull = facts.issue.pull
    rules = facts.protection
    if pull is None or rules is None:
        return []
    reasons: list[str] = []
    for check in rules.checks or []:
        name = check.context
        state = check_states(facts.checks, facts.statuses, check.app_id).get(name)
        if state is None:
            reasons.append(f'Required status check "{name}" is expected.')
        elif state == "pending":
            reasons.append(f'Required status check "{name}" is in progress.')
        elif state != "success":
            reasons.append(f'Required status check "{name}" is failing.')
    if rules.checks is not None and rules.strict and facts.behind:
        reasons.append(BEHIND)
    if rules.approvals is None:
        return reasons
    latest = opinions(pull.reviews, facts.issue.user, facts.writers)
    if any(review.state == "CHANGES_REQUESTED" for review in latest.values()):
        reasons.append("Changes were requested by a reviewer with write access.")
    approved = {login for login, review in latest.items() if review.state == "APPROVED"}
    if len(approved) < rules.approvals:
        reasons.append(
            f"At least {rules.approvals} approving review is required by reviewers "
            "with write access."
        )
    if rules.last_push_approval and approved and approved <= {pull.last_pusher}:
        reasons.append("The most recent push needs the approval of someone else.")
    if rules.code_owners:
        missing = unapproved_owners(facts.codeowners, facts.files, approved, facts.issue.user)
        if missing:
            reasons.append(f"Waiting on code owner review from {' or '.join(missing)}.")
    return reasons


def check_states(
    checks: Iterable[CheckRun], statuses: Iterable[Status], app_id: int | None = None
) -> dict[str, str]:
    """Name -> success, pending or failure; the newest check run of a name counts.

    ``app_id``: only what that app made or set.
    """
    states: dict[str, str] = {}
    for status in sorted(statuses, key=lambda item: item.id):
        if app_id is not None and APP_IDS.get(status.app) != app_id:
            continue
        states[status.context] = {"success": "success", "pending": "pending"}.get(
            status.state, "failure"
        )
    for check in sorted(checks, key=lambda item: item.id):
        if app_id is not None and APP_IDS.get(check.app) != app_id:
            continue
        if check.status != "completed":
            states[check.name] = "pending"
        else:
            states[check.name] = "success" if check.conclusion in GOOD else "failure"
    return states


def opinions(reviews: list[Review], author: str, writers: frozenset[str]) -> dict[str, Review]:
    """The last word of each reviewer who counts; a plain comment takes nothing back."""
    latest: dict[str, Review] = {}
    for review in reviews:
        if review.user != author and review.user in writers and review.state != "COMMENTED":
            latest[review.user] = review
    return latest


def unapproved_owners(text: str, files: list[str], approved: set[str], author: str) -> list[str]:
    """Owners of the first file that no owner approved (its author's own counts as theirs)."""
    for path in files:
        owners = owners_of(text, path)
        others = [login for login in owners if login != author]
        if others and not approved.intersection(others):
            return others
    return []


def owners_of(text: str, path: str) -> list[str]:
    """CODEOWNERS: the last matching pattern decides; a pattern without owners frees a path."""
    owners: list[str] = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if words and _matches(words[0], path):
            owners = [word.lstrip("@") for word in words[1:]]
    return owners


def _matches(pattern: str, path: str) -> bool:
    anchored = "/" in pattern.rstrip("/")
    body = pattern.lstrip("/")
    folder = body.endswith("/")
    body = body.rstrip("/")
    out = ""
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif body.startswith("**", at):
            out, at = out + ".*", at + 2
        elif body[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif body[at] == "?":
            out, at = out + "[^/]", at + 1
        else:
            out, at = out + re.escape(body[at]), at + 1
    # "docs/*" owns files right in docs; a plain name owns everything below it.
    tail = "/.*" if folder else "" if anchored and body.endswith("/*") else "(?:/.*)?"
    return re.fullmatch(f"{'' if anchored else '(?:.*/)?'}{out}{tail}", path) is not None


def mergeable_state(facts: Facts) -> str:
    """``mergeable_state`` of the API: dirty, draft, behind, blocked, unstable or clean."""
    pull = facts.issue.pull
    if pull is None or pull.merged or facts.issue.state == "closed":
        return "unknown"
    if pull.mergeable is None:
        return "unknown"
    if not pull.mergeable:
        return "dirty"
    if pull.draft:
        return "draft"
    reasons = blockers(facts)
    if reasons == [BEHIND]:
        return "behind"
    if reasons:
        return "blocked"
    states = check_states(facts.checks, facts.statuses)
    return "unstable" if any(state != "success" for state in states.values()) else "clean"
