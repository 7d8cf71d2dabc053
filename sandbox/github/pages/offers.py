"""Runs that a text asks for: links to a workflow's form with its inputs, made into one click.

GitHub's own form takes no inputs from its address; there a reader types them. Only texts of the
default branch's own runs and of apps are read, and the button says all that it sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sandbox.github.hub import Hub
from sandbox.github.model import REPOSITORY
from sandbox.github.workflows import triggers, workflows

_LINK = re.compile(
    re.escape(REPOSITORY)
    + r"/actions/workflows/(?P<file>[\w.-]+\.ya?ml)\?(?P<query>[^\s)\]\"'<>`]+)"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A workflow (``file``, ``name``) with the inputs to start it with."""

    file: str
    name: str
    inputs: tuple[tuple[str, str], ...]


def offers(hub: Hub, texts: Iterable[str]) -> list[Offer]:
    """What the texts ask for, each once: workflows of main that can be started by hand."""
    found: dict[Offer, None] = {}
    known = {path.rpartition("/")[2]: content for path, content in workflows(hub)}
    for text in texts:
        for match in _LINK.finditer(text):
            content = known.get(match["file"], {})
            if "workflow_dispatch" not in triggers(content):
                continue
            declared = triggers(content)["workflow_dispatch"].get("inputs") or {}
            query = match["query"].replace("&amp;", "&")
            inputs = tuple((k, v) for k, v in parse_qsl(query) if k in declared)
            if inputs:
                found[Offer(match["file"], str(content.get("name", match["file"])), inputs)] = None
    return list(found)
