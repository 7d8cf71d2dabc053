"""Actions: runs, their jobs as a picture, logs, summaries, artifacts, approvals, dispatch."""

from __future__ import annotations

import mimetypes
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.actions.model import WorkflowRun
from sandbox.github.api.actions import find_artifact, find_job, may_review, review
from sandbox.github.api.errors import not_found
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH, REPOSITORY
from sandbox.github.pages.base import Renderer, acting, action, plain_log, view
from sandbox.github.pages.graph import columns
from sandbox.github.pages.offers import offers
from sandbox.github.workflows import start, triggers, workflows

PREFIX = f"/{REPOSITORY}/actions"
MAX_LOG = 400_000  # characters of one step's log on a page; the rest is in the plain file
#: An artifact's page is foreign: it runs without our origin, cookies or forms.
FOREIGN = "sandbox allow-scripts; default-src 'self' 'unsafe-inline' data:"


class RunPages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._hub = renderer, renderer.hub

    def routes(self) -> list[BaseRoute]:
        run = f"{PREFIX}/runs/{{run_id:int}}"
        doors = {
            "cancel": self.cancel, "rerun": self.rerun, "rerun-failed": self.rerun_failed,
            "review": self.review,
        }  # fmt: skip
        routes: list[BaseRoute] = [
            Route(PREFIX, view(self.run_list)),
            Route(f"{PREFIX}/workflows/{{file}}", view(self.run_list)),
            Route(
                f"{PREFIX}/workflows/{{file}}/dispatch",
                action(self._hub, self.dispatch),
                methods=["POST"],
            ),
            Route(run, view(self.run_page)),
            Route(f"{run}/job/{{job_id:int}}", view(self.job_page)),
            Route(f"{run}/artifacts/{{artifact_id:int}}", view(self.artifact)),
            Route("/_blob/logs/{job_id:int}", view(self.log)),
            Route("/_blob/artifacts/{artifact_id:int}", view(self.artifact)),
            Route("/_blob/artifacts/{artifact_id:int}/files/{path:path}", view(self.member)),
        ]
        for name, do in doors.items():
            routes.append(Route(f"{run}/{name}", action(self._hub, do), methods=["POST"]))
        return routes

    def run_list(self, request: Request) -> Response:
        file = request.path_params.get("file")
        flows: list[dict[str, Any]] = [
            {
                "file": path.rpartition("/")[2],
                "name": str(content.get("name", path)),
                "on": triggers(content),
            }
            for path, content in workflows(self._hub)
        ]
        chosen = next((flow for flow in flows if flow["file"] == file), None)
        if file and chosen is None:
            raise not_found()
        runs = [r for r in self._hub.actions.runs() if not file or r.path.endswith(f"/{file}")]
        inputs = None
        if chosen and "workflow_dispatch" in chosen["on"]:
            inputs = chosen["on"]["workflow_dispatch"].get("inputs") or {}
        # A reusable workflow has no runs of its own: it shows up in its caller's.
        listed = [flow for flow in flows if set(flow["on"]) != {"workflow_call"}]
        return self._renderer.page(
            request, "actions.html", title=chosen["name"] if chosen else "All workflows",
            tab="actions", flows=listed, chosen=chosen, runs=runs[:200], inputs=inputs,
            given=dict(request.query_params),
        )  # fmt: skip

    def _run(self, request: Request) -> WorkflowRun:
        return self._hub.actions.run(request.path_params["run_id"])

    def _workflow(self, run: WorkflowRun) -> Mapping[str, Any]:
        try:
            content = yaml.safe_load(self._hub.repo.blob(run.sha, run.path) or b"")
        except yaml.YAMLError:
            return {}
        return content if isinstance(content, dict) else {}

    def run_page(self, request: Request) -> Response:
        run = self._run(request)
        by = acting(self._hub, request)
        waiting = []
        ours = run.ref == f"refs/heads/{DEFAULT_BRANCH}"
        asked = offers(self._hub, (job.summary for job in run.jobs)) if ours else []
        with self._hub.lock:
            for name in run.waiting_environments():
                rules = self._hub.state.environments[name]
                allowed = may_review(rules, run, by.login)
                waiting.append({"name": name, "reviewers": rules.reviewers, "allowed": allowed})
        artifacts = [
            {"item": item, "pages": _pages(item.path)}
            for item in self._hub.actions.artifacts(run.id)
        ]
        return self._renderer.page(
            request, "run.html", title=f"{run.display_title} · {run.workflow}", tab="actions",
            run=run, waiting=waiting, artifacts=artifacts, offers=asked,
            columns=columns(self._workflow(run), run.jobs),
            failed=any(str(job.conclusion) in ("failure", "cancelled") for job in run.jobs),
        )  # fmt: skip

    def job_page(self, request: Request) -> Response:
        run, job = find_job(self._hub, request.path_params["job_id"])
        steps = [(step, plain_log(_read(step.log))) for step in job.steps]
        return self._renderer.page(
            request, "job.html", title=f"{job.name} · {run.workflow}", tab="actions",
            run=run, job=job, steps=steps,
        )  # fmt: skip

    def log(self, request: Request) -> Response:
        _, job = find_job(self._hub, request.path_params["job_id"])
        if job.log is None or not job.log.exists():
            raise not_found()
        return Response(job.log.read_bytes(), media_type="text/plain; charset=utf-8")

    def artifact(self, request: Request) -> Response:
        _, item = find_artifact(self._hub, request.path_params["artifact_id"])
        return FileResponse(item.path, media_type="application/zip", filename=f"{item.name}.zip")

    def member(self, request: Request) -> Response:
        """One file out of an artifact, to be looked at in the browser."""
        _, item = find_artifact(self._hub, request.path_params["artifact_id"])
        name = request.path_params["path"]
        try:
            with zipfile.ZipFile(item.path) as archive:
                content = archive.read(name)
        except (KeyError, zipfile.BadZipFile) as error:
            raise not_found() from error
        media = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Content-Security-Policy": FOREIGN, "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type=media)

    # What the buttons do.

    def _at(self, request: Request) -> str:
        return f"{PREFIX}/runs/{request.path_params['run_id']}"

    def cancel(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        self._hub.actions.cancel(self._run(request).id)
        return self._at(request)

    def rerun(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        self._hub.actions.rerun(self._run(request).id, by.login)
        return self._at(request)

    def rerun_failed(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        self._hub.actions.rerun_failed(self._run(request).id, by.login)
        return self._at(request)

    def review(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        run, state = self._run(request), fields.get("state", "rejected")
        review(self._hub, run, fields.get("environment", ""), by, state, fields.get("comment", ""))
        return self._at(request)

    def dispatch(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        file = request.path_params["file"]
        for path, content in workflows(self._hub):
            if path.endswith(f"/{file}"):
                inputs = {
                    name.removeprefix("input-"): value
                    for name, value in fields.items()
                    if name.startswith("input-")
                }
                ids = start(self._hub, path, content, inputs, fields.get("ref", "main"), by)
                return f"{PREFIX}/runs/{ids[0]}"
        raise not_found()


def _read(path: Path | None) -> str:
    if path is None or not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")[:MAX_LOG]


def _pages(path: Path) -> list[str]:
    """The files of an artifact that a browser can show."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []
    shown = (".html", ".md", ".txt", ".json", ".svg")
    return sorted(name for name in names if name.endswith(shown))[:50]
