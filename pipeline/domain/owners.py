"""Code owners: who owns a path by CODEOWNERS. No I/O.

Source: GitHub, "About code owners": the last line that matches decides, patterns are those of
gitignore without ``!`` and ``[ ]``, lines with a syntax that is not known are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

#: A file in each folder whose owners own the referee.
REFEREE_FILES = ("pipeline/cli/main.py", ".github/workflows/deploy.yml")

_WORDS = re.compile(r"(?:\\.|[^\s\\])+")
_ACCOUNT = re.compile(r"@([\w-]+(?:/[\w.-]+)?)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of CODEOWNERS: a pattern, and owners in lower case without the ``@``."""

    pattern: str
    owners: tuple[str, ...]


def parse(text: str) -> list[Line]:
    """The lines that GitHub takes; owners named by e-mail are left out, for nobody can be asked."""
    found = []
    for raw in text.splitlines():
        words = _WORDS.findall(_uncommented(raw))
        if not words or words[0].startswith(("!", "\\#")) or "[" in words[0]:
            continue
        names = (_ACCOUNT.fullmatch(word) for word in words[1:])
        found.append(Line(words[0], tuple(name[1].lower() for name in names if name)))
    return found


def _uncommented(raw: str) -> str:
    """A line without its comment; a ``#`` inside a word is a part of it."""
    return re.sub(r"(?:^|(?<=\s))#.*", "", raw)


def named(lines: Iterable[Line]) -> frozenset[str]:
    """Everybody and every team that some line names."""
    return frozenset(owner for line in lines for owner in line.owners)


def owners_of(lines: Iterable[Line], path: str) -> tuple[str, ...]:
    """The owners of a path, teams as ``org/team``; empty where its last line names nobody."""
    owners: tuple[str, ...] = ()
    for line in lines:
        if matches(line.pattern, path):
            owners = line.owners
    return owners


def referee_owners(lines: Iterable[Line]) -> frozenset[str]:
    """Who owns the code or the workflows that judge: either decides how everything is judged."""
    given = list(lines)
    return frozenset(owner for path in REFEREE_FILES for owner in owners_of(given, path))


def is_owner(login: str, owners: Iterable[str], members: Callable[[str], Iterable[str]]) -> bool:
    """Whether a person is one of the owners; ``members`` tells the logins of a team."""
    wanted = login.lower()
    people = [owner for owner in owners if "/" not in owner]
    teams = [owner for owner in owners if "/" in owner]
    return wanted in people or any(
        wanted in {member.lower() for member in members(team)} for team in sorted(teams)
    )


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern of CODEOWNERS matches a file; case counts."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression over whole paths.

    With a slash anywhere but at its end it begins at the root, else it matches at any depth. It
    matches a file or, but for a last ``*`` behind a slash, everything below a folder.
    """
    folder = pattern.endswith("/")
    body = pattern.strip("/") if folder else pattern.removeprefix("/")
    rooted = pattern.startswith("/") or "/" in body
    if not body:
        return re.compile(r"(?!)")  # a lone slash: no file's path
    below = "/.+" if folder else "" if rooted and body.endswith("/*") else "(?:/.+)?"
    return re.compile(("" if rooted else "(?:.+/)?") + _translated(body) + below, re.DOTALL)


def _translated(body: str) -> str:
    parts = body.split("/")
    said = ""
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            said += ".+" if last else "(?:.+/)?"
            continue
        for token in re.findall(r"\\.|.", part, re.DOTALL):
            said += {"*": "[^/]*", "?": "[^/]"}.get(token) or re.escape(token[-1])
        said += "" if last else "/"
    return said
