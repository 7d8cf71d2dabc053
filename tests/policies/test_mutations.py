"""Take a protection out of the estate, and exactly its policy fails; leave it, and none does."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters import checkov
from pipeline.domain.exceptions import read_exceptions
from pipeline.domain.model import Finding, Severity, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.policy import Permission, action_findings
from sandbox.client import Sandbox
from tests.policies.estate import Copy
from tests.policies.mutations import DEPLOYED, GUIDE, UNITS, Mutation, guide, mutations, promises
from tests.policies.planning import POLICIES, own_rules

MUTATIONS = mutations()
#: A day on which all exceptions hold: what has to be is tested here, not when it ends.
TODAY = date(2026, 11, 25)
Found = set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """(rule, address) that our rules find in each unit, as it is and with its mutations."""

    as_it_is: dict[str, Found]
    mutated: dict[str, Found]
    built_in: list[Finding]  # of checkov's own rules, in the estate as it is


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    root = tmp_path_factory.mktemp("mutations")
    with Sandbox.start(root / "box", only=("aws",)) as box:

        def plans(unit: str) -> tuple[Path, Path]:
            name = unit.replace("/", "-")
            whole = Copy.make(root / f"{name}-whole", box.aws_url).plan(unit)
            broken = Copy.make(root / f"{name}-broken", box.aws_url)
            for mutation in MUTATIONS:
                if mutation.unit == unit:
                    broken.change(mutation.file, mutation.old, mutation.new)
            before = json.loads(whole.read_text()) if unit in DEPLOYED else None
            return whole, broken.plan(unit, before)

        with ThreadPoolExecutor(2) as workers:
            made = dict(zip(UNITS, workers.map(plans, UNITS), strict=True))
    files = {f"{unit} {n}": file for unit, pair in made.items() for n, file in enumerate(pair)}
    _, scans = checkov.scan(POLICIES, files)

    def found(unit: str, number: int) -> Found:
        name = f"{unit} {number}"
        plan = parse_plan(json.loads(files[name].read_text()), UnitId(*unit.split("/")), 1, "")
        actions = {(f.rule, f.address) for f in action_findings(plan, Permission())}
        return actions | {
            (result.rule, result.address)
            for result in scans[name].failed
            if result.rule.startswith("CKV_KWD_")
        }

    return Judged(
        {unit: found(unit, 0) for unit in UNITS},
        {unit: found(unit, 1) for unit in UNITS},
        [
            Finding("checkov", r.rule, Severity.ERROR, r.message, unit=unit, address=r.address)
            for unit in UNITS
            for r in scans[f"{unit} 0"].failed
            if not r.rule.startswith("CKV_KWD_")
        ],
    )


def test_every_rule_has_its_mutation_and_holds_a_promise() -> None:
    assert {mutation.rule for mutation in MUTATIONS} == set(own_rules())
    assert {rule for promise in promises() for rule in promise.rules} == set(own_rules())


def test_the_guide_says_what_is_taken_out() -> None:
    assert GUIDE.read_text() == guide(), "run: python -m tests.policies.mutations"


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_the_estate_as_it_is_breaks_no_rule(judged: Judged, unit: str) -> None:
    assert judged.as_it_is[unit] == set()


@pytest.mark.slow
def test_what_checkov_finds_is_excepted_and_no_exception_is_left_over(judged: Judged) -> None:
    exceptions = read_exceptions((POLICIES / "exceptions.toml").read_text(), "", TODAY)
    open_ = [finding for finding in exceptions.apply(judged.built_in) if not finding.excepted]
    assert [(f.unit, f.rule, f.address) for f in open_] == []
    unused = exceptions.unused(judged.built_in)
    assert [(entry.rule, entry.address, entry.unit) for entry in unused] == []


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_without_a_protection_exactly_its_policy_fails(judged: Judged, mutation: Mutation) -> None:
    there = {
        (rule, address) for rule, address in judged.mutated[mutation.unit] if address in mutation.at
    }
    assert there == {(mutation.rule, address) for address in mutation.at}


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_mutations_break_nothing_beside_what_they_name(judged: Judged, unit: str) -> None:
    mine = [mutation for mutation in MUTATIONS if mutation.unit == unit]
    named = [address for mutation in mine for address in mutation.at]
    assert len(named) == len(set(named))  # so each finding has one cause
    assert {address for _, address in judged.mutated[unit]} == set(named)
