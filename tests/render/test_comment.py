"""The sticky comment: what it says first, what it never says, and its size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from pipeline.domain.model import Action, UnitId
from pipeline.render.comment import MARKER, comment
from pipeline.render.fit import COMMENT, size
from pipeline.results import (
    ChangeReport,
    LeafReport,
    PlanReport,
    ProblemReport,
    UnitResult,
    WarningReport,
)
from pipeline.results.verdict import Verdict, conclude, judge
from tests.render.examples import WEB, finding, plan, result
from tests.render.inert import OURS, TEXTS, does


def said(results: list[UnitResult], **more: object) -> str:
    verdict = judge(results)
    return comment(verdict, results, "https://example.com/run", **more)  # type: ignore[arg-type]


def test_the_verdict_comes_first_and_destruction_before_the_rest() -> None:
    text = said([result(findings=[finding()])])
    lines = text.splitlines()
    assert lines[0] == MARKER
    assert lines[1].startswith("## Not ready to merge: web/dev has 1 new finding")
    assert text.index("is **destroyed**") < text.index("New findings") < text.index("<details>")


def test_a_finding_says_place_rule_and_remedy() -> None:
    (line,) = [
        li for li in said([result(findings=[finding()])]).splitlines() if "CKV_KWD_2`**" in li
    ]
    assert line.startswith("- `terraform/modules/neo4j/main.tf:97`: **`CKV_KWD_2`** Neo4j can be")
    assert "To do: Allow Bolt by the application's security group only." in line


def test_the_same_finding_in_two_units_is_told_once() -> None:
    other = UnitId("web", "prod")
    two = [result(findings=[finding()]), result(other, [finding(unit=str(other))])]
    assert said(two).count("CKV_KWD_2`**") == 1


def test_what_one_edit_cures_counts_once_in_headline_table_and_list() -> None:
    many = [finding(address=f'module.neo4j.aws_x.anyone["{key}"]') for key in "abc"]
    old = [finding("OLD", new=False, address=f"aws_y.z[{number}]") for number in range(2)]
    text = said([result(findings=[*many, *old])])
    assert "has 1 new finding (`CKV_KWD_2`)" in text
    assert "| 1 new, 1 known |" in text
    assert "### New findings (1)" in text
    assert "Known findings (1)" in text


def test_excepted_and_existing_findings_stay_listed() -> None:
    text = said([result(findings=[finding(excepted="for a while"), finding("OLD", new=False)])])
    assert "excepted: for a while" in text
    assert "already there before this pull request" in text
    assert "Ready to merge" in text


def test_a_resource_without_a_price_is_named() -> None:
    text = said([result()])
    assert "1 without a price" in text
    assert "`aws_new.c`: no price is known" in text


@pytest.mark.parametrize(
    ("destroyed", "updated", "findings"), [(3, 20_000, 0), (3000, 3000, 3000), (60, 4000, 400)]
)
def test_it_fits_however_large_the_plan_and_keeps_what_matters(
    destroyed: int, updated: int, findings: int
) -> None:
    many = [finding(line=number, message="Ä long message. " * 6) for number in range(findings)]
    one = result(findings=many, plan_of=plan(destroyed=destroyed, updated=updated))
    text = said([one])
    assert len(text.encode()) <= COMMENT
    assert text.count("<details>") == text.count("</details>")
    assert f"What is destroyed or replaced ({destroyed})" in text
    shown = text.count("is **destroyed**") + text.count("is **replaced**")
    if destroyed <= 60:
        assert shown == destroyed
    else:
        assert f"and {destroyed - shown:,} more destructive changes" in text
    assert "https://example.com/run" in text


def test_hundreds_of_units_fit_as_well() -> None:
    units = [UnitId(f"stack-with-a-long-name-{number}", "production") for number in range(500)]
    text = said([result(unit, [finding(unit=str(unit))]) for unit in units])
    assert len(text.encode()) <= COMMENT
    assert "more units" in text or text.count("| `stack-with") == 500


def test_no_secret_is_in_it_whether_marked_named_or_only_known() -> None:
    secret = "planted&secret<1>"
    one = result(plan_of=plan(secret=secret), findings=[finding(message=f"It has {secret}.")])
    text = said([one], known=[secret])
    for value in (secret, "new-one-secret", "old-one-secret", "planted"):
        assert value not in text
    assert "(sensitive)" in text


def test_an_empty_run_says_so() -> None:
    text = comment(Verdict(True, "Ready to merge: no unit is affected.", ()), [])
    assert "No unit was planned." in text
    assert WEB.slug not in text


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_no_name_value_or_message_becomes_markup_a_mention_or_a_link(one: str, other: str) -> None:
    leaf = LeafReport(path=one, before=other, after=one)
    changes = [
        ChangeReport(address=one, action=action, previous_address=other, leaves=[leaf])
        for action in Action
    ]
    shown = PlanReport(
        unit=str(WEB),
        changes=changes,
        drift=changes,
        warnings=[WarningReport(sentence=one, address=other)],
    )
    broken = PlanReport(
        unit=str(WEB), error=[ProblemReport(reason="x", sentence=one, remedy=other)]
    )
    found = [
        finding(one or "R", message=one, address=other, file=other, remedy=one, excepted=excepted)
        for excepted in ("", other)
    ]
    results = [replace(result(findings=found), plan=shown), replace(result(), plan=broken)]
    verdict = Verdict(False, one, (one, other), (other,))
    assert does(comment(verdict, results), OURS) == []


def test_a_reason_of_any_length_leaves_the_verdict_and_what_is_destroyed() -> None:
    gone = ChangeReport(address="aws_db_instance.main", action=Action.DELETE)
    results = [UnitResult(WEB, PlanReport(unit=str(WEB), changes=[gone]))]
    long = "the configuration is broken: " + "x'y " * 18_000
    for reasons in ([long], [long, "another"], ["a reason " * 20] * 900):
        text = comment(conclude(reasons, results), results, "https://example.com/run")
        assert size(text) <= COMMENT
        assert "## Not ready to merge: " in text
        assert "- `aws_db_instance.main` in `web/dev` is **destroyed**" in text
        assert "another." in text or "another" not in reasons


def test_an_address_of_any_length_is_named_by_its_beginning() -> None:
    gone = [
        ChangeReport(address=f'aws_x.{name}["{"k" * 30_000}"]', action=Action.DELETE)
        for name in "abc"
    ]
    text = said([UnitResult(WEB, PlanReport(unit=str(WEB), changes=gone))])
    assert size(text) <= COMMENT
    assert all(f"- `aws_x.{name}" in text for name in "abc")
