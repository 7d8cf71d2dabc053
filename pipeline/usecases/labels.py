"""What the pull request's label allows: who set it, for which head, and whether that person may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.adapters.github import GitHub
from pipeline.domain.nested import parse_json
from pipeline.domain.owners import Line, is_owner, named, parse, referee_owners
from pipeline.domain.policy import LABEL, Permission
from pipeline.domain.proposal import Activity
from pipeline.domain.referee import CODEOWNERS
from pipeline.errors import Failure

#: Requests at most about the moves of the head's branch, 100 a page.
_PAGES = 5


@dataclass(frozen=True, slots=True)
class _Event:
    """What the event says of its pull request."""

    number: int
    head: str
    branch: str
    fork: bool
    labels: frozenset[str]


def permission(environ: Mapping[str, str], referee: Path, repository: str) -> Permission:
    """Read the event's labels (``GITHUB_EVENT_PATH``) and ask GitHub who set ours, and when.

    It counts for the head that stood when it was set, and only from an owner of the referee's
    files by the judging checkout's CODEOWNERS; so without a token to ask with it does not count.
    """
    event = _event(environ)
    if event is None or LABEL not in event.labels:
        return Permission()
    if not environ.get("GITHUB_TOKEN"):
        said = f"Nobody can be asked who set the label {LABEL}: GITHUB_TOKEN is not set."
        return Permission(True, refused=said)
    github = GitHub.from_environment(environ, repository)
    events = github.label_events(event.number, LABEL)
    if not events or not events[-1].set:
        return Permission(True, refused=f"GitHub does not say who set the label {LABEL}.")
    last = events[-1]
    refused = _too_old(github, event, last.at) or _no_owner(github, referee, last.by)
    return Permission(True, last.by, not refused, refused)


def _event(environ: Mapping[str, str]) -> _Event | None:
    try:
        pull = parse_json(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())["pull_request"]
        head, base = pull["head"], pull["base"]
        return _Event(
            int(pull["number"]),
            head["sha"],
            head["ref"],
            (head["repo"] or {}).get("full_name") != base["repo"]["full_name"],
            frozenset(label["name"] for label in pull["labels"]),
        )
    except (KeyError, OSError, ValueError, TypeError):
        return None


def _too_old(github: GitHub, event: _Event, at: datetime) -> str:
    """Why a label set at ``at`` does not count for the head; empty when it does."""
    arrived = None if event.fork else _arrival(github.activity(event.branch), event.head)
    if arrived is None:
        return f"GitHub does not say when {event.head[:10]} became the head of the pull request."
    if at <= arrived:  # GitHub's times have whole seconds
        return f"The label {LABEL} was set before {event.head[:10]} was pushed; set it again."
    return ""


def _arrival(pages: Iterable[list[Activity]], head: str) -> datetime | None:
    """When the branch was moved to its head last; commits bear any date, moves bear GitHub's."""
    for number, page in enumerate(pages, 1):
        times = [move.at for move in page if move.after == head]
        if times:
            return max(times)
        if number == _PAGES:
            break
    return None


def _no_owner(github: GitHub, referee: Path, login: str) -> str:
    """Why a person's label does not count; empty when it does."""
    unread: list[str] = []

    def members(team: str) -> list[str]:
        try:
            return github.team_members(team)
        except Failure as error:
            unread.append(f"this token may not read the members of {team} ({error})")
            return []

    if is_owner(login, referee_owners(_lines(referee)), members):
        return "" if github.may_write(login) else f"{login} may not write here."
    said = f"The label {LABEL} was set by {login}, whom CODEOWNERS gives neither pipeline/ nor"
    return f"{said} .github/workflows/{'; '.join(['', *unread])}."


def _lines(referee: Path) -> list[Line]:
    for name in CODEOWNERS:
        file = referee / name
        if file.is_file():
            return parse(file.read_text("utf-8", errors="replace"))
    return []


def code_owners(referee: Path) -> frozenset[str]:
    """Everybody named in CODEOWNERS, without the @, in lower case; teams are names with a slash."""
    return named(_lines(referee))
