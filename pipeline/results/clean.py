"""Take secrets out of results before anything is written or rendered.

Values and prose are scrubbed; names are not. An address, a file, a rule or a unit is what a reader,
a record and a later step find things by, and a name that was altered is another name. Terraform
lets no sensitive value become an instance's key, so nothing in one is secret: a secret that
happens to be the word "postgres" must not blank `aws_db_instance.postgres`.

Only the path of a value and the place of a problem, by which nothing is found, are held against the
formats of keys and tokens and against known secrets, and of those only against what is no mere
word: the keys of a map may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.domain.secrets import scrub
from pipeline.results.schema import Report

if TYPE_CHECKING:
    from pipeline.results.files import UnitResult

R = TypeVar("R", bound=Report)

#: Fields that hold names, which stay as they are.
NAMES = frozenset(
    {
        "address", "previous_address", "deposed", "unit", "type", "rule", "tool", "file",
        "unpriced", "edges", "name", "version", "digest", "record", "key", "head", "base",
        "kind", "action", "severity", "encoded", "before_mark", "after_mark",
        "terraform_version", "prices_dated",
    }
)  # fmt: skip
#: Fields that say where something is; everything else is a value or prose.
_PLACES = frozenset({"path", "where"})
#: Fields that hold values: no name in them is spared.
_VALUES = frozenset({"before", "after"})
#: Names that prose may repeat.
_REPEATED = ("address", "previous_address", "unit")

_QUOTED = re.compile(r'(?<=\[")[^"]*(?="\])|(?<=/)[^/]{20,}')


def clean(report: R, known: Iterable[str] = ()) -> R:
    """The report without secrets; ``known`` are values that are secret for certain."""
    document = report.model_dump(mode="json")
    secrets = tuple(known)
    names = frozenset(n for n in _found(document) if not any(n in secret for secret in secrets))
    return type(report).model_validate(_cleaned(document, "", secrets, names))


def cleaned(results: Sequence[UnitResult], known: Iterable[str] = ()) -> list[UnitResult]:
    """The results of all units without secrets."""
    secrets = tuple(known)
    return [
        replace(
            r,
            plan=r.plan and clean(r.plan, secrets),
            findings=r.findings and clean(r.findings, secrets),
            cost=r.cost and clean(r.cost, secrets),
            record=r.record and clean(r.record, secrets),
            graph=r.graph and clean(r.graph, secrets),
        )
        for r in results
    ]


def _found(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (value[name] for name in _REPEATED if value.get(name))
        for item in value.values():
            yield from _found(item)
    elif isinstance(value, list):
        for item in value:
            yield from _found(item)


def _cleaned(value: object, field: str, known: tuple[str, ...], names: frozenset[str]) -> object:
    if isinstance(value, Mapping):
        return {key: _cleaned(item, key, known, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, field, known, names) for item in value]
    if not isinstance(value, str):
        return value
    if field in NAMES:
        return value
    if field in _PLACES:
        telling = [secret for secret in known if not secret.isalpha()]
        return _QUOTED.sub(lambda part: scrub(part[0], telling)[0], value)
    return scrub(value, known)[0] if field in _VALUES else prose(value, known, names)


def prose(text: str, known: Iterable[str], names: frozenset[str]) -> str:
    """Prose without secrets, with those of the ``names`` that it repeats as they are."""
    known = tuple(known)
    clean, found = scrub(text, known)
    if not found:
        return clean
    repeated = sorted((name for name in names if name in text), key=len, reverse=True)
    if not repeated:
        return clean
    parts = re.split(f"({'|'.join(map(re.escape, repeated))})", text)
    # split() with a group: every second part is a name
    return "".join(part if at % 2 else scrub(part, known)[0] for at, part in enumerate(parts))
