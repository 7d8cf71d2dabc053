"""The guard over a stack of a checkout, with what its team may use beyond the guard's lists."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.adapters.checkout import Checkout
from pipeline.config import find_line
from pipeline.domain.file_arguments import Reading, unseen_reads
from pipeline.domain.guard import NOTHING_MORE, Allowance, Rules, Verdict, guard
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_toml
from pipeline.errors import Failure, Problem
from pipeline.settings import ProjectConfig, StackFile


def judge_stack(
    folder: str, root: Path, referee: Path, work: Path, settings: ProjectConfig
) -> Verdict:
    """The guard's verdict over a stack's folder.

    ``[guard]`` counts as the judging checkout has it: a pull request allows itself nothing.
    """
    own = allowance(root, folder)
    rules = Rules(
        frozenset(settings.providers),
        tuple(settings.modules),
        own if referee == root else allowance(referee, folder),
        _today(),
    )
    base = Checkout(referee, work) if referee != root else None
    return guard(folder, Checkout(root, work), rules, base, renewal=own)


def allowance(root: Path, folder: str) -> Allowance:
    """``[guard]`` of a stack; nothing is allowed where it cannot be read."""
    path = root / folder / "stack.toml"
    try:
        text = path.read_text()
        found = StackFile.model_validate(parse_toml(text)).guard
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        return NOTHING_MORE
    if found is None:
        return NOTHING_MORE
    return Allowance(
        data_sources=frozenset(found.data_sources),
        imports=frozenset(found.imports),
        provider_arguments=frozenset(found.provider_arguments),
        functions=frozenset(found.functions),
        file_arguments=frozenset(found.file_arguments),
        expires=found.expires,
        where=f"{folder}/stack.toml:{find_line(text, ('guard', 'expires'))}",
    )


def judge_plan(
    document: dict[str, Any], reading: Reading, unit: UnitId, allowed: Allowance
) -> None:
    """Raises ``guard`` where a plan reads files that decide nothing of the unit."""
    if allowed.expires >= _today():
        reading = replace(reading, allowed=allowed.file_arguments)
    found = [
        Problem(sentence, f"{unit} {address}", remedy)
        for address, sentence, remedy in unseen_reads(document, reading)
    ]
    if found:
        raise Failure("guard", *found)


def _today() -> date:
    return datetime.now(UTC).date()
