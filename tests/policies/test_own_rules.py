"""Our rules against their fixtures, on real plans and on files."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.domain.exceptions import read_exceptions
from pipeline.domain.model import Finding, Severity, UnitId
from pipeline.domain.plan import parse_plan
from pipeline.domain.policy import Permission, action_findings
from tests.policies.conftest import HERE, POLICIES, Checked, cases, module
from tests.policies.planning import own_rules

#: Judges what a plan does; the others judge what it describes.
ACTIONS = "CKV_KWD_5"
RULES = own_rules()
CHECKOV = [rule for rule in RULES if rule != ACTIONS]


def _resources(case: Path) -> list[tuple[str, str]]:
    """(type.name, name) of every fixture resource that states an expectation."""
    found = re.findall(r'^resource "(\w+)" "(\w+)"', case.read_text(), re.MULTILINE)
    return [
        (f"{kind}.{name}", name)
        for kind, name in found
        if re.search(r"pass|fail|unknown|suppressed", name)
    ]


def test_there_are_rules_without_a_gap_and_none_without_fixtures() -> None:
    assert [f"CKV_KWD_{number}" for number in range(1, len(RULES) + 1)] == RULES
    assert len(RULES) >= 22
    written = {
        name
        for file in POLICIES.glob("checks/*.py")
        for name in re.findall(r'^    rule = "(\w+)"$', file.read_text(), re.MULTILINE)
    }
    assert written == set(CHECKOV)
    assert len(written) == len(list(POLICIES.glob("checks/[!_]*.py")))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_file_a_section_and_four_fixtures(rule: str) -> None:
    stems = {case.stem for case in cases() if case.parent.name == rule.lower()}
    assert stems == {"pass", "fail", "unknown", "suppressed"}
    assert f"### {rule}\n" in (POLICIES.parent / "docs" / "policies.md").read_text()
    files = [*POLICIES.glob("checks/*.py"), POLICIES.parent / "pipeline/domain/policy.py"]
    assert sum(f'"{rule}"' in file.read_text() for file in files) == 1


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKOV)
def test_on_a_plan_bad_fails_good_passes_and_unknown_is_no_finding(
    rule: str, checked: Checked
) -> None:
    seen = 0
    for case in (HERE / rule.lower()).glob("*.tf"):
        for address, name in _resources(case):
            result = checked.on_plan.get((rule, f"module.{module(case)}.{address}"))
            seen += 1
            if name.startswith("filefail"):
                assert result != "FAILED", address  # a plan does not show it
            elif "fail" in name:
                assert result == "FAILED", address
            elif "pass" in name:
                assert result == "PASSED", address
            else:
                assert result != "FAILED", address
    assert seen >= 5


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKOV)
def test_on_files_bad_fails_good_passes_and_unknown_is_no_finding(
    rule: str, checked: Checked
) -> None:
    for case in (HERE / rule.lower()).glob("*.tf"):
        for address, name in _resources(case):
            result = checked.on_hcl.get((rule, address))
            if name.startswith("planfail"):
                assert result is None, address  # the provider's default_tags may bring it
            elif "fail" in name:
                assert result == "FAILED", address
            elif "pass" in name:
                assert result == "PASSED", address
            else:
                assert result != "FAILED", address


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKOV)
def test_a_finding_says_what_is_wrong_and_what_to_do(rule: str, checked: Checked) -> None:
    words = checked.words[rule]
    text = (POLICIES.parent / "docs" / "policies.md").read_text()
    (title,) = re.findall(rf"^### {rule}\n\*\*(.+?)\*\*", text, re.MULTILINE)
    assert words.message != title  # that says what should be
    for sentence in (words.message, words.remedy):
        assert re.fullmatch(r"[A-Z][^\n]{10,98}[.]", sentence), sentence


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKOV)
def test_a_comment_in_the_file_does_not_suppress_but_an_exception_does(
    rule: str, checked: Checked
) -> None:
    case = HERE / rule.lower() / "suppressed.tf"
    ((address, _),) = _resources(case)
    assert f"checkov:skip={rule}" in case.read_text()
    assert checked.on_hcl[(rule, address)] == "FAILED"
    finding = Finding(
        "checkov", rule, Severity.ERROR, "m", unit="a/b", address=f"module.x.{address}"
    )
    text = f"""
[[exception]]
rule = "{rule}"
address = "module.x.*"
owner = "@bob"
reason = "It is the fixture of this test."
expires = 2026-12-31
"""
    (after,) = read_exceptions(text, "e.toml", date(2026, 12, 31)).apply([finding])
    assert "fixture of this test" in after.excepted
    (late,) = read_exceptions(text, "e.toml", date(2027, 1, 1)).apply([finding])
    assert not late.excepted
    assert "expired on 2026-12-31" in late.message


@pytest.mark.slow
def test_destroying_state_fails_without_the_label_and_only_then(checked: Checked) -> None:
    plan = parse_plan(checked.document, UnitId("a", "b"), 1, "")
    found = {f.address.rsplit(".", 1)[1] for f in action_findings(plan, Permission())}
    assert found == {"fail_replaced", "fail_gone", "suppressed_replaced"}
    allowed = action_findings(plan, Permission(label=True, by="bob", owner=True))
    assert all("allow-destroy by bob" in finding.excepted for finding in allowed)
    stranger = action_findings(plan, Permission(True, "alice", refused="alice is no code owner."))
    assert all(not f.excepted and "alice is no code owner." in f.message for f in stranger)
