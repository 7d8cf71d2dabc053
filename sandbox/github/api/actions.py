"""Workflow runs, jobs, logs, artifacts, reviews of environments, dispatches.

None of these run under the hub's lock while they talk to the engine.
"""

from __future__ import annotations

from typing import Any

from sandbox.actions.model import Artifact, Job, WorkflowRun
from sandbox.github import pulls
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH
from sandbox.github.records import Environment
from sandbox.github.shapes import actions, checks, common
from sandbox.github.workflows import start, workflows

READ, WRITE = "actions:read", "actions:write"
RUN = "~/actions/runs/{run_id}"


def _run(call: Call) -> WorkflowRun:
    return call.hub.actions.run(call.number("run_id"))


def _listed(call: Call, runs: list[WorkflowRun]) -> Answer:
    query = call.query
    wanted = query.get("status")
    found = [
        run
        for run in runs
        if query.get("event", run.event) == run.event
        and query.get("branch", run.head_branch) == run.head_branch
        and query.get("head_sha", run.head_sha) == run.head_sha
        and query.get("actor", run.actor) == run.actor
        and (wanted is None or wanted in (str(run.status), str(run.conclusion)))
    ]
    shapes = [actions.run(call.hub, run) for run in found]
    if wanted in (None, "action_required") and query.get("event", "pull_request") == "pull_request":
        with call.hub.lock:
            shapes[:0] = [
                actions.held(call.hub, item)
                for _, item in sorted(call.hub.state.held.items(), reverse=True)
                if query.get("head_sha", item.head_sha) == item.head_sha
            ]
    return call.page(shapes, lambda shape: shape, "workflow_runs")


@operation("get", "~/actions/runs", READ, locked=False)
def list_runs(call: Call) -> Answer:
    return _listed(call, call.hub.actions.runs())


@operation("get", RUN, READ, locked=False)
def get_run(call: Call) -> Answer:
    held = call.hub.state.held.get(call.number("run_id"))
    if held is not None:
        return Answer(200, actions.held(call.hub, held))
    return Answer(200, actions.run(call.hub, _run(call)))


@operation("post", f"{RUN}/approve", WRITE)
def approve_held(call: Call) -> Answer:
    """Start what a pull request of a job has been kept from starting."""
    held = call.hub.state.held.get(call.number("run_id"))
    if held is None:
        raise ApiError(403, "This run is not waiting for approval")
    pulls.approve_runs(call.hub, held, call.by)
    return Answer(201, {})


@operation("get", f"{RUN}/jobs", READ, locked=False)
def list_jobs(call: Call) -> Answer:
    run = _run(call)
    jobs = list(run.jobs)
    if call.query.get("filter") == "all":
        jobs = [*run.previous_jobs, *run.jobs]
    return call.page(jobs, lambda job: actions.job(call.hub, run, job), "jobs")


@operation("get", f"{RUN}/attempts/{{attempt_number}}/jobs", READ, locked=False)
def list_attempt_jobs(call: Call) -> Answer:
    run, attempt = _run(call), call.number("attempt_number")
    jobs = [job for job in (*run.previous_jobs, *run.jobs) if job.run_attempt == attempt]
    if not jobs:
        raise not_found()
    return call.page(jobs, lambda job: actions.job(call.hub, run, job), "jobs")


def find_job(hub: Hub, job_id: int) -> tuple[WorkflowRun, Job]:
    """A job of any attempt of any run, with its run."""
    for run in hub.actions.runs():
        for job in (*run.jobs, *run.previous_jobs):
            if job.id == job_id:
                return run, job
    raise not_found()


@operation("get", "~/actions/jobs/{job_id}", READ, locked=False)
def get_job(call: Call) -> Answer:
    run, job = find_job(call.hub, call.number("job_id"))
    return Answer(200, actions.job(call.hub, run, job))


@operation("get", "~/actions/jobs/{job_id}/logs", READ, locked=False)
def get_logs(call: Call) -> Answer:
    _, job = find_job(call.hub, call.number("job_id"))
    if job.log is None or not job.log.exists():
        raise not_found()
    return Answer(302, None, {"Location": f"{call.hub.url}/_blob/logs/{job.id}"})


@operation("get", f"{RUN}/artifacts", READ, locked=False)
def list_artifacts(call: Call) -> Answer:
    run = _run(call)
    found = [
        item
        for item in call.hub.actions.artifacts(run.id)
        if call.query.get("name", item.name) == item.name
    ]
    return call.page(found, lambda item: actions.artifact(call.hub, run, item), "artifacts")


@operation("get", "~/actions/artifacts", READ, locked=False)
def list_all_artifacts(call: Call) -> Answer:
    found = [
        (run, item)
        for run in call.hub.actions.runs()
        for item in call.hub.actions.artifacts(run.id)
        if call.query.get("name", item.name) == item.name
    ]
    return call.page(found, lambda pair: actions.artifact(call.hub, *pair), "artifacts")


def find_artifact(hub: Hub, artifact_id: int) -> tuple[WorkflowRun, Artifact]:
    """An artifact of any run, with its run."""
    for run in hub.actions.runs():
        for item in hub.actions.artifacts(run.id):
            if item.id == artifact_id:
                return run, item
    raise not_found()


@operation("get", "~/actions/artifacts/{artifact_id}", READ, locked=False)
def get_artifact(call: Call) -> Answer:
    run, item = find_artifact(call.hub, call.number("artifact_id"))
    return Answer(200, actions.artifact(call.hub, run, item))


@operation("get", "~/actions/artifacts/{artifact_id}/{archive_format}", READ, locked=False)
def download_artifact(call: Call) -> Answer:
    _, item = find_artifact(call.hub, call.number("artifact_id"))
    if call.path["archive_format"] != "zip":
        raise not_found()
    return Answer(302, None, {"Location": f"{call.hub.url}/_blob/artifacts/{item.id}"})


@operation("post", f"{RUN}/cancel", WRITE, locked=False)
def cancel(call: Call) -> Answer:
    run = _run(call)
    if str(run.status) == "completed":
        raise ApiError(409, "Cannot cancel a workflow run that is completed.")
    call.hub.actions.cancel(run.id)
    return Answer(202, {})


@operation("post", f"{RUN}/rerun", WRITE, locked=False)
def rerun(call: Call) -> Answer:
    call.hub.actions.rerun(_run(call).id, call.by.login)
    return Answer(201, {})


@operation("post", f"{RUN}/rerun-failed-jobs", WRITE, locked=False)
def rerun_failed(call: Call) -> Answer:
    call.hub.actions.rerun_failed(_run(call).id, call.by.login)
    return Answer(201, {})


def may_review(item: Environment, run: WorkflowRun, login: str) -> bool:
    """Whether someone may decide on a run's environment."""
    if item.prevent_self_review and login == run.triggering_actor:
        return False
    return login in item.reviewers


@operation("get", f"{RUN}/pending_deployments", READ, locked=False)
def pending(call: Call) -> Answer:
    run = _run(call)
    rows: list[dict[str, Any]] = []
    with call.hub.lock:
        for name in run.waiting_environments():
            item = call.hub.state.environments[name]
            rows.append(
                {
                    "environment": checks.environment_minimal(call.hub, item),
                    "wait_timer": item.wait_timer,
                    "wait_timer_started_at": None,
                    "current_user_can_approve": may_review(item, run, call.by.login),
                    "reviewers": checks.reviewers(call.hub, item),
                }
            )
    return Answer(200, rows)


@operation("post", f"{RUN}/pending_deployments", "deployments:write", locked=False)
def review_pending(call: Call) -> Answer:
    run, body = _run(call), call.body
    by_id = {item.id: item for item in call.hub.state.environments.values()}
    names = [by_id[id].name for id in body["environment_ids"] if id in by_id]
    if len(names) != len(body["environment_ids"]):
        raise ApiError(422, "Unknown environment")
    for name in names:
        review(call.hub, run, name, call.by, body["state"], body["comment"])
    with call.hub.lock:
        found = [d for d in call.hub.state.deployments.values()
                 if d.run_id == run.id and d.environment in names]  # fmt: skip
        return Answer(200, [checks.deployment(call.hub, item) for item in found])


def review(hub: Hub, run: WorkflowRun, name: str, by: Identity, state: str, comment: str) -> None:
    """Approve or reject one environment of a run; only its reviewers may."""
    if name not in run.waiting_environments():
        raise ApiError(422, f"No pending deployment requests to approve or reject for {name}")
    if by.is_job or not may_review(hub.state.environments[name], run, by.login):
        raise ApiError(403, f"{by.login} is not allowed to review deployments to {name}")
    decide = hub.actions.approve if state == "approved" else hub.actions.reject
    decide(run.id, name, by.login, comment)


@operation("get", f"{RUN}/approvals", READ, locked=False)
def approvals(call: Call) -> Answer:
    rows, run = [], _run(call)
    with call.hub.lock:
        for item in run.reviews:
            env = call.hub.state.environments[item.environment]
            stamp = {"created_at": env.created_at, "updated_at": env.updated_at}
            rows.append(
                {
                    "environments": [checks.environment_minimal(call.hub, env) | stamp],
                    "state": item.state,
                    "user": common.user(call.hub, item.user),
                    "comment": item.comment,
                }
            )
    return Answer(200, rows)


@operation("get", "~/actions/workflows", READ, locked=False)
def list_workflows(call: Call) -> Answer:
    found = workflows(call.hub)
    return call.page(
        found,
        lambda pair: actions.workflow(call.hub, pair[0], str(pair[1].get("name", pair[0]))),
        "workflows",
    )


def _workflow(call: Call, ref: str = DEFAULT_BRANCH) -> tuple[str, dict[str, Any]]:
    wanted = call.path["workflow_id"]
    for path, content in workflows(call.hub, ref):
        if wanted in (path, path.rpartition("/")[2], str(actions.workflow_id(path))):
            return path, content
    raise not_found()


@operation("get", "~/actions/workflows/{workflow_id}", READ, locked=False)
def get_workflow(call: Call) -> Answer:
    path, content = _workflow(call)
    return Answer(200, actions.workflow(call.hub, path, str(content.get("name", path))))


@operation("get", "~/actions/workflows/{workflow_id}/runs", READ, locked=False)
def list_workflow_runs(call: Call) -> Answer:
    path, _ = _workflow(call)
    return _listed(call, [run for run in call.hub.actions.runs() if run.path == path])


@operation("post", "~/actions/workflows/{workflow_id}/dispatches", WRITE, locked=False)
def dispatch(call: Call) -> Answer:
    path, content = _workflow(call)
    ids = start(call.hub, path, content, call.body.get("inputs") or {}, call.body["ref"], call.by)
    if not call.body.get("return_run_details"):
        return Answer(204)
    url = f"{common.root(call.hub)}/actions/runs/{ids[0]}"
    html = f"{common.page(call.hub)}/actions/runs/{ids[0]}"
    return Answer(200, {"workflow_run_id": ids[0], "run_url": url, "html_url": html})
