"""The merge queue, in its plain form: one group a pull request, each on top of the one before.

Sources: docs.github.com, "Managing a merge queue" (the temporary branch
``gh-readonly-queue/BASE/pr-NUMBER-SHA``, required checks reported for it, removal when they fail),
"Events that trigger workflows", ``merge_group``.
"""

from __future__ import annotations

from sandbox.github import facts, gates, payloads, pulls, refs
from sandbox.github.api.errors import ApiError
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH, QUEUE_BOT, Issue
from sandbox.github.records import QueueEntry
from sandbox.github.shapes import threads

_QUEUE = Identity(QUEUE_BOT, "admin")


def enqueue(hub: Hub, issue: Issue, by: Identity) -> None:
    """Put a pull request at the end of the queue ("Merge when ready")."""
    if not hub.state.merge_queue or threads.the_pull(issue).base_ref != DEFAULT_BRANCH:
        raise ApiError(422, "The base branch has no merge queue.")
    if any(entry.number == issue.number for entry in hub.state.queue):
        raise ApiError(422, "The pull request is in the merge queue already.")
    # A queue brings branches up to date by itself.
    reasons = [why for why in pulls.merge_blockers(hub, issue) if why != gates.BEHIND]
    if reasons:
        raise ApiError(405, " ".join(reasons))
    hub.state.queue.append(QueueEntry(issue.number, by.login))
    hub.note(issue, "added_to_merge_queue", by.login)
    advance(hub)


def advance(hub: Hub) -> None:
    """Land what is ready, drop what failed, and build the groups that are missing."""
    while hub.state.queue:
        _build(hub)
        if not hub.state.queue:
            return
        first = hub.state.queue[0]
        outcome = _outcome(hub, first)
        if outcome == "pending":
            return
        hub.state.queue.remove(first)
        issue = hub.state.issues[first.number]
        if outcome == "success":
            person = Identity(first.by, hub.user(first.by).role)
            commits = [commit.sha for commit in hub.repo.log(f"{first.base}..{first.sha}")]
            refs.mark_merged(hub, issue, first.sha, commits, person)
            main = f"refs/heads/{DEFAULT_BRANCH}"
            refs.update(hub, main, first.sha, person, "merge_queue_merge")
        else:
            hub.note(issue, "removed_from_merge_queue", QUEUE_BOT)
        refs.delete(hub, first.ref, _QUEUE)


def _outcome(hub: Hub, entry: QueueEntry) -> str:
    rules = hub.state.protections.get(DEFAULT_BRANCH)
    checks, statuses = facts.checks_at(hub, entry.sha), facts.statuses_at(hub, entry.sha)
    states = {
        gates.check_states(checks, statuses, wanted.app_id).get(wanted.context, "pending")
        for wanted in (rules.checks or [] if rules else [])
    }
    return "failure" if "failure" in states else "pending" if "pending" in states else "success"


def _build(hub: Hub) -> None:
    """Give each entry a group on top of the one before it; what conflicts leaves the queue."""
    base = hub.head() or ""
    for entry in list(hub.state.queue):
        if entry.base != base:
            if entry.ref:
                refs.delete(hub, entry.ref, _QUEUE)
            issue = hub.state.issues[entry.number]
            try:
                entry.sha = pulls.merged_onto(
                    hub, issue, Identity(entry.by, "write"), base, hub.state.queue_method
                )
            except ApiError:
                hub.state.queue.remove(entry)
                hub.note(issue, "removed_from_merge_queue", QUEUE_BOT)
                continue
            entry.base = base
            entry.ref = f"refs/heads/gh-readonly-queue/{DEFAULT_BRANCH}/pr-{entry.number}-{base}"
            refs.update(hub, entry.ref, entry.sha, _QUEUE)
            hub.emit(payloads.merge_group(hub, entry, QUEUE_BOT), None)
        base = entry.sha
