"""The tflint wrapper with the real tflint."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.places import lint_inputs
from pipeline.adapters.tflint import LintRun, lint
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.usecases.checkouts import Checkouts
from pipeline.usecases.lint import lint_units
from tests.policies.conftest import POLICIES

STACK = "terraform/envs/web"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from pipeline.adapters import tools

    real = tools.locate("tflint")
    monkeypatch.setattr("pipeline.adapters.tflint.locate", lambda _name: real)
    monkeypatch.setenv("PIPELINE_CACHE", str(tmp_path / "cache"))
    (tmp_path / STACK).mkdir(parents=True)
    (tmp_path / "terraform/modules/net").mkdir(parents=True)
    (tmp_path / STACK / "main.tf").write_text(
        'terraform {\n  required_version = ">= 1.11"\n}\n\n'
        'module "net" {\n  source = "../../modules/net"\n  used   = 1\n}\n'
    )
    (tmp_path / "terraform/modules/net/main.tf").write_text(
        'variable "used" {\n  type = number\n  description = "It is used."\n}\n'
        'output "used" {\n  description = "The same."\n  value = var.used\n}\n'
    )
    return tmp_path


def run(root: Path) -> LintRun:
    return lint(root, STACK, POLICIES / "tflint.hcl", lint_inputs(root, STACK))


def test_a_finding_has_rule_file_and_line_from_the_repositorys_root(root: Path) -> None:
    file = root / STACK / "main.tf"
    file.write_text(file.read_text() + '\nvariable "Bad-Name" {\n  type = string\n}\n')
    found = {(f.rule, f.file, f.line) for f in run(root).findings}
    assert ("terraform_naming_convention", f"{STACK}/main.tf", 10) in found
    assert ("terraform_unused_declarations", f"{STACK}/main.tf", 10) in found


def test_nothing_found_is_told_apart_from_a_failure(root: Path) -> None:
    assert run(root).findings == ()
    (root / STACK / "main.tf").write_text('resource "a" {\n')
    with pytest.raises(Failure) as caught:
        run(root)
    assert caught.value.reason == "tflint"
    assert caught.value.problems[0].where.startswith(f"{STACK}/main.tf:1")


def test_the_same_content_is_not_linted_twice_and_a_changed_module_is(root: Path) -> None:
    assert not run(root).cached
    assert run(root).cached
    module = root / "terraform/modules/net/main.tf"
    module.write_text(module.read_text() + "\n# one more line\n")
    assert not run(root).cached


def test_a_damaged_cache_entry_is_made_again(root: Path) -> None:
    run(root)
    (entry,) = (root / "cache" / "tflint").glob("*.json")
    entry.write_text("[{")
    assert not run(root).cached


def test_it_says_that_the_aws_ruleset_did_not_run(root: Path) -> None:
    assert "ruleset aws is not configured" in run(root).note


def test_a_repository_without_settings_for_tflint_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Failure) as error:
        lint_units(Checkouts(tmp_path, tmp_path, tmp_path), [UnitId("web", "dev")])
    [problem] = error.value.problems
    assert (error.value.reason, problem.where) == ("bad-config", "policies/tflint.hcl")
