"""What names something is the same before and after the secrets are taken out.

A review finds a change, and a record a finding, by the address: one that was altered is another.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.model import Action, Severity
from pipeline.domain.secrets import scrub_tree
from pipeline.render.uncovered import Uncovered, comment, page
from pipeline.results import (
    ChangeReport,
    FindingReport,
    FindingsReport,
    LeafReport,
    PlanReport,
    clean,
    read,
    write,
)
from pipeline.results.files import path_of

#: Keys of instances that look like a secret, or are one.
KEYS = [
    "db-user1",
    "Xk9pQ72LmW8dR4tZ1vB6nY3c",
    "SK0123456789abcdef0123456789abcdef",
    "logs/2026/AC0123456789abcdef0123456789abcdef.json",
    "AKIA" + "IOSFODNN7EXAMPLE",
]
TEXTS = st.sampled_from(KEYS) | st.text(min_size=1, max_size=40)


def change(address: str, action: Action = Action.CREATE, deposed: str = "") -> ChangeReport:
    leaves = [LeafReport(path="/policy", after="*")]
    return ChangeReport(address=address, action=action, deposed=deposed, leaves=leaves)


def case(*changes: ChangeReport, known: frozenset[str]) -> Uncovered:
    return Uncovered(
        unit="shelf/dev",
        plan=PlanReport(unit="shelf/dev", changes=list(changes)),
        reasons={(c.address, c.deposed): "no reviewed plan covers this" for c in changes},
        record="r-1",
        known=known,
    )


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("known", [(), KEYS])
@pytest.mark.parametrize("action", [Action.CREATE, Action.DELETE])
def test_an_unreviewed_change_is_never_told_as_reviewed(
    key: str, known: list[str], action: Action
) -> None:
    destroys = action is Action.DELETE
    one = case(change(f'aws_x.y["{key}"]', action), change("aws_x.z"), known=frozenset(known))
    if destroys:
        one = dataclasses.replace(one, workflow="destroy.yml")
    for text in (comment(one), page(one)):
        assert "Reviewed, and applied with it" not in text
        assert ("What is taken away" if destroys else "Changes that nobody reviewed") in text
        assert key in text.replace("<wbr>", "")


@settings(max_examples=100)
@given(TEXTS, TEXTS, TEXTS)
def test_as_many_changes_are_told_unreviewed_as_have_a_reason(
    one: str, other: str, known: str
) -> None:
    made = case(change(one), change(one, deposed="0a1b2c3d"), known=frozenset({known, other}))
    only = dataclasses.replace(made, reasons={(one, "0a1b2c3d"): "new"})
    assert "#### Changes that nobody reviewed (2)" in comment(made)
    assert "#### Changes that nobody reviewed (1)" in comment(only)
    assert "Reviewed, and applied with it" in comment(only)


def test_a_reason_whose_change_is_not_in_the_plan_is_told_all_the_same() -> None:
    made = dataclasses.replace(
        case(change("aws_x.y"), known=frozenset()),
        reasons={("aws_x.y", ""): "new", ("aws_x.gone", ""): "no reviewed plan covers this"},
    )
    for text in (comment(made), page(made).replace("<wbr>", "")):
        assert "aws_x.gone" in text


@settings(max_examples=100)
@given(TEXTS, st.sets(TEXTS, max_size=3))
def test_no_name_is_altered_when_secrets_are_taken_out(name: str, known: set[str]) -> None:
    plan = PlanReport(
        unit="shelf/dev",
        changes=[ChangeReport(address=name, previous_address=name, deposed=name, type=name,
                              action=Action.UPDATE)],
    )  # fmt: skip
    assert clean(plan, known) == plan
    document = {"address": name, "previous_address": name, "unit": name}
    assert scrub_tree(document, tuple(known)) == document


@pytest.mark.parametrize("key", KEYS)
def test_a_finding_is_written_and_read_with_the_address_that_policies_will_find(
    tmp_path: Path, key: str
) -> None:
    finding = FindingReport(
        tool="action-policy", rule="CKV_KWD_5", severity=Severity.ERROR, message="It is lost.",
        unit="shelf/dev", address=f'aws_db_instance.a["{key}"]', excepted="label allow-destroy",
    )  # fmt: skip
    report = FindingsReport(unit="shelf/dev", findings=[finding])
    write(tmp_path, report, [key])
    found = read(path_of(tmp_path, FindingsReport, report.unit_id), FindingsReport, [key])
    assert [f.address for f in found.findings] == [finding.address]
