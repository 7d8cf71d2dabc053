"""Routes of the pages."""

from __future__ import annotations

from starlette.routing import BaseRoute

from sandbox.github.hub import Hub


class Pages:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[BaseRoute]:
        return []
