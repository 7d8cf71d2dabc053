"""The payloads of events, as GitHub's page "Webhook events and payloads" has them."""

from __future__ import annotations

from typing import Any

from sandbox.github import facts, gates
from sandbox.github.diffs import changed_files
from sandbox.github.gitrepo import Commit
from sandbox.github.hub import Event, Hub
from sandbox.github.model import DEFAULT_BRANCH, OWNER, OWNER_ID, ZERO, Issue
from sandbox.github.records import QueueEntry
from sandbox.github.shapes import common, threads

#: GitHub lists at most this many commits in a push event.
MAX_COMMITS = 20


def _around(hub: Hub, actor: str) -> dict[str, Any]:
    return {
        "repository": common.repository(hub),
        "organization": {"login": OWNER, "id": OWNER_ID, "url": f"{hub.api}/orgs/{OWNER}"},
        "sender": common.user(hub, actor),
    }


def push(hub: Hub, ref: str, before: str, after: str, actor: str) -> Event:
    """A push of one ref; ``before``/``after`` are zeros for a created or deleted one."""
    deleted, created = after == ZERO, before == ZERO
    commits: list[Commit] = []
    if not deleted:
        span = f"{before}..{after}" if not created else after
        commits = list(reversed(hub.repo.log(span, limit=MAX_COMMITS)))
    user = hub.user(actor)
    payload = {
        **_around(hub, actor),
        "ref": ref,
        "before": before,
        "after": after,
        "created": created,
        "deleted": deleted,
        "forced": not (created or deleted) and not hub.repo.is_ancestor(before, after),
        "base_ref": None,
        "compare": f"{common.page(hub)}/compare/{before[:12]}...{after[:12]}",
        "commits": [_commit(hub, commit) for commit in commits],
        "head_commit": None if deleted else _commit(hub, hub.repo.commit(after)),
        "pusher": {"name": actor, "email": user.email},
    }
    return Event("push", payload, after, ref, actor)


def _commit(hub: Hub, commit: Commit) -> dict[str, Any]:
    files = changed_files(hub.repo, commit.parents[0], commit.sha) if commit.parents else []
    return {
        **common.simple_commit(commit),
        "distinct": True,
        "url": f"{common.page(hub)}/commit/{commit.sha}",
        "added": [file.filename for file in files if file.status == "added"],
        "removed": [file.filename for file in files if file.status == "removed"],
        "modified": [file.filename for file in files if file.status not in ("added", "removed")],
    }


def pull_request(hub: Hub, issue: Issue, action: str, actor: str, **more: Any) -> Event:
    """A ``pull_request`` event; it runs on the merge commit (on the merged one once closed)."""
    pull = threads.the_pull(issue)
    state = gates.mergeable_state(facts.gather(hub, issue))
    payload = {
        **_around(hub, actor),
        "action": action,
        "number": issue.number,
        "pull_request": threads.pull_full(hub, issue, state),
        **more,
    }
    ref = f"refs/pull/{issue.number}/merge"
    sha = hub.repo.resolve(ref) or pull.head_sha
    if pull.merged and pull.merge_commit_sha:
        sha, ref = pull.merge_commit_sha, f"refs/heads/{pull.base_ref}"
    return Event("pull_request", payload, sha, ref, actor)


def review(hub: Hub, issue: Issue, item: Any, actor: str) -> Event:
    """A ``pull_request_review`` event."""
    action = "dismissed" if item.state == "DISMISSED" else "submitted"
    shape = threads.review(hub, issue.number, item)
    event = pull_request(hub, issue, action, actor, review={**shape, "state": item.state.lower()})
    return Event("pull_request_review", event.payload, event.sha, event.ref, actor)


def issue_event(hub: Hub, name: str, issue: Issue, action: str, actor: str, **more: Any) -> Event:
    """``issues`` and ``issue_comment``: they run on the default branch."""
    payload = {
        **_around(hub, actor),
        "action": action,
        "issue": threads.issue(hub, issue),
        **more,
    }
    return Event(name, payload, hub.head() or ZERO, f"refs/heads/{DEFAULT_BRANCH}", actor)


def merge_group(hub: Hub, entry: QueueEntry, actor: str) -> Event:
    """A ``merge_group`` event: checks are wanted for the group's commit."""
    group = {
        "head_sha": entry.sha,
        "head_ref": entry.ref,
        "base_sha": entry.base,
        "base_ref": f"refs/heads/{DEFAULT_BRANCH}",
        "head_commit": common.simple_commit(hub.repo.commit(entry.sha)),
    }
    payload = {**_around(hub, actor), "action": "checks_requested", "merge_group": group}
    return Event("merge_group", payload, entry.sha, entry.ref, actor)


def dispatch(hub: Hub, path: str, inputs: dict[str, Any], ref: str, sha: str, actor: str) -> Event:
    """A ``workflow_dispatch`` event."""
    payload = {**_around(hub, actor), "workflow": path, "inputs": inputs, "ref": ref}
    return Event("workflow_dispatch", payload, sha, ref, actor)
