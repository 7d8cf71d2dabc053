"""Before anything else: who asks, how often, and how much is sent. No body is read before that."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledgeweaver.api.problems import problem
from knowledgeweaver.keys import Key, Keys
from knowledgeweaver.limits import RateLimit

#: Open to everybody: what load balancers and the pipeline ask.
OPEN = frozenset({"/health/live", "/health/ready", "/version"})
#: What a browser shows by itself: there the key may also be a password that the browser asks for.
DOCS = frozenset({"/docs", "/openapi.json"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Middleware that lets pass whoever has a key for what is asked, within limits.

    ``public`` are routes that need none, as those of the page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: Keys,
        per_minute: int,
        wrong_per_minute: int,
        max_bytes: int,
        public: Sequence[BaseRoute] = (),
    ) -> None:
        self._app, self._keys, self._max_bytes = app, keys, max_bytes
        self._public = public
        self._limit, self._wrong = RateLimit(per_minute), RateLimit(wrong_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN or self._is_public(scope):
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        left = self._max_bytes

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, self._most())
            return message

        await self._app(scope, limited, send)

    def _is_public(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._public)

    def _refused(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        key = self._keys.owner(_given(scope["path"], headers))
        if key is None:
            who = scope["client"][0] if scope.get("client") else ""
            if seconds := self._wrong.wait(who):
                return _wait("Too many wrong keys; wait a little.", seconds)
            asks = {"WWW-Authenticate": "Basic"} if scope["path"] in DOCS else {}
            return problem(401, "Send your key in the header x-api-key.", asks)
        if not _may(key, scope):
            return problem(403, "This key may only read.")
        if seconds := self._limit.wait(key.name):
            return _wait("Too many requests; wait a little.", seconds)
        length = headers.get(b"content-length")
        if length is not None and not length.isdigit():
            return problem(400, "Content-Length is no number.")
        if length is not None and int(length) > self._max_bytes:
            return problem(413, self._most())
        return None

    def _most(self) -> str:
        return f"A request may hold {self._max_bytes} bytes at most."


def _may(key: Key, scope: Scope) -> bool:
    """Asking is reading, although it is a POST. Who may only write may not read."""
    reads = scope["method"] in READING or scope["path"] == "/ask"
    return ("read" if reads else "write") in key.scopes


def _given(path: str, headers: Mapping[bytes, bytes]) -> bytes:
    if key := headers.get(b"x-api-key"):
        return key
    kind, _, login = headers.get(b"authorization", b"").partition(b" ")
    if path in DOCS and kind.lower() == b"basic":
        try:
            return base64.b64decode(login, validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""


def _wait(why: str, seconds: float) -> Response:
    return problem(429, why, {"Retry-After": str(math.ceil(seconds))})
