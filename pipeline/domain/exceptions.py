"""Exceptions to rules: each has an owner, a reason and an end. No I/O.

``policies/exceptions.toml``::

    [[exception]]
    rule = "CKV_AWS_144"            # one rule, no pattern
    address = "module.documents.*"  # glob over resource addresses (or files, for lint)
    unit = "knowledgeweaver/*"      # glob over units
    owner = "@platform"
    reason = "Documents can be uploaded again; a second region costs more than it saves."
    expires = 2027-06-30
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain, repeat

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.domain.model import Finding
from pipeline.domain.nested import parse_toml
from pipeline.errors import Failure, Problem


class ExceptionEntry(BaseModel):
    """One ``[[exception]]`` as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(pattern=r"^[A-Za-z0-9_]+$")
    address: str = "*"
    unit: str = "*"
    owner: str = Field(pattern=r"^@?[\w./-]{2,}$")
    reason: str = Field(min_length=10)
    expires: date


@dataclass(frozen=True, slots=True)
class Exceptions:
    """All entries and today's date, which decides what has expired."""

    entries: tuple[ExceptionEntry, ...]
    today: date

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Mark excepted findings; an expired exception is named in the finding's message."""
        return [self._judge(finding) for finding in findings]

    def unused(self, findings: Iterable[Finding]) -> list[ExceptionEntry]:
        """Entries that no finding needs."""
        seen = list(findings)
        return [e for e in self.entries if not any(_matches(e, f) for f in seen)]

    def _judge(self, finding: Finding) -> Finding:
        matching = [entry for entry in self.entries if _matches(entry, finding)]
        for entry in matching:
            if entry.expires >= self.today:
                text = f"{entry.reason} ({entry.owner}, until {entry.expires})"
                return replace(finding, excepted=text)
        for entry in matching:
            note = f" The exception of {entry.owner} expired on {entry.expires}."
            return replace(finding, message=finding.message.rstrip(".") + "." + note)
        return finding


def _matches(entry: ExceptionEntry, finding: Finding) -> bool:
    # [0] and ["key"] are parts of addresses, not character classes
    target = finding.address or finding.file
    return (
        entry.rule == finding.rule
        and fnmatchcase(finding.unit, entry.unit)
        and fnmatchcase(target, entry.address.replace("[", "[[]"))
    )


def read_exceptions(text: str, file: str, today: date) -> Exceptions:
    """Parse the file; raises ``bad-config`` with all problems, each with file:line."""
    try:
        raw = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise Failure(
            "bad-config",
            Problem(f"The file is no TOML: {error}.", f"{file}:{line[1] if line else 1}"),
        ) from None
    header = re.compile(r"\s*\[\[\s*exception\s*\]\]")
    lines = [n for n, row in enumerate(text.splitlines(), 1) if header.match(row)]
    problems: list[Problem] = []
    entries: list[ExceptionEntry] = []
    if unknown := set(raw) - {"exception"}:
        problems.append(Problem(f"Unknown table {min(unknown)!r}.", f"{file}:1"))
    found = raw.get("exception", [])
    if not isinstance(found, list):
        told = "An exception is a table of its own."
        problems.append(Problem(told, f"{file}:1", "Write [[exception]] above each."))
        found = []
    # one that is written in another way than the others, as in a list, is told of with the last
    for number, entry in zip(chain(lines, repeat(max(lines, default=1))), found, strict=False):
        try:
            entries.append(ExceptionEntry.model_validate(entry))
        except ValidationError as error:
            problems += [
                Problem(
                    f"The exception's {'.'.join(map(str, e['loc']))}: {e['msg']}.",
                    f"{file}:{number}",
                    "An exception needs rule, owner, reason and expires; see docs/policies.md.",
                )
                for e in error.errors()
            ]
    if problems:
        raise Failure("bad-config", *problems)
    return Exceptions(tuple(entries), today)
