"""What the pull request's labels allow, from the event that started the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.domain.policy import LABEL, Permission


def permission(environ: Mapping[str, str]) -> Permission:
    """Read ``GITHUB_EVENT_PATH`` (GitHub's webhook payload of the pull request).

    When the event is the setting of the label itself, its sender is known and must be the owner
    of the repository's policies; who set it earlier is for branch protection to say: only code
    owners can approve the pull request that carries it.
    """
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
        labels = event["pull_request"]["labels"]
    except (KeyError, OSError, ValueError, TypeError):
        return Permission()
    return Permission(label=any(label.get("name") == LABEL for label in labels))
