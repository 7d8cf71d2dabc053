"""The page that opens a pull request: what a branch would bring, and a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.github import pulls
from sandbox.github.api.errors import invalid, not_found
from sandbox.github.diffs import changed_files
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import DEFAULT_BRANCH, REPOSITORY
from sandbox.github.pages.base import Renderer, action, view
from sandbox.github.pages.difflines import lines
from sandbox.github.shapes import threads

COMPARE = f"/{REPOSITORY}/compare"
MAX_SHOWN = 200  # files of a branch or a pull request


class OpeningPages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._hub = renderer, renderer.hub

    def routes(self) -> list[BaseRoute]:
        """``/compare/HEAD`` or, as GitHub writes it too, ``/compare/BASE...HEAD``."""
        door = action(self._hub, self.open)
        return [
            Route(f"{COMPARE}/{{range:path}}/open", door, methods=["POST"]),
            Route(f"{COMPARE}/{{range:path}}", view(self.compare)),
        ]

    def compare(self, request: Request) -> Response:
        hub = self._hub
        base, head = _range(request)
        with hub.lock:
            base_sha, head_sha = hub.head(base), hub.head(head)
            if base_sha is None or head_sha is None:
                raise not_found()
            start = hub.repo.merge_base(base_sha, head_sha) or base_sha
            commits = list(reversed(hub.repo.log(f"{start}..{head_sha}")))
            files = changed_files(hub.repo, start, head_sha)
            return self._renderer.page(
                request, "compare.html", title=f"{head} into {base}", tab="pulls",
                at=address(head, base), base=base, head=head, commits=commits,
                there=pulls.opened(hub, head, base), file_count=len(files),
                files=[(file, lines(file.patch)) for file in files[:MAX_SHOWN]],
            )  # fmt: skip

    def open(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        base, head = _range(request)
        title = fields.get("title", "").strip()
        if not title:
            raise invalid("PullRequest", "", "custom", "A pull request needs a title.")
        with self._hub.lock:
            body = fields.get("body", "").strip()
            issue = pulls.open_pull(self._hub, by, title, head, base, body, draft=False)
            return f"/{REPOSITORY}/pull/{issue.number}"


def address(head: str, base: str = DEFAULT_BRANCH) -> str:
    """The path of the page for a branch."""
    return f"{COMPARE}/{quote(base)}...{quote(head)}"


def unproposed(hub: Hub) -> Iterator[tuple[str, str]]:
    """Branches with something new and without an open pull request, and their pages' paths."""
    main = hub.head()
    for name, sha in sorted(hub.state.refs.items()):
        head = name.removeprefix("refs/heads/")
        if head in (name, DEFAULT_BRANCH) or main is None or hub.repo.is_ancestor(sha, main):
            continue
        if pulls.opened(hub, head, DEFAULT_BRANCH) is None and not _merged(hub, head, sha):
            yield head, address(head)


def _range(request: Request) -> tuple[str, str]:
    base, dots, head = request.path_params["range"].partition("...")
    return (base, head) if dots else (DEFAULT_BRANCH, base)


def _merged(hub: Hub, head: str, sha: str) -> bool:
    """Whether just this was merged already, squashed perhaps."""
    found = (threads.the_pull(issue) for issue in hub.pulls())
    return any(pull.merged and (pull.head_ref, pull.head_sha) == (head, sha) for pull in found)
