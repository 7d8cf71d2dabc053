"""The repository's home, its files and commits, deployments; static files; news for open pages."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.diffs import changed_files
from sandbox.github.model import DEFAULT_BRANCH, REPOSITORY
from sandbox.github.pages.base import HERE, Renderer, form, view
from sandbox.github.pages.difflines import lines

PREFIX = f"/{REPOSITORY}"
POLL = 20.0  # seconds a page's question for news may wait
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_STATIC = {"style.css": "text/css", "app.js": "text/javascript"}


class CodePages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._hub = renderer, renderer.hub

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.index),
            Route(PREFIX, view(self.home)),
            Route(f"{PREFIX}/tree/{{ref}}/{{path:path}}", view(self.home)),
            Route(f"{PREFIX}/tree/{{ref}}", view(self.home)),
            Route(f"{PREFIX}/blob/{{ref}}/{{path:path}}", view(self.file)),
            Route(f"{PREFIX}/commits", view(self.commits)),
            Route(f"{PREFIX}/commit/{{sha}}", view(self.commit)),
            Route(f"{PREFIX}/deployments", view(self.deployments)),
            Route("/_act", self.act, methods=["POST"]),
            Route("/_news", self.news),
            Route("/_static/{name}", view(self.static)),
            Route("/_static/avatar/{login}.svg", view(self.avatar)),
        ]

    async def index(self, request: Request) -> Response:
        return RedirectResponse(PREFIX)

    def home(self, request: Request) -> Response:
        repo = self._hub.repo
        asked = request.query_params.get("ref", DEFAULT_BRANCH)
        ref = request.path_params.get("ref", asked)
        path = request.path_params.get("path", "").strip("/")
        sha = repo.resolve(ref)
        entries: list[dict[str, Any]] = []
        readme = ""
        if sha is not None:
            for _, kind, _, size, name in repo.tree(f"{sha}:{path}" if path else sha):
                entries.append({"kind": kind, "size": size, "name": name,
                                "path": posixpath.join(path, name)})  # fmt: skip
            entries.sort(key=lambda entry: (entry["kind"] != "tree", entry["name"]))
            content = repo.blob(sha, posixpath.join(path, "README.md"))
            readme = content.decode("utf-8", "replace") if content else ""
        elif path or ref != DEFAULT_BRANCH:
            raise not_found()
        branches = sorted(
            name.removeprefix("refs/heads/")
            for name in self._hub.state.refs
            if name.startswith("refs/heads/")
        )
        return self._renderer.page(
            request, "home.html", title=path or REPOSITORY, tab="code", ref=ref, path=path,
            entries=entries, readme=readme, branches=branches, sha=sha,
            latest=repo.log(sha, limit=1, path=path or None)[0] if sha else None,
            # A name with slashes does not fit into a path; its commit always does.
            link=sha if "/" in ref else ref, clone=f"{self._hub.url}/{REPOSITORY}.git",
        )  # fmt: skip

    def file(self, request: Request) -> Response:
        ref, path = request.path_params["ref"], request.path_params["path"]
        sha = self._hub.repo.resolve(ref)
        content = self._hub.repo.blob(sha, path) if sha else None
        if content is None:
            raise not_found()
        text = None if b"\0" in content[:8000] else content.decode("utf-8", "replace")
        return self._renderer.page(
            request, "file.html", title=path, tab="code", ref=ref, path=path, text=text,
            size=len(content), markdown_file=Path(path).suffix == ".md",
        )  # fmt: skip

    def commits(self, request: Request) -> Response:
        ref = request.query_params.get("ref", DEFAULT_BRANCH)
        sha = self._hub.repo.resolve(ref)
        found = self._hub.repo.log(sha, limit=100) if sha else []
        return self._renderer.page(
            request, "commits.html", title=f"Commits of {ref}", tab="code", ref=ref, commits=found
        )

    def commit(self, request: Request) -> Response:
        sha = self._hub.repo.resolve(request.path_params["sha"])
        if sha is None:
            raise not_found()
        item = self._hub.repo.commit(sha)
        files = changed_files(self._hub.repo, (item.parents or (EMPTY_TREE,))[0], sha)
        return self._renderer.page(
            request, "commit.html", title=item.subject, tab="code", commit=item,
            files=[(file, lines(file.patch)) for file in files[:100]], file_count=len(files),
        )  # fmt: skip

    def deployments(self, request: Request) -> Response:
        state = self._hub.state
        chosen = request.query_params.get("environment", "")
        with self._hub.lock:
            found = [d for _, d in sorted(state.deployments.items(), reverse=True)
                     if chosen in ("", d.environment)]  # fmt: skip
            latest: dict[str, Any] = {}
            for item in state.deployments.values():
                latest[item.environment] = item
            return self._renderer.page(
                request, "deployments.html", title="Deployments", tab="deployments",
                environments=sorted(state.environments.values(), key=lambda e: e.name),
                deployments=found[:100], latest=latest, chosen=chosen,
            )  # fmt: skip

    async def act(self, request: Request) -> Response:
        """Act as someone else from now on."""
        try:
            fields = await form(request)
        except ApiError as error:
            return Response(str(error), error.status)
        back = fields.get("back", PREFIX)
        # Only a path of ours: "//host" would lead elsewhere.
        target = back if back.startswith("/") and not back.startswith("//") else PREFIX
        response = RedirectResponse(target, 303)
        response.set_cookie("acting", fields.get("login", ""), samesite="strict", httponly=True)
        return response

    async def news(self, request: Request) -> Response:
        """Answers when something changed since version ``seen``, or after a while."""
        seen = int(request.query_params.get("seen", "0"))
        version = await run_in_threadpool(self._hub.wait_change, seen, POLL)
        return JSONResponse({"version": version})

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            raise not_found()
        headers = {"Cache-Control": "no-cache"}
        return FileResponse(HERE / "static" / name, media_type=_STATIC[name], headers=headers)

    def avatar(self, request: Request) -> Response:
        """A disc with a letter, in a colour that belongs to the name."""
        login = request.path_params["login"]
        hue = sum(map(ord, login)) * 47 % 360
        letter = login[:1].upper() if login[:1].isalnum() else "?"
        text = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">'
            f'<circle cx="20" cy="20" r="20" fill="hsl({hue} 45% 38%)"/>'
            '<text x="20" y="27" font-family="sans-serif" font-size="19" fill="#fff" '
            f'text-anchor="middle">{letter}</text></svg>'
        )
        return Response(text, media_type="image/svg+xml")
