"""Check runs, check suites, commit statuses."""

from __future__ import annotations

from typing import Any

from sandbox.github import facts
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.model import now
from sandbox.github.records import CheckRun, CheckSuite, Status
from sandbox.github.shapes import checks, common

READ, WRITE = "checks:read", "checks:write"


@operation("post", "~/check-runs", WRITE)
def create_check(call: Call) -> Answer:
    sha = call.hub.repo.resolve(call.body["head_sha"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.body['head_sha']}")
    if not call.by.is_job:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    suite = suite_for(call, sha)
    item = CheckRun(call.hub.state.take_id(), suite.id, call.body["name"], sha, "queued")
    item.run_id, item.app = call.by.run_id, call.by.app
    call.hub.state.check_runs[item.id] = item
    _apply(item, call.body)
    call.hub.touch()
    return Answer(201, checks.check_run(call.hub, item))


def suite_for(call: Call, sha: str) -> CheckSuite:
    """The suite a check of this app and commit belongs to: the run's own where there is one."""
    app = call.by.app
    suites = [s for s in call.hub.state.check_suites.values() if s.head_sha == sha and s.app == app]
    for suite in suites:
        if suite.run_id == call.by.run_id:
            return suite
    if suites:
        return suites[-1]
    stamp = now()
    suite = CheckSuite(call.hub.state.take_id(), sha, None, app, stamp, stamp)
    call.hub.state.check_suites[suite.id] = suite
    return suite


def _apply(item: CheckRun, body: dict[str, Any]) -> None:
    for key in ("name", "status", "details_url", "external_id", "started_at", "completed_at"):
        if key in body:
            setattr(item, key, body[key])
    if "conclusion" in body:
        # "Providing conclusion will automatically set the status parameter to completed."
        item.conclusion, item.status = body["conclusion"], "completed"
    if item.status != "queued":
        item.started_at = item.started_at or now()
    if item.status == "completed":
        item.completed_at = item.completed_at or now()
    if output := body.get("output"):
        item.title = output.get("title", item.title)
        item.summary = output.get("summary", item.summary)
        item.text = output.get("text", item.text)
        item.annotations += output.get("annotations", [])


def _check(call: Call) -> CheckRun:
    item = call.hub.state.check_runs.get(call.number("check_run_id"))
    if item is None:
        raise not_found()
    return item


@operation("get", "~/check-runs/{check_run_id}", READ)
def get_check(call: Call) -> Answer:
    return Answer(200, checks.check_run(call.hub, _check(call)))


@operation("patch", "~/check-runs/{check_run_id}", WRITE)
def update_check(call: Call) -> Answer:
    item = _check(call)
    if not call.by.is_job:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    _apply(item, call.body)
    call.hub.touch()
    return Answer(200, checks.check_run(call.hub, item))


@operation("get", "~/check-runs/{check_run_id}/annotations", READ)
def list_annotations(call: Call) -> Answer:
    item = _check(call)
    return call.page(item.annotations, lambda raw: checks.annotation(call.hub, item, raw))


def _listed(call: Call, runs: list[CheckRun]) -> Answer:
    runs = [
        run
        for run in reversed(runs)
        if call.query.get("check_name", run.name) == run.name
        and call.query.get("status", run.status) == run.status
    ]
    return call.page(runs, lambda run: checks.check_run(call.hub, run), "check_runs")


@operation("get", "~/commits/{ref}/check-runs", READ)
def list_checks(call: Call) -> Answer:
    latest = call.query.get("filter", "latest") == "latest"
    return _listed(call, facts.checks_at(call.hub, call.sha(), latest=latest))


@operation("get", "~/commits/{ref}/check-suites", READ)
def list_suites(call: Call) -> Answer:
    sha = call.sha()
    suites = [s for s in call.hub.state.check_suites.values() if s.head_sha == sha]
    return call.page(suites, lambda s: checks.check_suite(call.hub, s), "check_suites")


def _suite(call: Call) -> CheckSuite:
    item = call.hub.state.check_suites.get(call.number("check_suite_id"))
    if item is None:
        raise not_found()
    return item


@operation("get", "~/check-suites/{check_suite_id}", READ)
def get_suite(call: Call) -> Answer:
    return Answer(200, checks.check_suite(call.hub, _suite(call)))


@operation("get", "~/check-suites/{check_suite_id}/check-runs", READ)
def list_suite_checks(call: Call) -> Answer:
    suite = _suite(call)
    runs = [run for run in call.hub.state.check_runs.values() if run.suite_id == suite.id]
    return _listed(call, sorted(runs, key=lambda run: run.id))


@operation("post", "~/statuses/{sha}", "statuses:write")
def create_status(call: Call) -> Answer:
    item = Status(
        call.hub.state.take_id(), call.sha("sha"), call.body["state"],
        call.body.get("context", "default"), call.body.get("description"),
        call.body.get("target_url"), call.by.login, now(), call.by.app,
    )  # fmt: skip
    call.hub.state.statuses.append(item)
    call.hub.touch()
    return Answer(201, checks.status(call.hub, item))


@operation("get", "~/commits/{ref}/statuses", "statuses:read")
def list_statuses(call: Call) -> Answer:
    found = list(reversed(facts.statuses_at(call.hub, call.sha())))
    return call.page(found, lambda item: checks.status(call.hub, item))


@operation("get", "~/commits/{ref}/status", "statuses:read")
def combined_status(call: Call) -> Answer:
    sha = call.sha()
    latest = {item.context: item for item in facts.statuses_at(call.hub, sha)}
    states = {item.state for item in latest.values()}
    bad = states & {"failure", "error"}
    state = "failure" if bad else "pending" if not states or "pending" in states else "success"
    url = f"{common.root(call.hub)}/commits/{sha}"
    return Answer(
        200,
        {
            "state": state,
            "sha": sha,
            "total_count": len(latest),
            "statuses": [checks.status(call.hub, item, simple=True) for item in latest.values()],
            "repository": common.minimal_repository(call.hub),
            "commit_url": url,
            "url": f"{url}/status",
        },
    )
