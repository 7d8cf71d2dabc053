"""Terraform's diagnostics in plain words; the documents are as Terraform 1.11.4 writes them."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.terraform_diagnostics import as_failure, warnings
from pipeline.errors import Exit

PREVENTED = {
    "severity": "error",
    "summary": "Instance cannot be destroyed",
    "detail": "Resource module.data.aws_db_instance.db[0] has lifecycle.prevent_destroy set, but "
    "the plan calls for this resource to be destroyed. To avoid this error and continue with the "
    "plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the "
    "-target option.",
    "range": {"filename": "../../modules/data/main.tf", "start": {"line": 7, "column": 1}},
}


def test_prevent_destroy_is_told_as_what_it_is_with_its_line_and_what_to_do() -> None:
    root = Path("/r")
    error = as_failure([PREVENTED], "", "plan", root / "terraform/envs/web", root)
    assert error.reason == "prevented"
    assert error.exit_code is Exit.USAGE
    [problem] = error.problems
    assert problem.where == "terraform/modules/data/main.tf:7"
    assert problem.sentence.startswith("module.data.aws_db_instance.db[0] is protected: ")
    assert "prevent_destroy" in problem.sentence
    assert "take prevent_destroy away" in problem.remedy
    assert "terraform validate" not in str(error)


def test_what_terraform_warns_of_is_kept_once_and_failing_checks_are_left_to_the_plan() -> None:
    root = Path("/r")
    where = {"filename": "main.tf", "start": {"line": 3}}
    deprecated = {
        "severity": "warning",
        "summary": "Argument is deprecated",
        "detail": "Use another.",
        "range": where,
    }
    check = {"severity": "warning", "summary": "Check block assertion failed", "detail": "no"}
    [found] = warnings([deprecated, check, deprecated], root / "terraform/envs/web", root)
    assert found.message == "Argument is deprecated: Use another."
    assert found.address == "terraform/envs/web/main.tf:3"
