"""The sandbox's own doors, which GitHub does not have: seeding, waiting, faults, violations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.actions.model import ActionsError
from sandbox.github import oidc, pulls, queue
from sandbox.github.api.errors import ApiError
from sandbox.github.contract import Contract
from sandbox.github.faults import Fault
from sandbox.github.host import HubHost
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH, Team
from sandbox.github.seeding import SeedError, seed

MAX_WAIT = 300.0  # seconds


class Control:
    """Endpoints below ``/_sandbox`` and ``/_oidc``."""

    def __init__(self, hub: Hub, host: HubHost, contract: Contract) -> None:
        self._hub, self._host, self._contract = hub, host, contract

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/health", self.health),
            Route("/_sandbox/users", self.users),
            Route("/_sandbox/seed", self.seed, methods=["POST"]),
            Route("/_sandbox/wait", self.wait),
            Route("/_sandbox/faults", self.faults, methods=["POST", "DELETE"]),
            Route("/_sandbox/violations", self.violations, methods=["GET", "DELETE"]),
            Route("/_sandbox/oidc", self.mint, methods=["POST"]),
            Route("/_sandbox/schedule", self.schedule, methods=["POST"]),
            Route("/_sandbox/suggestion", self.suggestion, methods=["POST"]),
            Route("/_sandbox/queue", self.queue, methods=["POST"]),
            Route("/_sandbox/app-token", self.app_token, methods=["POST"]),
            Route("/_oidc/.well-known/openid-configuration", self.discovery),
            Route("/_oidc/.well-known/jwks", self.jwks),
            Route("/_oidc/token", self.token),
        ]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def users(self, request: Request) -> Response:
        """Logins, roles and tokens: this is a sandbox, they are no secrets."""
        people = [u for u in self._hub.state.users.values() if u.token]
        return JSONResponse([{"login": u.login, "role": u.role, "token": u.token} for u in people])

    async def seed(self, request: Request) -> Response:
        """Body: ``path`` of a checkout, ``ref`` (default HEAD), ``protect`` (default true).

        ``teams``: slug to logins, beside the team ``platform``.
        """
        body = await request.json()
        path, ref = Path(body["path"]), str(body.get("ref", "HEAD"))
        try:
            sha = await run_in_threadpool(seed, self._hub, path, ref, body.get("protect", True))
        except SeedError as error:
            return JSONResponse({"message": str(error)}, 422)
        state = self._hub.state
        for slug, members in body.get("teams", {}).items():
            state.teams[slug] = Team(state.take_id(), slug, slug.title(), list(members))
        return JSONResponse({"sha": sha, "ref": f"refs/heads/{DEFAULT_BRANCH}"})

    async def wait(self, request: Request) -> Response:
        """Query: ``run_id``, or ``head_sha`` and/or ``event`` and/or ``path``; ``timeout`` (s).

        Answers once every matching run is completed or waits for a review (408 else), with their
        ids, states and conclusions.
        """
        query = dict(request.query_params)
        timeout = min(MAX_WAIT, float(query.pop("timeout", "60")))
        done, runs = await run_in_threadpool(wait, self._hub, query, timeout)
        return JSONResponse({"done": done, "runs": runs}, 200 if done else 408)

    async def faults(self, request: Request) -> Response:
        """Body: path, method, status, delay (s), retry_after (s), count.

        Or ``exhausted`` (s): everybody's primary rate limit is used up for so long.
        """
        if request.method == "DELETE":
            self._hub.faults.clear()
            self._hub.limits.clear()
            return Response(status_code=204)
        body = await request.json()
        if "exhausted" in body:
            self._hub.limits.exhaust(float(body["exhausted"]))
            return Response(status_code=204)
        self._hub.faults.add(
            Fault(
                str(body.get("path", "")), str(body.get("method", "")),
                int(body.get("status", 0)), float(body.get("delay", 0)),
                body.get("retry_after"), int(body.get("count", 1)),
            )
        )  # fmt: skip
        return Response(status_code=204)

    async def violations(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._contract.violations.clear()
            return Response(status_code=204)
        return JSONResponse([item.as_dict() for item in self._contract.violations])

    async def schedule(self, request: Request) -> Response:
        """Start what a cron expression would start; body: ``schedule`` (all where empty)."""
        body = await request.json()
        hub, head = self._hub, self._hub.head() or ""
        payload = {"schedule": body.get("schedule", "")}
        ref = f"refs/heads/{DEFAULT_BRANCH}"
        ids = await run_in_threadpool(
            hub.actions.dispatch, "schedule", payload, head, ref, "octo-admin"
        )
        return JSONResponse({"runs": ids})

    async def suggestion(self, request: Request) -> Response:
        """Accept a suggestion. Body: ``pull``, ``by`` and ``reviewer`` (logins), path, content."""
        body = await request.json()
        hub = self._hub
        account = hub.state.users[body["by"]]

        def accept() -> str:
            with hub.lock:
                return pulls.apply_suggestion(
                    hub, hub.state.issues[int(body["pull"])], Identity(account.login, account.role),
                    body["reviewer"], body["path"], body["content"],
                )  # fmt: skip

        return JSONResponse({"sha": await run_in_threadpool(accept)})

    async def queue(self, request: Request) -> Response:
        """Body: ``enabled`` and ``method`` for the merge queue of main, or ``pull`` and ``by``."""
        body = await request.json()
        hub = self._hub

        def enter() -> None:
            with hub.lock:
                state = hub.state
                state.merge_queue = bool(body.get("enabled", state.merge_queue))
                state.queue_method = str(body.get("method", state.queue_method))
                if "pull" in body:
                    account = state.users[body["by"]]
                    by = Identity(account.login, account.role)
                    queue.enqueue(hub, state.issues[int(body["pull"])], by)

        try:
            await run_in_threadpool(enter)
        except ApiError as error:
            return JSONResponse(error.body(), error.status)
        return Response(status_code=204)

    async def app_token(self, request: Request) -> Response:
        """A token of somebody else's app. Body: ``permissions`` as GitHub names them."""
        body = await request.json()
        return JSONResponse({"token": self._hub.jobs.issue_app(body.get("permissions", {}))})

    async def mint(self, request: Request) -> Response:
        """A token with any claims, to try what a role refuses. Body: claims, aud, iss."""
        body = await request.json()
        issuer = str(body.get("iss", oidc.ISSUER))
        token = oidc.sign(key(self._hub), body.get("claims", {}), str(body.get("aud", "")), issuer)
        return JSONResponse({"value": token})

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(oidc.discovery(self._hub.url))

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(oidc.jwks(key(self._hub)))

    async def token(self, request: Request) -> Response:
        """What ``ACTIONS_ID_TOKEN_REQUEST_URL`` points to."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        found = self._host.oidc_jobs.get(bearer)
        if found is None:
            return JSONResponse({"message": "Unauthorized"}, 401)
        audience = request.query_params.get("audience") or "https://github.com/knowledgeweaver"
        try:
            value = await run_in_threadpool(self._sign, *found, audience)
        except (ActionsError, StopIteration):
            return JSONResponse({"message": "Unauthorized"}, 401)
        return JSONResponse({"count": len(value), "value": value})

    def _sign(self, run_id: int, job_id: int, audience: str) -> str:
        run = self._hub.actions.run(run_id)
        job = next(job for job in run.jobs if job.id == job_id)
        branch = run.ref.removeprefix("refs/heads/")
        protected = branch in self._hub.state.protections
        actor, immutable = self._hub.user(run.actor), self._hub.state.immutable_subject
        body = oidc.claims(
            run, job, actor, protected, immutable=immutable,
            visibility=self._hub.state.visibility,
        )  # fmt: skip
        return oidc.sign(key(self._hub), body, audience)


def key(hub: Hub) -> str:
    """The issuer's key, made when first needed and kept in the snapshot."""
    with hub.lock:
        if not hub.state.oidc_key:
            hub.state.oidc_key = oidc.new_key()
            hub.touch()
        return hub.state.oidc_key


def wait(hub: Hub, query: dict[str, str], timeout: float) -> tuple[bool, list[dict[str, Any]]]:
    """Wait until the runs a query names stand still; whether they do, and the runs.

    Their check runs and deployments stand as still by then.
    """
    deadline = time.monotonic() + timeout
    seen = -1
    while True:
        runs = [run for run in hub.actions.runs() if _matches(run, query)]
        still = bool(runs) and all(str(run.status) in ("completed", "waiting") for run in runs)
        left = deadline - time.monotonic()
        if still or left <= 0:
            hub.actions.told(max(left, 1.0))
            rows = [
                {
                    "id": run.id, "path": run.path, "event": run.event,
                    "status": str(run.status),
                    "conclusion": str(run.conclusion) if run.conclusion else None,
                    "waiting": list(run.waiting_environments()),
                }
                for run in runs
            ]  # fmt: skip
            return still, rows
        seen = hub.wait_change(seen, min(left, 5.0))


def _matches(run: Any, query: dict[str, str]) -> bool:
    facts = {
        "run_id": str(run.id),
        "head_sha": run.head_sha,
        "event": run.event,
        "path": run.path.rpartition("/")[2],
    }
    return all(facts.get(name) == value for name, value in query.items())
