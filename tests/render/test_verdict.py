"""Green only when everything that should have happened did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.domain.model import Action, Severity
from pipeline.errors import failure
from pipeline.results import ChangeReport, PlanReport, failed_plan
from pipeline.results.verdict import judge
from tests.render.examples import WEB, finding, result


def test_a_complete_run_is_green() -> None:
    verdict = judge([result()])
    assert verdict.green
    assert verdict.sentence == "Ready to merge: 1 unit with 3 changes, no new finding."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plan": None}, "has no plan"),
        ({"findings": None}, "was not checked"),
        ({"cost": None}, "the cost of web/dev is not known"),
    ],
)
def test_a_missing_stage_is_red_and_named(changes: dict[str, Any], said: str) -> None:
    verdict = judge([replace(result(), **changes)])
    assert not verdict.green
    assert said in verdict.reasons[0]


def test_outputs_are_counted_apart() -> None:
    plan = PlanReport(
        unit=str(WEB),
        changes=[ChangeReport(address="output.url", action=Action.UPDATE, type="output")],
    )
    verdict = judge([replace(result(), plan=plan)])
    assert verdict.sentence == "Ready to merge: 1 unit with 0 changes, 1 output, no new finding."


def test_a_failed_plan_says_its_reason_word() -> None:
    broken = replace(result(), plan=failed_plan(WEB, failure("bad-hcl", "no")))
    assert judge([broken]).reasons == ("the plan of web/dev failed (bad-hcl)",)


def test_new_findings_and_an_exceeded_budget_are_red() -> None:
    verdict = judge([result(findings=[finding("CKV_AWS_1"), finding()], after=91)])
    assert verdict.reasons == (
        "web/dev has 2 new findings (CKV_KWD_2, CKV_AWS_1)",
        "web/dev would cost $91 a month, over its budget of $90",
    )


@pytest.mark.parametrize(
    "changes", [{"new": False}, {"excepted": "yes"}, {"severity": Severity.NOTICE}]
)
def test_known_excepted_and_informing_findings_are_not_red(changes: dict[str, Any]) -> None:
    assert judge([result(findings=[finding(**changes)])]).green
