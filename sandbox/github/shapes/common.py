"""Users, the repository, labels, commits: the shapes that all others are made of."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from sandbox.github.gitrepo import Commit, FileChange
from sandbox.github.hub import Hub
from sandbox.github.model import (
    BOT,
    DEFAULT_BRANCH,
    NAME,
    OWNER,
    OWNER_ID,
    REPOSITORY,
    REPOSITORY_ID,
    WEB_FLOW,
    Label,
)

Shape = dict[str, Any]


def node(kind: str, number: object) -> str:
    """A global node id, opaque as GitHub's are."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def root(hub: Hub) -> str:
    """The repository's address in the API."""
    return f"{hub.api}/repos/{REPOSITORY}"


def page(hub: Hub) -> str:
    """The repository's address in a browser."""
    return f"{hub.url}/{REPOSITORY}"


def _account(hub: Hub, login: str, number: int, kind: str, admin: bool) -> Shape:
    url = f"{hub.api}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node(kind, number),
        "avatar_url": f"{hub.url}/_static/avatar/{login}.svg",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{hub.url}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "site_admin": admin,
    }


def user(hub: Hub, login: str) -> Shape:
    """``simple-user``."""
    account = hub.user(login)
    return _account(hub, account.login, account.id, account.kind, False)


def owner(hub: Hub) -> Shape:
    """The organisation that owns the repository."""
    return _account(hub, OWNER, OWNER_ID, "Organization", False)


#: Templates of ``minimal-repository``: key before ``_url`` -> path below the repository.
_URLS = {
    "archive": "{archive_format}{/ref}", "assignees": "assignees{/user}",
    "blobs": "git/blobs{/sha}", "branches": "branches{/branch}",
    "collaborators": "collaborators{/collaborator}", "comments": "comments{/number}",
    "commits": "commits{/sha}", "compare": "compare/{base}...{head}",
    "contents": "contents/{+path}", "contributors": "contributors",
    "deployments": "deployments", "downloads": "downloads", "events": "events",
    "forks": "forks", "git_commits": "git/commits{/sha}", "git_refs": "git/refs{/sha}",
    "git_tags": "git/tags{/sha}", "hooks": "hooks",
    "issue_comment": "issues/comments{/number}", "issue_events": "issues/events{/number}",
    "issues": "issues{/number}", "keys": "keys{/key_id}", "labels": "labels{/name}",
    "languages": "languages", "merges": "merges", "milestones": "milestones{/number}",
    "notifications": "notifications{?since,all,participating}", "pulls": "pulls{/number}",
    "releases": "releases{/id}", "stargazers": "stargazers", "statuses": "statuses/{sha}",
    "subscribers": "subscribers", "subscription": "subscription", "tags": "tags",
    "teams": "teams", "trees": "git/trees{/sha}",
}  # fmt: skip


def minimal_repository(hub: Hub) -> Shape:
    """``minimal-repository``."""
    return {
        "id": REPOSITORY_ID,
        "node_id": node("Repository", REPOSITORY_ID),
        "name": NAME,
        "full_name": REPOSITORY,
        "private": hub.state.visibility == "private",
        "owner": owner(hub),
        "html_url": page(hub),
        "description": "The local GitHub of the delivery sandbox",
        "fork": False,
        "url": root(hub),
        **{f"{key}_url": f"{root(hub)}/{path}" for key, path in _URLS.items()},
    }


def repository(hub: Hub) -> Shape:
    """``full-repository``, which holds all of ``repository``."""
    open_issues = sum(issue.state == "open" for issue in hub.state.issues.values())
    counts = dict.fromkeys(
        ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size"), 0
    )
    return {
        **minimal_repository(hub),
        **counts,
        "git_url": f"git://{hub.url.removeprefix('http://')}/{REPOSITORY}.git",
        "ssh_url": f"git@{hub.url.removeprefix('http://')}:{REPOSITORY}.git",
        "clone_url": f"{page(hub)}.git",
        "svn_url": page(hub),
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": DEFAULT_BRANCH,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "network_count": 0,
        "subscribers_count": 0,
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": hub.state.visibility,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_update_branch": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "created_at": hub.state.created_at,
        "updated_at": hub.state.pushed_at,
        "pushed_at": hub.state.pushed_at,
    }


def label(hub: Hub, item: Label) -> Shape:
    """``label``."""
    return {
        "id": item.id,
        "node_id": node("Label", item.id),
        "url": f"{root(hub)}/labels/{item.name}",
        "name": item.name,
        "description": item.description,
        "color": item.color,
        "default": item.name == "bug",
    }


@lru_cache(maxsize=1)
def _unsigned() -> Shape:
    return {
        "verified": False,
        "reason": "unsigned",
        "signature": None,
        "payload": None,
        "verified_at": None,
    }


def account_of(hub: Hub, email: str) -> str | None:
    """The login behind a commit's address, None for strangers."""
    if email == WEB_FLOW.email:
        return WEB_FLOW.login
    for account in hub.state.users.values():
        if email in (account.email, f"{account.login}@example.com"):
            return account.login
    return BOT if email.endswith("github-actions[bot]@users.noreply.github.com") else None


def _who(hub: Hub, email: str) -> Shape | None:
    login = account_of(hub, email)
    return user(hub, login) if login else None


def commit(hub: Hub, item: Commit, files: list[FileChange] | None = None) -> Shape:
    """``commit``; with ``files`` as the single-commit endpoint gives it."""
    url = f"{root(hub)}/commits/{item.sha}"
    shape: Shape = {
        "url": url,
        "sha": item.sha,
        "node_id": node("Commit", item.sha),
        "html_url": f"{page(hub)}/commit/{item.sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{root(hub)}/git/commits/{item.sha}",
            "author": person(item, "author"),
            "committer": person(item, "committer"),
            "message": item.message,
            "comment_count": 0,
            "tree": {"sha": item.tree, "url": f"{root(hub)}/git/trees/{item.tree}"},
            "verification": dict(_unsigned()),
        },
        "author": _who(hub, item.author.email),
        "committer": _who(hub, item.committer.email),
        "parents": [_parent(hub, sha) for sha in item.parents],
    }
    if files is not None:
        more = sum(file.additions for file in files)
        less = sum(file.deletions for file in files)
        shape["stats"] = {"additions": more, "deletions": less, "total": more + less}
        shape["files"] = [diff_entry(hub, file, item.sha) for file in files]
    return shape


def _parent(hub: Hub, sha: str) -> Shape:
    return {
        "sha": sha,
        "url": f"{root(hub)}/commits/{sha}",
        "html_url": f"{page(hub)}/commit/{sha}",
    }


def person(item: Commit, part: str) -> Shape:
    who = item.author if part == "author" else item.committer
    return {"name": who.name, "email": who.email, "date": who.date}


def git_commit(hub: Hub, item: Commit) -> Shape:
    """``git-commit``."""
    return {
        "sha": item.sha,
        "node_id": node("Commit", item.sha),
        "url": f"{root(hub)}/git/commits/{item.sha}",
        "html_url": f"{page(hub)}/commit/{item.sha}",
        "author": person(item, "author"),
        "committer": person(item, "committer"),
        "tree": {"sha": item.tree, "url": f"{root(hub)}/git/trees/{item.tree}"},
        "message": item.message,
        "parents": [_parent(hub, sha) for sha in item.parents],
        "verification": dict(_unsigned()),
    }


def simple_commit(item: Commit) -> Shape:
    """``simple-commit``, as in runs, check suites and push events."""
    return {
        "id": item.sha,
        "tree_id": item.tree,
        "message": item.message,
        "timestamp": item.committer.date,
        "author": {"name": item.author.name, "email": item.author.email},
        "committer": {"name": item.committer.name, "email": item.committer.email},
    }


def diff_entry(hub: Hub, file: FileChange, sha: str) -> Shape:
    """``diff-entry``."""
    shape: Shape = {
        "sha": file.sha,
        "filename": file.filename,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{page(hub)}/blob/{sha}/{file.filename}",
        "raw_url": f"{page(hub)}/raw/{sha}/{file.filename}",
        "contents_url": f"{root(hub)}/contents/{file.filename}?ref={sha}",
    }
    if file.patch is not None:
        shape["patch"] = file.patch
    if file.previous:
        shape["previous_filename"] = file.previous
    return shape
