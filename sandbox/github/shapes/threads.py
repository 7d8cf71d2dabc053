"""Issues, pull requests, comments, reviews."""

from __future__ import annotations

from sandbox.github.diffs import changed_files
from sandbox.github.hub import Hub
from sandbox.github.model import (
    APP_IDS,
    OWNER,
    REPOSITORY,
    REPOSITORY_ID,
    Comment,
    Issue,
    IssueEvent,
    Pull,
    Review,
)
from sandbox.github.shapes.apps import app
from sandbox.github.shapes.common import Shape, label, node, owner, page, repository, root, user


def association(login: str) -> str:
    """``author-association``: everyone here belongs to the organisation, the bot does not."""
    return "NONE" if login.endswith("[bot]") else "MEMBER"


def via(hub: Hub, login: str) -> Shape | None:
    """The app behind what a bot did, None for what a person did."""
    slug = login.removesuffix("[bot]")
    return app(hub, slug) if slug in APP_IDS and login != slug else None


def _labels(hub: Hub, item: Issue) -> list[Shape]:
    return [label(hub, hub.label(name)) for name in item.labels]


def _comments(hub: Hub, item: Issue) -> int:
    return sum(comment.number == item.number for comment in hub.state.comments.values())


def issue(hub: Hub, item: Issue) -> Shape:
    """``issue``; a pull request is one too, with the key ``pull_request``."""
    url = f"{root(hub)}/issues/{item.number}"
    people = [user(hub, login) for login in item.assignees]
    shape: Shape = {
        "id": item.id,
        "node_id": node("Issue", item.id),
        "url": url,
        "repository_url": root(hub),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{page(hub)}/{'pull' if item.pull else 'issues'}/{item.number}",
        "number": item.number,
        "state": item.state,
        "state_reason": item.state_reason,
        "title": item.title,
        "body": item.body,
        "user": user(hub, item.user),
        "labels": _labels(hub, item),
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "locked": False,
        "comments": _comments(hub, item),
        "closed_at": item.closed_at,
        "closed_by": user(hub, item.closed_by) if item.closed_by else None,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "author_association": association(item.user),
        "performed_via_github_app": via(hub, item.user),
    }
    if item.pull:
        at = f"{page(hub)}/pull/{item.number}"
        shape["pull_request"] = {
            "url": f"{root(hub)}/pulls/{item.number}",
            "html_url": at,
            "diff_url": f"{at}.diff",
            "patch_url": f"{at}.patch",
            "merged_at": item.pull.merged_at,
        }
    return shape


def comment(hub: Hub, item: Comment) -> Shape:
    """``issue-comment``."""
    kind = "pull" if hub.state.issues[item.number].pull else "issues"
    return {
        "id": item.id,
        "node_id": node("IssueComment", item.id),
        "url": f"{root(hub)}/issues/comments/{item.id}",
        "html_url": f"{page(hub)}/{kind}/{item.number}#issuecomment-{item.id}",
        "issue_url": f"{root(hub)}/issues/{item.number}",
        "user": user(hub, item.user),
        "body": item.body,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "author_association": association(item.user),
        "performed_via_github_app": via(hub, item.user),
    }


def issue_event(hub: Hub, item: IssueEvent) -> Shape:
    """``issue-event-for-issue``."""
    shape: Shape = {
        "id": item.id,
        "node_id": node("IssueEvent", item.id),
        "url": f"{root(hub)}/issues/events/{item.id}",
        "actor": user(hub, item.actor),
        "event": item.event,
        "commit_id": item.commit_id,
        "commit_url": f"{root(hub)}/commits/{item.commit_id}" if item.commit_id else None,
        "created_at": item.created_at,
        "performed_via_github_app": via(hub, item.actor),
    }
    if item.label:
        known = hub.label(item.label)
        shape["label"] = {"name": known.name, "color": known.color}
    if item.event == "closed":
        shape["state_reason"] = None
    return shape


def review(hub: Hub, number: int, item: Review) -> Shape:
    """``pull-request-review``."""
    at = f"{page(hub)}/pull/{number}#pullrequestreview-{item.id}"
    pull_url = f"{root(hub)}/pulls/{number}"
    return {
        "id": item.id,
        "node_id": node("PullRequestReview", item.id),
        "user": user(hub, item.user),
        "body": item.body,
        "state": item.state,
        "commit_id": item.commit_id,
        "submitted_at": item.submitted_at,
        "html_url": at,
        "pull_request_url": pull_url,
        "author_association": association(item.user),
        "_links": {"html": {"href": at}, "pull_request": {"href": pull_url}},
    }


def _side(hub: Hub, ref: str, sha: str) -> Shape:
    return {
        "label": f"{OWNER}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": owner(hub),
        "repo": repository(hub),
    }


def pull_minimal(hub: Hub, item: Issue) -> Shape:
    """``pull-request-minimal``, as in checks and runs."""
    pull = the_pull(item)
    repo = {"id": REPOSITORY_ID, "url": root(hub), "name": REPOSITORY.partition("/")[2]}
    return {
        "id": pull.id,
        "number": item.number,
        "url": f"{root(hub)}/pulls/{item.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repo},
    }


def the_pull(item: Issue) -> Pull:
    """The pull request half of an issue that is known to be one."""
    if item.pull is None:
        raise LookupError(f"#{item.number} is no pull request")
    return item.pull


def pull_simple(hub: Hub, item: Issue) -> Shape:
    """``pull-request-simple``, as in lists."""
    pull = the_pull(item)
    url = f"{root(hub)}/pulls/{item.number}"
    issue_url = f"{root(hub)}/issues/{item.number}"
    at = f"{page(hub)}/pull/{item.number}"
    statuses = f"{root(hub)}/statuses/{pull.head_sha}"
    people = [user(hub, login) for login in item.assignees]
    review_comment = f"{root(hub)}/pulls/comments{{/number}}"
    # The description wants texts here, though it lets a label itself have no description.
    labels = [{**shape, "description": shape["description"] or ""} for shape in _labels(hub, item)]
    return {
        "id": pull.id,
        "node_id": node("PullRequest", pull.id),
        "url": url,
        "html_url": at,
        "diff_url": f"{at}.diff",
        "patch_url": f"{at}.patch",
        "issue_url": issue_url,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": review_comment,
        "comments_url": f"{issue_url}/comments",
        "statuses_url": statuses,
        "number": item.number,
        "state": item.state,
        "locked": False,
        "title": item.title,
        "user": user(hub, item.user),
        "body": item.body,
        "labels": labels,
        "milestone": None,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "closed_at": item.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": people[0] if people else None,
        "assignees": people,
        "requested_reviewers": [user(hub, login) for login in pull.requested_reviewers],
        "requested_teams": [],
        "head": _side(hub, pull.head_ref, pull.head_sha),
        "base": _side(hub, pull.base_ref, pull.base_sha),
        "author_association": association(item.user),
        "auto_merge": None,
        "draft": pull.draft,
        "_links": {
            "self": {"href": url},
            "html": {"href": at},
            "issue": {"href": issue_url},
            "comments": {"href": f"{issue_url}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": review_comment},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": statuses},
        },
    }


def pull_full(hub: Hub, item: Issue, mergeable_state: str) -> Shape:
    """``pull-request``; ``mergeable_state`` as ``sandbox.github.gates.mergeable_state`` says."""
    pull = the_pull(item)
    base = pull_base(hub, pull)
    files = changed_files(hub.repo, base, pull.head_sha)
    return {
        **pull_simple(hub, item),
        "merged": pull.merged,
        "mergeable": None if pull.merged else pull.mergeable,
        "rebaseable": None if pull.merged else pull.mergeable,
        "mergeable_state": mergeable_state,
        "merged_by": user(hub, pull.merged_by) if pull.merged_by else None,
        "comments": _comments(hub, item),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": hub.repo.count(f"{base}..{pull.head_sha}"),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def pull_base(hub: Hub, pull: Pull) -> str:
    """Where the pull request's own changes begin: the merge base of its two sides."""
    return hub.repo.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
