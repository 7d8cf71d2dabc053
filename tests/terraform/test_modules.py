"""The modules' own tests, and their READMEs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from terraform import readme
from tests.terraform.stacks import ENVS, MODULES
from tests.terraform.test_validations import terraform

NAMES = sorted(path.name for path in MODULES.iterdir() if path.is_dir())


@pytest.mark.slow
def test_every_module_keeps_its_contract(tmp_path: Path) -> None:
    # One folder for all of them: Terraform starts once instead of once a module.
    (tmp_path / "terraform").symlink_to(MODULES.parent)
    (tmp_path / "main.tf").write_text((MODULES / "vpc" / "versions.tf").read_text())
    lock = (ENVS / "account" / ".terraform.lock.hcl").read_text()
    (tmp_path / ".terraform.lock.hcl").write_text(lock)
    runs = 0
    for name in NAMES:
        text = (MODULES / name / "tests" / "contract.tftest.hcl").read_text()
        called = f'\\g<0>\n  module {{\n    source = "./terraform/modules/{name}"\n  }}\n'
        text, count = re.subn(r'^run "\w+" {$(?!\n  module {)', called, text, flags=re.M)
        (tmp_path / f"{name}.tftest.hcl").write_text(text)
        runs += count
    terraform(tmp_path, "init")
    said = terraform(tmp_path, "test", fine=(0, 1))
    # each run alone: the whole is too long for pytest to show where one fails
    assert [part for part in said.split("\n  run ") if "... pass" not in part][1:] == []
    assert f"{runs} passed, 0 failed" in said


@pytest.mark.parametrize("name", NAMES)
def test_a_modules_readme_says_what_its_files_say(name: str) -> None:
    is_there, has_to_be = readme.current(MODULES / name)
    assert is_there == has_to_be, "run: python -m terraform.readme"


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_the_usual_files(name: str) -> None:
    files = {path.name for path in (MODULES / name).iterdir()}
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= files


@pytest.mark.parametrize("stack", ["account", "knowledgeweaver"])
def test_a_stack_locks_its_provider_for_every_platform(stack: str) -> None:
    text = (ENVS / stack / ".terraform.lock.hcl").read_text()
    assert text.count('"h1:') == 14
    assert text.count('"zh:') == 15
