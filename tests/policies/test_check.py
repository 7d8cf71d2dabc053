"""`pipeline check` over a real plan: places, new and existing findings, exceptions, the label."""

from __future__ import annotations

import copy
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.model import UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.policy import Permission
from pipeline.errors import failure
from pipeline.results import (
    FindingReport,
    FindingsReport,
    GraphReport,
    failed_plan,
    path_of,
    plan_report,
    read,
    write,
)
from pipeline.usecases.check import check_units
from pipeline.usecases.checkouts import Checkouts
from tests.policies.conftest import HERE, POLICIES, Checked, cases, module

UNIT = UnitId("web", "dev")
TODAY = date(2026, 11, 25)
STACK = "terraform/envs/web"
#: Fixtures of these rules are enough here; checkov takes half a minute for all of them.
RULES = ("ckv_kwd_1", "ckv_kwd_2", "ckv_kwd_5")
CASES = [case for case in cases() if case.parent.name in RULES]


@pytest.fixture(scope="module")
def document(checked: Checked) -> dict[str, Any]:
    """The plan of all fixtures, without the modules of other rules."""
    names = {module(case) for case in CASES}
    found = copy.deepcopy(checked.document)
    for values in (found["planned_values"], found["prior_state"]["values"]):
        root = values["root_module"]
        root["child_modules"] = [
            child
            for child in root.get("child_modules", [])
            if child["address"].removeprefix("module.") in names
        ]
    calls = found["configuration"]["root_module"]["module_calls"]
    found["configuration"]["root_module"]["module_calls"] = {name: calls[name] for name in names}
    found["resource_changes"] = [
        change
        for change in found["resource_changes"]
        if change["module_address"].removeprefix("module.") in names
    ]
    return found


@pytest.fixture
def at(tmp_path: Path, document: dict[str, Any]) -> Checkouts:
    """A checkout with the fixtures as modules, planned; policies without exceptions."""
    root, referee, work = tmp_path / "change", tmp_path / "base", tmp_path / "work"
    (root / STACK).mkdir(parents=True)
    calls = []
    for case in CASES:
        (root / "terraform/modules" / module(case)).mkdir(parents=True)
        shutil.copy(case, root / "terraform/modules" / module(case) / "main.tf")
        calls.append(f'module "{module(case)}" {{\n  source = "../../modules/{module(case)}"\n}}\n')
    (root / STACK / "main.tf").write_text("\n".join(calls))
    shutil.copytree(POLICIES, referee / "policies", ignore=shutil.ignore_patterns(".venv"))
    (referee / "policies/exceptions.toml").write_text("")
    here = Checkouts(root, referee, work)
    save(here, document)
    return here


def save(at: Checkouts, document: dict[str, object]) -> None:
    at.plan_file(UNIT).parent.mkdir(parents=True, exist_ok=True)
    at.plan_file(UNIT).write_text(json.dumps(document))
    write(at.work, plan_report(parse_plan(document, UNIT, 1, "")))


def check(at: Checkouts, permission: Permission | None = None) -> FindingsReport:
    (report,) = check_units(at, [UNIT], permission or Permission(), TODAY)
    assert report == read(path_of(at.work, FindingsReport, UNIT), FindingsReport)
    return report


def of(report: FindingsReport, rule: str, name: str) -> FindingReport:
    (found,) = [
        f for f in report.findings if f.rule == rule and f.address.rsplit(".", 1)[-1] == name
    ]
    return found


@pytest.mark.slow
def test_findings_have_the_line_to_change_and_the_graph_counts_them(at: Checkouts) -> None:
    report = check(at)
    found = of(report, "CKV_KWD_2", "fail_range")
    assert found.failing
    assert found.file == "terraform/modules/ckv_kwd_2_fail/main.tf"
    line = (at.root / found.file).read_text().splitlines()[found.line - 1]
    assert "0.0.0.0/0" in line
    assert of(report, "CKV_KWD_5", "fail_replaced").failing
    assert of(report, "CKV_KWD_2", "neo4j_fail_inline_skip").failing
    graph = read(path_of(at.work, GraphReport, UNIT), GraphReport)
    assert {n.name: n.findings for n in graph.nodes}["ckv_kwd_2_fail"] >= 5
    assert [tool.name for tool in report.tools] == ["tflint", "checkov"]
    assert not list((at.work / "private").glob("tmp*"))


@pytest.mark.slow
def test_what_the_prior_state_already_fails_is_listed_and_not_new(
    at: Checkouts,
    document: dict[str, Any],
) -> None:
    document = copy.deepcopy(document)
    planned = copy.deepcopy(document["planned_values"]["root_module"])
    for child in planned["child_modules"]:
        child["resources"] = [
            r for r in child["resources"] if r["name"] not in ("fail_range", "fail_by_tag")
        ]
    document["prior_state"] = {"values": {"root_module": planned}}
    there = {r["address"] for child in planned["child_modules"] for r in child["resources"]}
    for item in document["resource_changes"]:
        if item["address"] in there and item["change"]["actions"] == ["create"]:
            item["change"] |= {"actions": ["no-op"], "before": item["change"]["after"]}
            item["change"]["after_unknown"] = {}
    save(at, document)
    report = check(at)
    assert of(report, "CKV_KWD_2", "fail_range").new
    assert of(report, "CKV_KWD_2", "fail_by_tag").new
    assert not of(report, "CKV_KWD_2", "fail_all_ports").new
    assert not of(report, "CKV_KWD_1", "fail_eip").failing


@pytest.mark.slow
def test_exceptions_and_the_label_lift_and_the_files_comments_lift_built_in_rules_only(
    at: Checkouts,
) -> None:
    shutil.copytree(at.root / "terraform", at.referee / "terraform")
    head = 'instance" "fail_address" {\n'
    skips = "  # checkov:skip=CKV_AWS_79:old image\n  # checkov:skip=CKV_AWS_135\n"
    own = "  # checkov:skip=CKV_AWS_126:a comment of the pull request\n"
    for root, comments in ((at.root, skips + own), (at.referee, skips)):
        file = root / "terraform/modules/ckv_kwd_1_fail/main.tf"
        file.write_text(file.read_text().replace(head, head + comments))
    (at.policies / "exceptions.toml").write_text(
        '[[exception]]\nrule = "CKV_KWD_1"\naddress = "module.ckv_kwd_1_*"\nowner = "@bob"\n'
        'reason = "These are fixtures."\nexpires = 2026-11-24\n'
        '[[exception]]\nrule = "CKV_KWD_2"\naddress = "module.ckv_kwd_2_*"\nowner = "@bob"\n'
        'reason = "These are fixtures."\nexpires = 2026-11-25\n'
    )
    report = check(at, Permission(label=True, by="bob", owner=True))
    assert "These are fixtures." in of(report, "CKV_KWD_2", "fail_range").excepted
    assert "expired on 2026-11-24" in of(report, "CKV_KWD_1", "fail_eip").message
    assert of(report, "CKV_KWD_1", "fail_eip").failing
    assert "label allow-destroy by bob" in of(report, "CKV_KWD_5", "fail_gone").excepted
    assert "old image" in of(report, "CKV_AWS_79", "fail_address").excepted
    assert of(report, "CKV_AWS_135", "fail_address").failing  # no reason given
    assert of(report, "CKV_AWS_126", "fail_address").failing  # main does not say so


@pytest.mark.slow
def test_a_known_finding_whose_judged_attributes_change_is_new(
    at: Checkouts, document: dict[str, Any]
) -> None:
    document = copy.deepcopy(document)
    planned = document["planned_values"]["root_module"]
    document["prior_state"] = {"values": {"root_module": copy.deepcopy(planned)}}
    edits = {"fail_range": ("cidr_ipv4", "0.0.0.0/1"), "fail_all_ports": ("description", "words")}
    for item in document["resource_changes"]:
        change = item["change"]
        if change["actions"] != ["create"]:
            continue
        before = copy.deepcopy(change["after"])
        if item["name"] in edits:
            key, value = edits[item["name"]]
            before[key] = value
        same = before == change["after"]
        change |= {"actions": ["no-op" if same else "update"], "before": before}
        change["after_unknown"] = {}
    save(at, document)
    report = check(at)
    assert of(report, "CKV_KWD_2", "fail_range").failing
    assert not of(report, "CKV_KWD_2", "fail_all_ports").failing


def test_each_comment_that_silences_lint_and_is_not_on_main_is_a_finding(at: Checkouts) -> None:
    write(at.work, failed_plan(UNIT, failure("terraform", "It did not plan.", "x.tf:3")))
    rule = "# tflint-ignore: terraform_naming_convention\n"
    silenced = f'{rule}variable "Old" {{\n  type = string\n}}\n'
    (at.referee / STACK).mkdir(parents=True)
    (at.referee / STACK / "main.tf").write_text(silenced)
    (at.root / STACK / "main.tf").write_text(silenced + silenced.replace("Old", "New"))
    found = [f for f in check(at).findings if f.rule == "tflint_ignore"]
    assert [(f.line, f.failing) for f in found] == [(5, True)]


def test_a_second_lint_finding_with_the_words_of_a_known_one_is_new(at: Checkouts) -> None:
    write(at.work, failed_plan(UNIT, failure("terraform", "It did not plan.", "x.tf:3")))
    legacy = 'output "{}" {{\n  value = [for x in var.a : x.0]\n}}\n'.format
    (at.referee / STACK).mkdir(parents=True)
    head = 'variable "a" {\n  type = list(list(string))\n}\n'
    (at.referee / STACK / "main.tf").write_text(head + legacy("one"))
    (at.root / STACK / "main.tf").write_text(head + legacy("one") + legacy("two"))
    found = [f.new for f in check(at).findings if "index" in f.rule]
    assert sorted(found) == [False, True]


def test_lint_findings_of_the_judging_checkout_are_not_new(at: Checkouts) -> None:
    write(at.work, failed_plan(UNIT, failure("terraform", "It did not plan.", "x.tf:3")))
    (at.referee / STACK).mkdir(parents=True)
    old = 'variable "Old" {\n  type = string\n}\n'
    (at.referee / STACK / "main.tf").write_text(old)
    (at.root / STACK / "main.tf").write_text(f"# moved down\n{old}{old.replace('Old', 'New')}")
    report = check(at)
    new = {(f.message.split("`")[1], f.new) for f in report.findings if "naming" in f.rule}
    assert new == {("Old", False), ("New", True)}
    assert report.error[0].sentence == "It did not plan."
    assert [tool.name for tool in report.tools] == ["tflint"]


def test_the_fixture_folder_is_what_the_session_plans() -> None:
    assert len(cases()) == 4 * len(list(HERE.glob("ckv_kwd_*")))
