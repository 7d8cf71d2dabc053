"""From HTTP to an operation and back: faults, identity, contract, lock, errors."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.actions.model import ActionsError
from sandbox.github.api import (
    actions,
    activity,
    checks,
    deployments,
    gitdata,
    issues,
    people,
    protection,
    pulls,
    repos,
)
from sandbox.github.api.core import OPERATIONS, Answer, Call, Operation, authorise
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.contract import Contract
from sandbox.github.faults import Fault
from sandbox.github.hub import Hub
from sandbox.github.identity import STRANGER, BadCredentials, Identity, identify
from sandbox.github.limits import Allowance
from sandbox.github.model import NAME, OWNER

log = logging.getLogger("sandbox.github")

#: The modules that declare operations; naming them is what registers them.
GROUPS = (
    actions, activity, checks, deployments, gitdata, issues, people, protection, pulls, repos,
)  # fmt: skip
#: Path parameters that may hold slashes.
_WIDE = ("path", "ref", "branch", "basehead", "environment_name", "workflow_id")
_MEDIA = "application/json; charset=utf-8"


def routes(hub: Hub, contract: Contract) -> list[Route]:
    """One route a path; the more literal a path is, the earlier it is tried."""
    by_template: dict[str, dict[str, Operation]] = {}
    for op in OPERATIONS:
        by_template.setdefault(op.template, {})[op.method] = op

    def literal(template: str) -> tuple[int, int]:
        parts = template.split("/")
        return (-sum(not part.startswith("{") for part in parts), -len(parts))

    found = []
    for template in sorted(by_template, key=literal):
        path = re.sub(r"\{(\w+)\}", _parameter, template)
        endpoint = _endpoint(hub, contract, by_template[template])
        methods = [*by_template[template]]
        found.append(Route(f"/api/v3{path}", endpoint, methods=methods))
    return found


def _parameter(match: re.Match[str]) -> str:
    name = match.group(1)
    return f"{{{name}:path}}" if name in _WIDE else f"{{{name}}}"


def _endpoint(
    hub: Hub, contract: Contract, operations: dict[str, Operation]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        op = operations["GET" if request.method == "HEAD" else request.method]
        path = request.url.path.removeprefix("/api/v3")
        fault = hub.faults.take(request.method, path)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.status:
                return faulty(hub, request, fault)
        raw = await request.body()
        started = time.perf_counter()
        by = caller(hub, request)
        left = hub.limits.spend(by, "core", 0 if path == "/rate_limit" else 1)
        if left.exceeded:
            return _response(exceeded(left))
        answer = await run_in_threadpool(_handle, hub, contract, op, request, path, raw)
        spent = (time.perf_counter() - started) * 1000
        response = _response(answer)
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        response.headers.update(left.headers())
        response.headers["Server-Timing"] = f"app;dur={spent:.1f}"
        return response

    return endpoint


def faulty(hub: Hub, request: Request, fault: Fault, resource: str = "core") -> Response:
    """The answer of a fault."""
    if fault.status not in (403, 429):
        text = "Server Error"
    elif fault.retry_after is not None:
        text = "You have exceeded a secondary rate limit. Please wait a few minutes."
    else:
        text = "API rate limit exceeded"
    headers = hub.limits.spend(caller(hub, request), resource, 0).headers()
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    body = json.dumps({"message": text, "documentation_url": "https://docs.github.com/rest"})
    return Response(body, fault.status, headers, media_type=_MEDIA)


def exceeded(left: Allowance) -> Answer:
    """The answer to a call too many."""
    text = "API rate limit exceeded for this token. (GitHub names the user or installation here.)"
    return Answer(403, ApiError(403, text).body(), left.headers())


def caller(hub: Hub, request: Request) -> Identity | None:
    """Who asks, as far as that is known."""
    try:
        return identify(request.headers.get("authorization"), hub.state, hub.jobs)
    except BadCredentials:
        return None


def _handle(
    hub: Hub, contract: Contract, op: Operation, request: Request, path: str, raw: bytes
) -> Answer:
    try:
        answer = _operate(hub, contract, op, request, path, raw)
    except ApiError as error:
        answer = Answer(error.status, error.body())
    except ActionsError as error:
        answer = Answer(error.status, ApiError(error.status, str(error)).body())
    except Exception:
        log.exception("%s %s failed", op.method, path)
        answer = Answer(500, ApiError(500, "Server Error").body())
    for violation in contract.response(op.method, op.template, path, answer.status, answer.body):
        log.error("answer breaks the contract: %s", violation)
    return answer


def _operate(
    hub: Hub, contract: Contract, op: Operation, request: Request, path: str, raw: bytes
) -> Answer:
    by = _who(hub, op, request)
    parameters = {key: str(value) for key, value in request.path_params.items()}
    if (parameters.get("owner", OWNER), parameters.get("repo", NAME)) != (OWNER, NAME):
        raise not_found()
    authorise(op, by)
    body = _body(raw)
    query = dict(request.query_params)
    wrong = contract.request(op.method, op.template, path, query, body, bool(raw))
    if any(violation.where.startswith("body") for violation in wrong):
        first = wrong[0]
        raise ApiError(422, f"Invalid request.\n\n{first.where}: {first.message}")
    call = Call(
        hub, by, parameters, query, body, str(request.url.replace(query="")),
        request.headers.get("accept", ""),
    )  # fmt: skip
    with hub.lock if op.locked else contextlib.nullcontext():
        answer = op.handler(call)
    if op.method != "GET":
        hub.touch()
    return answer


def _who(hub: Hub, op: Operation, request: Request) -> Identity:
    try:
        by = identify(request.headers.get("authorization"), hub.state, hub.jobs)
    except BadCredentials as error:
        raise ApiError(401, "Bad credentials") from error
    if by is None and op.method == "GET" and hub.state.visibility == "public" and op.needs:
        return STRANGER
    if by is None:
        # A private repository does not tell strangers that it exists.
        raise (
            ApiError(401, "Requires authentication")
            if request.url.path.endswith("/user")
            else not_found()
        )
    return by


def _body(raw: bytes) -> Any:
    if not raw:
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(b"", answer.status, headers)
    if isinstance(answer.body, (str, bytes)):
        media = headers.pop("Content-Type", "text/plain; charset=utf-8")
        return Response(answer.body, answer.status, headers, media_type=media)
    content = json.dumps(answer.body, ensure_ascii=False).encode()
    return Response(content, answer.status, headers, media_type=_MEDIA)


async def unknown(request: Request) -> Response:
    """Anything below the API that this GitHub does not know."""
    body = {**ApiError(404, "Not Found").body()}
    return Response(json.dumps(body), 404, media_type=_MEDIA)
