"""The mutations of mutations.toml, and the tables of docs/policies.md that are made of it.

``python -m tests.policies.mutations`` rewrites the tables; a test compares them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.policies.planning import HERE, POLICIES, own_rules

GUIDE = POLICIES.parent / "docs" / "policies.md"
#: Units whose mutated plan is one over what a deployment left.
DEPLOYED = ("knowledgeweaver/staging", "knowledgeweaver/prod")
UNITS = ("account/shared", "knowledgeweaver/dev", *DEPLOYED)
_START = "<!-- generated: {} -->\n"
_END = "<!-- end of generated -->"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One protection taken out: see the head of mutations.toml."""

    rule: str
    taken: str
    unit: str
    file: str
    old: str
    new: str
    at: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} {self.taken}"


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence on security that the estate was built from, and the rules that hold it."""

    says: str
    rules: tuple[str, ...]


def _read() -> dict[str, Any]:
    return tomllib.loads((HERE / "mutations.toml").read_text())


def mutations() -> list[Mutation]:
    """All mutations, in the order of the file."""
    return [Mutation(**{**one, "at": tuple(one["at"])}) for one in _read()["mutation"]]


def promises() -> list[Promise]:
    """All sentences, in the order of the file."""
    return [Promise(one["says"], tuple(one["rules"])) for one in _read()["promise"]]


def guide() -> str:
    """docs/policies.md as it has to be."""
    text = GUIDE.read_text()
    titles = _titles()
    taken: dict[str, list[str]] = {}
    for mutation in mutations():
        taken.setdefault(mutation.rule, []).append(mutation.taken)
    rows = ["| what is promised | rule | taken out, and caught |", "|---|---|---|"]
    for promise in promises():
        for place, rule in enumerate(promise.rules):
            first = promise.says if place == 0 else ""
            link = f"[{rule.rsplit('_', 1)[1]}](#{rule.lower()}) {titles[rule]}"
            rows.append(f"| {first} | {link} | {'; '.join(taken[rule])} |")
    return _put(text, "promises", "\n".join(rows))


def _titles() -> dict[str, str]:
    sections = re.findall(r"^### (CKV_KWD_\d+)\n\*\*(.+?)\.\*\*", GUIDE.read_text(), re.MULTILINE)
    found = dict(sections)
    assert list(found) == own_rules()
    return found


def _put(text: str, name: str, body: str) -> str:
    start = _START.format(name)
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(_END)
    return f"{before}{start}{body}\n{_END}{after}"


if __name__ == "__main__":
    Path(GUIDE).write_text(guide())
