"""What a pull request's run asks of a trusted job: checked before any of it counts.

A pull request may write the workflow that calls the trusted one, so its inputs are no more than
wishes. Who asks, and for which commit, stands in the event that GitHub wrote
(``GITHUB_EVENT_PATH``; GitHub: "Webhook events and payloads", pull_request and merge_group).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.nested import parse_json
from pipeline.errors import Failure, Problem, failure

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
#: The branch of a merge queue's entry (GitHub: "Managing a merge queue").
_QUEUED = re.compile(r"gh-readonly-queue/.+/pr-(\d+)-[0-9a-f]+$")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request, or an entry of the merge queue, as GitHub's event tells it.

    ``number`` is None for a merge queue's entry, whose last pull request is ``queued``. ``head`` is
    the commit that was proposed, ``base`` the one it was compared with, ``base_ref`` the branch it
    goes to, ``commit`` what the run was started for (a pull request's merge commit), ``actor`` who
    caused the event.
    """

    event: str
    number: int | None
    head: str
    base: str
    base_ref: str
    commit: str
    actor: str
    fork: bool = False
    queued: int | None = None


def request_of(environ: Mapping[str, str]) -> Request:
    """The request of this run. Raises ``usage`` unless it goes to the default branch."""
    event = environ.get("GITHUB_EVENT_NAME", "")
    try:
        payload = parse_json(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
        found = _read(event, payload, environ.get("GITHUB_SHA", ""))
        default = str((payload.get("repository") or {}).get("default_branch") or "main")
    except (KeyError, OSError, ValueError, TypeError, AttributeError) as error:
        raise failure(
            "usage",
            f"The event {event or 'of this run'} is no pull request and no merge queue's entry.",
            remedy="Only a run that GitHub started for one of them can ask for this.",
        ) from error
    if found.base_ref != default:
        raise failure(
            "usage",
            f"This goes to the branch {found.base_ref!r}, not to {default!r}.",
            remedy=f"Only what goes to {default!r} is planned with credentials.",
        )
    return found


def _read(event: str, payload: Mapping[str, Any], commit: str) -> Request:
    actor = str(payload["sender"]["login"])
    if event == "pull_request":
        pull = payload["pull_request"]
        head = pull["head"]
        fork = (head.get("repo") or {}).get("full_name") != pull["base"]["repo"]["full_name"]
        commits = (_commit(head["sha"]), _commit(pull["base"]["sha"]))
        ref = str(pull["base"]["ref"])
        return Request(event, int(pull["number"]), *commits, ref, _commit(commit), actor, fork)
    if event == "merge_group":
        group = payload["merge_group"]
        commits = (_commit(group["head_sha"]), _commit(group["base_sha"]))
        ref = str(group["base_ref"]).removeprefix("refs/heads/")
        entry = _QUEUED.search(str(group["head_ref"]))
        queued = int(entry[1]) if entry else None
        return Request(event, None, *commits, ref, _commit(commit), actor, queued=queued)
    raise ValueError(event)


def _commit(text: object) -> str:
    if not isinstance(text, str) or not _COMMIT.fullmatch(text):
        raise ValueError(f"{text!r} is no commit")
    return text


def shard_name(text: str) -> str:
    """The name of a part of the matrix, fit for an artifact's name. Raises ``usage``."""
    if not _NAME.fullmatch(text):
        raise failure("usage", f"{text!r} is no name of a shard.")
    return text


def unit_names(texts: Iterable[str]) -> list[str]:
    """Names of units from a command line; one that is a JSON list stands for all of its names.

    Raises ``usage`` for what is neither: nothing that begins like an option gets through.
    """
    found: list[str] = []
    for text in texts:
        found += _listed(text) if text.startswith("[") else [text]
    wrong = [name for name in found if not _UNIT.fullmatch(name)]
    if wrong:
        raise Failure(
            "usage", *(Problem(f"{name!r} is no unit; write stack/workspace.") for name in wrong)
        )
    if not found:
        raise failure("usage", "No unit was named.", remedy="Write stack/workspace.")
    return found


def _listed(text: str) -> list[str]:
    try:
        names = parse_json(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise failure("usage", "The units are no JSON list of names.")
    return names
