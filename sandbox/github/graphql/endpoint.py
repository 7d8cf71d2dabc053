"""``POST /api/graphql``, the address in GITHUB_GRAPHQL_URL: read, validate, count, answer.

Source: docs.github.com, "Forming calls with GraphQL", "Rate limits and query limits for the
GraphQL API". Whatever is wrong with a query, the status is 200 and ``errors`` says it.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.github.api.endpoint import caller, faulty
from sandbox.github.graphql.connection import Node, refusal
from sandbox.github.graphql.cost import Cost, measure
from sandbox.github.graphql.nodes import View, commit, organization, user
from sandbox.github.graphql.pulls import listed, pull_request
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.limits import Allowance
from sandbox.github.model import DEFAULT_BRANCH, NAME, OWNER, REPOSITORY, REPOSITORY_ID
from sandbox.github.shapes import common

PATHS = ("/api/graphql", "/graphql")
_MEDIA = "application/json; charset=utf-8"
_OID = re.compile(r"[0-9a-f]{40}")


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The part of GitHub's schema that is answered here."""
    found = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    oid = found.type_map["GitObjectID"]
    if isinstance(oid, GraphQLScalarType):
        oid.coerce_input_value = _object_id
    return found


def _object_id(value: Any) -> str:
    if not isinstance(value, str) or not _OID.fullmatch(value):
        raise GraphQLError(f"{value!r} is no valid GitObjectID.")
    return value


def routes(hub: Hub) -> list[Route]:
    async def endpoint(request: Request) -> Response:
        fault = hub.faults.take(request.method, request.url.path)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.status:
                return faulty(hub, request, fault, "graphql")
        by = caller(hub, request)
        if by is None:
            body = {"message": "This endpoint requires you to be authenticated."}
            return Response(json.dumps(body), 401, media_type=_MEDIA)
        raw = await request.body()
        body, left = await run_in_threadpool(_answer, hub, by, raw)
        status = 200 if "message" not in body else 400
        return Response(json.dumps(body), status, left.headers(), media_type=_MEDIA)

    return [Route(path, endpoint, methods=["POST"]) for path in PATHS]


def _answer(hub: Hub, by: Identity, raw: bytes) -> tuple[dict[str, Any], Allowance]:
    left = hub.limits.spend(by, "graphql", 0)
    try:
        asked = json.loads(raw)
        text, name = asked["query"], asked.get("operationName")
        variables = asked.get("variables") or {}
    except (ValueError, KeyError, TypeError):
        return {"message": "Problems parsing JSON"}, left
    try:
        document = parse(text)
        if errors := validate(schema(), document):
            return {"errors": [_error(error) for error in errors]}, left
        cost = measure(schema(), document, name, variables)
        left = hub.limits.spend(by, "graphql", cost.points)
        if left.exceeded:
            raise refusal("RATE_LIMIT", "API rate limit already exceeded for this token.")
    except GraphQLError as error:
        return {"errors": [_error(error)]}, left
    with hub.lock:
        done = execute_sync(
            schema(), document, _root(View(hub, by), cost, left),
            variable_values=variables, operation_name=name,
        )  # fmt: skip
    found: dict[str, Any] = {"data": done.data}
    if done.errors:
        found["errors"] = [_error(error) for error in done.errors]
    return found, left


def _error(error: GraphQLError) -> dict[str, Any]:
    """GitHub puts the ``type`` of an error beside its message."""
    shape: dict[str, Any] = dict(error.formatted)
    extensions = shape.pop("extensions", None) or {}
    return {**extensions, **shape}


def _root(view: View, cost: Cost, left: Allowance) -> Node:
    def repository(info: Any, owner: str, name: str, **more: Any) -> Node:
        if (owner.lower(), name.lower()) != (OWNER, NAME):
            text = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise refusal("NOT_FOUND", text)
        return _repository(view)

    def org(info: Any, login: str) -> Node:
        if login.lower() != OWNER:
            text = f"Could not resolve to an Organization with the login of '{login}'."
            raise refusal("NOT_FOUND", text)
        return organization(view)

    reset = datetime.fromtimestamp(left.reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "repository": repository,
        "organization": org,
        "viewer": lambda info: user(view, view.by.login),
        "rateLimit": {
            "cost": cost.points, "limit": left.limit, "nodeCount": cost.nodes,
            "remaining": left.remaining, "resetAt": reset, "used": left.used,
        },
    }  # fmt: skip


def _repository(view: View) -> Node:
    hub = view.hub

    def git_object(info: Any, oid: str | None = None, expression: str | None = None) -> Any:
        view.need("contents")
        sha = hub.repo.resolve(oid or expression or "")
        return commit(view, sha) if sha else None

    def pull(info: Any, number: int) -> Node:
        view.need("pull-requests")
        issue = hub.state.issues.get(number)
        if issue is None or issue.pull is None:
            text = f"Could not resolve to a PullRequest with the number of {number}."
            raise refusal("NOT_FOUND", text)
        return pull_request(view, issue)

    def ref(info: Any, qualifiedName: str = DEFAULT_BRANCH) -> Node | None:
        view.need("contents")
        full = qualifiedName if qualifiedName.startswith("refs/") else f"refs/heads/{qualifiedName}"
        sha = hub.state.refs.get(full)
        prefix, _, name = full.partition("/heads/")
        if sha is None:
            return None
        return {
            "id": common.node("Ref", full), "name": name or full.rpartition("/")[2],
            "prefix": f"{prefix}/heads/" if name else f"{full.rpartition('/')[0]}/",
            "target": lambda info: commit(view, sha),
        }  # fmt: skip

    return {
        "__typename": "Repository",
        "id": common.node("Repository", REPOSITORY_ID),
        "databaseId": REPOSITORY_ID,
        "name": NAME,
        "nameWithOwner": REPOSITORY,
        "url": common.page(hub),
        "owner": lambda info: organization(view),
        "isPrivate": hub.state.visibility == "private",
        "visibility": hub.state.visibility.upper(),
        "defaultBranchRef": ref,
        "ref": ref,
        "object": git_object,
        "pullRequest": pull,
        "pullRequests": lambda info, **page: listed(view, page),
    }
