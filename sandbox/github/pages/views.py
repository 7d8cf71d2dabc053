"""All pages together."""

from __future__ import annotations

from starlette.routing import BaseRoute

from sandbox.github.hub import Hub
from sandbox.github.pages.base import Renderer
from sandbox.github.pages.code import CodePages
from sandbox.github.pages.opening import OpeningPages
from sandbox.github.pages.pulls import PullPages
from sandbox.github.pages.runs import RunPages


def routes(hub: Hub) -> list[BaseRoute]:
    """Every route of the pages."""
    renderer = Renderer(hub)
    return [
        *CodePages(renderer).routes(),
        *PullPages(renderer).routes(),
        *OpeningPages(renderer).routes(),
        *RunPages(renderer).routes(),
    ]
