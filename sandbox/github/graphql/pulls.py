"""Pull requests as GraphQL sees them: reviews, commits, labels, history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.github import facts
from sandbox.github.diffs import changed_files
from sandbox.github.gitrepo import FileChange
from sandbox.github.graphql.connection import Node, connection
from sandbox.github.graphql.nodes import View, actor, commit
from sandbox.github.model import Issue, IssueEvent, Review
from sandbox.github.shapes import common, threads

#: Event of a history -> (type in the schema, item type of ``timelineItems``).
EVENTS = {
    "base_ref_changed": ("BaseRefChangedEvent", "BASE_REF_CHANGED_EVENT"),
    "automatic_base_change_succeeded": (
        "AutomaticBaseChangeSucceededEvent", "AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT",
    ),
    "head_ref_force_pushed": ("HeadRefForcePushedEvent", "HEAD_REF_FORCE_PUSHED_EVENT"),
    "labeled": ("LabeledEvent", "LABELED_EVENT"),
    "unlabeled": ("UnlabeledEvent", "UNLABELED_EVENT"),
    "merged": ("MergedEvent", "MERGED_EVENT"),
    "closed": ("ClosedEvent", "CLOSED_EVENT"),
    "reopened": ("ReopenedEvent", "REOPENED_EVENT"),
}  # fmt: skip
WRITERS = ("write", "maintain", "admin")
CHANGES = {"added": "ADDED", "removed": "DELETED", "renamed": "RENAMED"}


def associated(view: View, sha: str, page: Mapping[str, Any]) -> Node:
    """``associatedPullRequests`` of a commit, oldest first."""
    view.need("pull-requests")
    found = sorted(facts.pulls_with(view.hub, sha), key=lambda issue: issue.number)
    return connection(found, lambda issue: pull_request(view, issue), page)


def listed(view: View, page: Mapping[str, Any]) -> Node:
    """``pullRequests`` of the repository, oldest first."""
    view.need("pull-requests")
    order = page.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    wanted = {name.lower() for name in page.get("labels") or ()}
    found = [
        issue
        for issue in reversed(view.hub.pulls())
        if state(issue) in (page.get("states") or [state(issue)])
        and page.get("baseRefName") in (None, threads.the_pull(issue).base_ref)
        and page.get("headRefName") in (None, threads.the_pull(issue).head_ref)
        and (not wanted or wanted & {name.lower() for name in issue.labels})
    ]
    if order["field"] == "UPDATED_AT":
        found.sort(key=lambda issue: issue.updated_at)
    if order["direction"] == "DESC":
        found.reverse()
    return connection(found, lambda issue: pull_request(view, issue), page)


def state(issue: Issue) -> str:
    """``PullRequestState``."""
    return "MERGED" if threads.the_pull(issue).merged else issue.state.upper()


def pull_request(view: View, issue: Issue) -> Node:
    """``PullRequest``."""
    hub, pull = view.hub, threads.the_pull(issue)
    url = f"{common.page(hub)}/pull/{issue.number}"
    mergeable = {None: "UNKNOWN", True: "MERGEABLE", False: "CONFLICTING"}[pull.mergeable]

    def commits(info: Any, **page: Any) -> Node:
        span = f"{threads.pull_base(hub, pull)}..{pull.head_sha}"
        found = list(reversed(hub.repo.log(span, limit=100_000)))
        return connection(
            found,
            lambda each: {
                "__typename": "PullRequestCommit", "id": common.node("PullRequestCommit", each.sha),
                "url": f"{url}/commits/{each.sha}", "commit": commit(view, each.sha),
            },
            page,
        )  # fmt: skip

    def files(info: Any, **page: Any) -> Node:
        found = changed_files(hub.repo, threads.pull_base(hub, pull), pull.head_sha)
        return connection(found, _file, page)

    def reviews(info: Any, **page: Any) -> Node:
        states, who = page.get("states"), page.get("author")
        found = [
            item
            for item in pull.reviews
            if (not states or item.state in states) and who in (None, item.user)
        ]
        return connection(found, lambda item: review(view, issue, item), page)

    def latest(info: Any, **page: Any) -> Node:
        newest = list({item.user: item for item in pull.reviews}.values())
        return connection(newest, lambda item: review(view, issue, item), page)

    return {
        "__typename": "PullRequest",
        "id": common.node("PullRequest", pull.id),
        "databaseId": pull.id,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "url": url,
        "state": state(issue),
        "closed": issue.state == "closed",
        "closedAt": issue.closed_at,
        "createdAt": issue.created_at,
        "updatedAt": issue.updated_at,
        "isDraft": pull.draft,
        "isCrossRepository": False,
        "merged": pull.merged,
        "mergedAt": pull.merged_at,
        "mergedBy": actor(view, pull.merged_by) if pull.merged_by else None,
        "mergeable": mergeable,
        "mergeCommit": _commit(view, pull.merge_commit_sha if pull.merged else None),
        "potentialMergeCommit": _commit(view, None if pull.merged else pull.merge_commit_sha),
        "baseRefName": pull.base_ref,
        "baseRefOid": pull.base_sha,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "author": actor(view, issue.user),
        "authorAssociation": threads.association(issue.user),
        "reviews": reviews,
        "latestReviews": latest,
        "commits": commits,
        "files": files,
        "timelineItems": lambda info, **page: _timeline(view, issue, page),
        "labels": lambda info, **page: connection(
            issue.labels, lambda name: _label(view, name), page
        ),
    }


def _commit(view: View, sha: str | None) -> Any:
    """A commit, read only when it is chosen."""
    return (lambda info: commit(view, sha)) if sha else None


def _file(item: FileChange) -> Node:
    return {
        "path": item.filename, "additions": item.additions, "deletions": item.deletions,
        "changeType": CHANGES.get(item.status, "MODIFIED"),
    }  # fmt: skip


def _label(view: View, name: str) -> Node:
    item = view.hub.label(name)
    return {
        "__typename": "Label", "id": common.node("Label", item.id), "name": item.name,
        "color": item.color, "description": item.description,
    }  # fmt: skip


def review(view: View, issue: Issue, item: Review) -> Node:
    """``PullRequestReview``."""
    account = view.hub.user(item.user)
    return {
        "__typename": "PullRequestReview",
        "id": common.node("PullRequestReview", item.id),
        "databaseId": item.id,
        "author": actor(view, item.user),
        "authorAssociation": threads.association(item.user),
        "authorCanPushToRepository": account.kind == "User" and account.role in WRITERS,
        "state": item.state,
        "body": item.body,
        "submittedAt": item.submitted_at,
        "createdAt": item.submitted_at,
        "commit": _commit(view, item.commit_id),
        "url": f"{common.page(view.hub)}/pull/{issue.number}#pullrequestreview-{item.id}",
    }


def _timeline(view: View, issue: Issue, page: Mapping[str, Any]) -> Node:
    """Events and reviews in order of time; ``itemTypes`` chooses among them."""
    wanted = page.get("itemTypes")
    since = page.get("since") or ""
    found: list[tuple[str, IssueEvent | Review]] = []
    for event in issue.events:
        if event.event in EVENTS and (not wanted or EVENTS[event.event][1] in wanted):
            found.append((event.created_at, event))
    for item in threads.the_pull(issue).reviews:
        if not wanted or "PULL_REQUEST_REVIEW" in wanted:
            found.append((item.submitted_at, item))
    found = sorted((row for row in found if row[0] >= since), key=lambda row: row[0])
    found = found[page.get("skip") or 0 :]

    def node(row: tuple[str, IssueEvent | Review]) -> Node:
        entry = row[1]
        return review(view, issue, entry) if isinstance(entry, Review) else _event(view, entry)

    more = {"filteredCount": len(found), "pageCount": len(found), "updatedAt": issue.updated_at}
    return connection(found, node, page, **more)


def _event(view: View, item: IssueEvent) -> Node:
    kind = EVENTS[item.event][0]
    shape: Node = {
        "__typename": kind, "id": common.node(kind, item.id), "actor": actor(view, item.actor),
        "createdAt": item.created_at,
    }  # fmt: skip
    if item.event == "base_ref_changed":
        return {**shape, "previousRefName": item.old, "currentRefName": item.new}
    if item.event == "automatic_base_change_succeeded":
        return {**shape, "oldBase": item.old, "newBase": item.new}
    if item.event == "head_ref_force_pushed":
        before, after = _commit(view, item.old), _commit(view, item.new)
        return {**shape, "beforeCommit": before, "afterCommit": after}
    if item.event in ("labeled", "unlabeled"):
        return {**shape, "label": _label(view, item.label)}
    if item.event == "merged":
        return {**shape, "commit": _commit(view, item.commit_id), "mergeRefName": item.new}
    return shape
