"""Commits and people as GraphQL sees them. Fields that take work are functions, asked when chosen.

Two things differ from the REST API, as at GitHub: an app's login has no ``[bot]`` behind it where
it acts (``author``, ``mergedBy``, ``actor``), and the address that GitHub commits with belongs to
nobody (REST says ``web-flow``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.github.gitrepo import Commit, Person
from sandbox.github.graphql.connection import Node, connection, refusal
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import OWNER, WEB_FLOW
from sandbox.github.shapes import common

FORBIDDEN = "Resource not accessible by integration"
_CO_AUTHOR = re.compile(r"^co-authored-by:\s*(.+?)\s*<([^>]+)>\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class View:
    """The repository as one caller may see it."""

    hub: Hub
    by: Identity

    def need(self, scope: str) -> None:
        """Refuse a caller without the right to read."""
        if not self.by.may(scope, "read"):
            raise refusal("FORBIDDEN", FORBIDDEN)


def actor(view: View, login: str) -> Node | None:
    """``Actor``: a person, or an app by its slug; None for those who left."""
    account = view.hub.user(login)
    if account.login == "ghost":
        return None
    if account.kind == "Bot":
        slug = account.login.removesuffix("[bot]")
        url = f"{view.hub.url}/apps/{slug}"
        node = common.node("Bot", account.id)
        return {"__typename": "Bot", "id": node, "login": slug, "url": url,
                "databaseId": account.id}  # fmt: skip
    return user(view, login)


def user(view: View, login: str) -> Node:
    """``User``; an app keeps its ``[bot]`` here."""
    account = view.hub.user(login)
    return {
        "__typename": "User",
        "id": common.node("User", account.id),
        "login": account.login,
        "name": account.name,
        "url": f"{view.hub.url}/{account.login}",
        "databaseId": account.id,
    }


def organization(view: View) -> Node:
    """``Organization``; teams are for people (no ``permissions`` key gives them to a job)."""

    def team(info: Any, slug: str) -> Node | None:
        view.need("members")
        found = view.hub.state.teams.get(slug)
        return None if found is None else {
            "__typename": "Team", "id": common.node("Team", found.id), "name": found.name,
            "slug": found.slug,
            "members": lambda info, **page: connection(
                found.members, lambda login: user(view, login), page
            ),
        }  # fmt: skip

    url = f"{view.hub.url}/{OWNER}"
    shape = common.owner(view.hub)
    return {"__typename": "Organization", "id": shape["node_id"], "login": OWNER, "url": url,
            "databaseId": shape["id"], "team": team}  # fmt: skip


def git_actor(view: View, who: Person) -> Node:
    """``GitActor``: name and address as written, and the account with that address."""
    login = common.account_of(view.hub, who.email)
    known = login if login != WEB_FLOW.login else None
    return {
        "name": who.name, "email": who.email, "date": who.date or None,
        "user": user(view, known) if known else None,
    }  # fmt: skip


def authors(commit: Commit) -> list[Person]:
    """The author and those named in ``Co-authored-by`` trailers, each address once."""
    found = {commit.author.email: commit.author}
    for name, email in _CO_AUTHOR.findall(commit.message):
        found.setdefault(email, Person(name, email))
    return list(found.values())


def commit(view: View, sha: str) -> Node:
    """``Commit``."""
    from sandbox.github.graphql.pulls import associated

    item = view.hub.repo.commit(sha)
    headline = item.subject

    def history(info: Any, **page: Any) -> Node:
        found = view.hub.repo.log(sha, limit=100_000, path=page.get("path"))
        return connection(found, lambda each: commit(view, each.sha), page)

    return {
        "__typename": "Commit",
        "id": common.node("Commit", sha),
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "message": item.message,
        "messageHeadline": headline,
        "url": f"{common.page(view.hub)}/commit/{sha}",
        "authoredDate": item.author.date,
        "committedDate": item.committer.date,
        "tree": {"oid": item.tree, "abbreviatedOid": item.tree[:7],
                 "id": common.node("Tree", item.tree)},
        "author": git_actor(view, item.author),
        "committer": git_actor(view, item.committer),
        "authors": lambda info, **page: connection(
            authors(item), lambda who: git_actor(view, who), page
        ),
        "parents": lambda info, **page: connection(
            item.parents, lambda parent: commit(view, parent), page
        ),
        "associatedPullRequests": lambda info, **page: associated(view, sha, page),
        "history": history,
    }  # fmt: skip
