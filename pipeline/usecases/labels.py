"""What the pull request's label allows, and who set it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters.github import GitHub
from pipeline.domain.policy import LABEL, Permission

#: Where GitHub looks for the file ("About code owners").
_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def permission(environ: Mapping[str, str], referee: Path, repository: str) -> Permission:
    """Read the event's labels (``GITHUB_EVENT_PATH``) and ask GitHub who set ours.

    Who counts as a code owner stands in the judging checkout's CODEOWNERS. Where no token is
    there to ask with, as for a fork, only the label itself is known.
    """
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
        labels = {label["name"] for label in event["pull_request"]["labels"]}
        number = int(event["pull_request"]["number"])
    except (KeyError, OSError, ValueError, TypeError):
        return Permission()
    if LABEL not in labels or not environ.get("GITHUB_TOKEN"):
        return Permission(label=LABEL in labels)
    people = GitHub.from_environment(environ, repository).labeled_by(number, LABEL)
    if not people:
        return Permission(label=True)
    return Permission(True, people[-1], people[-1].lower() in code_owners(referee))


def code_owners(referee: Path) -> frozenset[str]:
    """Everybody named in CODEOWNERS, without the @, in lower case; teams are names with a slash."""
    for name in _CODEOWNERS:
        file = referee / name
        if file.is_file():
            lines = (line.partition("#")[0] for line in file.read_text("utf-8").splitlines())
            words = (word for line in lines for word in line.split()[1:])
            return frozenset(word[1:].lower() for word in words if word.startswith("@"))
    return frozenset()
