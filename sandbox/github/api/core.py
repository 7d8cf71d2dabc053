"""How an operation is declared: GitHub's own path template, its permission, its function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import Issue

REPO = "/repos/{owner}/{repo}"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body (None: empty; bytes or text: as they are) and extra headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one operation. ``body`` is {} where none was sent."""

    hub: Hub
    by: Identity
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    url: str
    accept: str = ""

    def number(self, name: str) -> int:
        """A path parameter that is a number; anything else is not found."""
        text = self.path[name]
        if not text.isdigit():
            raise not_found()
        return int(text)

    def issue(self, name: str = "issue_number") -> Issue:
        """The issue (or pull request) the path names."""
        item = self.hub.state.issues.get(self.number(name))
        if item is None:
            raise not_found()
        return item

    def pull(self) -> Issue:
        """The pull request the path names."""
        item = self.issue("pull_number")
        if item.pull is None:
            raise not_found()
        return item

    def sha(self, name: str = "ref") -> str:
        """The commit a path parameter names."""
        sha = self.hub.repo.resolve(self.path[name])
        if sha is None:
            raise ApiError(422, f"No commit found for SHA: {self.path[name]}")
        return sha

    def page(
        self,
        items: Sequence[T],
        shape: Callable[[T], dict[str, Any]],
        key: str | None = None,
    ) -> Answer:
        """One page of a list, with ``Link`` headers; ``key`` wraps it with ``total_count``.

        ``per_page`` is 30, at most 100 ("Using pagination in the REST API").
        """
        size = max(1, min(100, _int(self.query.get("per_page"), 30)))
        page = max(1, _int(self.query.get("page"), 1))
        last = max(1, -(-len(items) // size))
        rows = [shape(item) for item in items[(page - 1) * size : page * size]]
        links = []
        for rel, target in (("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)):
            useful = page < last if rel in ("next", "last") else page > 1
            if useful:
                query = urlencode({**self.query, "page": target})
                links.append(f'<{self.url}?{query}>; rel="{rel}"')
        headers = {"Link": ", ".join(links)} if links else {}
        body: Any = rows if key is None else {"total_count": len(items), key: rows}
        return Answer(200, body, headers)


def _int(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """``needs``: alternatives of (permission, level), one of which a job's token must have.

    ``locked``: runs under the hub's lock; what calls the engine must not.
    """

    method: str
    template: str
    handler: Handler
    needs: tuple[tuple[str, str], ...]
    locked: bool


OPERATIONS: list[Operation] = []


def operation(
    method: str, template: str, *needs: str, locked: bool = True
) -> Callable[[Handler], Handler]:
    """Register a function for ``METHOD template``; ``needs`` like ``"issues:write"``."""

    def register(handler: Handler) -> Handler:
        pairs = []
        for need in needs:
            scope, _, level = need.partition(":")
            pairs.append((scope, level))
        full = template.replace("~", REPO)
        OPERATIONS.append(Operation(method.upper(), full, handler, tuple(pairs), locked))
        return handler

    return register


def authorise(op: Operation, by: Identity) -> None:
    """Refuse what the one who asks may not do."""
    if not op.needs or any(by.may(scope, level) for scope, level in op.needs):
        return
    if by.is_job:
        raise ApiError(403, "Resource not accessible by integration")
    raise ApiError(403, "Must have admin rights to Repository.")
