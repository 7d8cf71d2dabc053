"""Accounts, the organisation, its teams, and who may do what on the repository."""

from __future__ import annotations

from typing import Any

from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.model import OWNER, OWNER_ID, Team
from sandbox.github.shapes import common

#: No ``permissions`` key of a workflow gives this: a job cannot ask who is in a team.
MEMBERS = "members:read"
TEAM = "/orgs/{org}/teams/{team_slug}"
#: Role -> the older word for it in ``permission`` ("Get repository permissions for a user").
OLDER = {"maintain": "write", "triage": "read"}


@operation("get", "/user")
def get_user(call: Call) -> Answer:
    if call.by.is_job:
        raise ApiError(403, "Resource not accessible by integration")
    account = call.hub.user(call.by.login)
    zero = dict.fromkeys(
        ("followers", "following", "public_gists", "public_repos", "collaborators", "disk_usage",
         "owned_private_repos", "private_gists", "total_private_repos"), 0,
    )  # fmt: skip
    empty = dict.fromkeys(("bio", "blog", "company", "hireable", "location"))
    stamp = {"created_at": call.hub.state.created_at, "updated_at": call.hub.state.created_at}
    more = {"name": account.name, "email": account.email, "two_factor_authentication": True}
    return Answer(200, {**common.user(call.hub, account.login), **zero, **empty, **stamp, **more})


@operation("get", "/users/{username}", "metadata:read")
def get_account(call: Call) -> Answer:
    account = call.hub.state.users.get(call.path["username"])
    if account is None:
        raise not_found()
    zero = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    empty = dict.fromkeys(("bio", "blog", "company", "hireable", "location", "email"))
    stamp = {"created_at": call.hub.state.created_at, "updated_at": call.hub.state.created_at}
    shape = common.user(call.hub, account.login)
    return Answer(200, {**shape, **zero, **empty, **stamp, "name": account.name})


def _org(call: Call) -> None:
    if call.path["org"] != OWNER:
        raise not_found()


@operation("get", "/orgs/{org}", "metadata:read")
def get_org(call: Call) -> Answer:
    _org(call)
    return Answer(200, _organization(call))


def _organization(call: Call) -> dict[str, Any]:
    url = f"{call.hub.api}/orgs/{OWNER}"
    links = {k: f"{url}/{k.removesuffix('_url')}" for k in
             ("repos_url", "events_url", "hooks_url", "issues_url")}  # fmt: skip
    zero = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    flags = {"has_organization_projects": False, "has_repository_projects": False}
    return {
        "login": OWNER, "id": OWNER_ID, "node_id": common.node("Organization", OWNER_ID),
        "url": url, "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{call.hub.url}/_static/avatar/{OWNER}.svg", "description": None,
        "html_url": f"{call.hub.url}/{OWNER}", "type": "Organization",
        "created_at": call.hub.state.created_at, "updated_at": call.hub.state.created_at,
        "archived_at": None, **links, **zero, **flags,
    }  # fmt: skip


def _team(call: Call) -> Team:
    _org(call)
    team = call.hub.state.teams.get(call.path["team_slug"])
    if team is None:
        raise not_found()
    return team


def _shape(call: Call, team: Team) -> dict[str, Any]:
    url = f"{call.hub.api}/organizations/{OWNER_ID}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": common.node("Team", team.id),
        "url": url,
        "html_url": f"{call.hub.url}/orgs/{OWNER}/teams/{team.slug}",
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": {"read": "pull", "write": "push"}.get(team.role, team.role),
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": OWNER_ID,
        "parent": None,
    }


@operation("get", "/orgs/{org}/teams", MEMBERS)
def list_teams(call: Call) -> Answer:
    _org(call)
    return call.page(list(call.hub.state.teams.values()), lambda team: _shape(call, team))


@operation("get", TEAM, MEMBERS)
def get_team(call: Call) -> Answer:
    team = _team(call)
    counts = {"members_count": len(team.members), "repos_count": 1}
    stamps = {"created_at": call.hub.state.created_at, "updated_at": call.hub.state.created_at}
    organization = {"organization": _organization(call)}
    return Answer(200, {**_shape(call, team), **counts, **stamps, **organization})


@operation("get", f"{TEAM}/members", MEMBERS)
def list_members(call: Call) -> Answer:
    logins = _team(call).members if call.query.get("role", "all") != "maintainer" else []
    return call.page(logins, lambda login: common.user(call.hub, login))


@operation("get", f"{TEAM}/memberships/{{username}}", MEMBERS)
def get_membership(call: Call) -> Answer:
    team, login = _team(call), call.path["username"]
    if login not in team.members:
        raise not_found()
    url = f"{call.hub.api}/organizations/{OWNER_ID}/team/{team.id}/memberships/{login}"
    return Answer(200, {"url": url, "role": "member", "state": "active"})


@operation("get", "~/collaborators/{username}/permission", "metadata:read")
def get_permission(call: Call) -> Answer:
    """``role_name`` is the role; apps are no collaborators, whatever their tokens may do."""
    account = call.hub.state.users.get(call.path["username"])
    if account is None:
        raise not_found()
    role = account.role if account.kind == "User" else "none"
    rights = {
        "pull": role != "none", "triage": role not in ("none", "read"),
        "push": role in ("write", "maintain", "admin"), "maintain": role in ("maintain", "admin"),
        "admin": role == "admin",
    }  # fmt: skip
    shape = {**common.user(call.hub, account.login), "role_name": role, "permissions": rights}
    return Answer(200, {"permission": OLDER.get(role, role), "role_name": role, "user": shape})


@operation("get", "/rate_limit")
def rate_limit(call: Call) -> Answer:
    """What is left; "accessing this endpoint does not count against your REST API rate limit"."""

    def row(resource: str) -> dict[str, int]:
        left = call.hub.limits.spend(call.by, resource, 0)
        used = min(left.used, left.limit)
        return {"limit": left.limit, "used": used, "remaining": left.remaining, "reset": left.reset}

    core = row("core")
    resources = {"core": core, "search": core, "graphql": row("graphql")}
    return Answer(200, {"resources": resources, "rate": core})
