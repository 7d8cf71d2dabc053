"""docs/terraform.md says what is there: its generated parts are current, its table is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from terraform import guide
from tests.terraform.stacks import MODULES, ROOT

NAMES = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
TEXT = guide.GUIDE.read_text()
ROWS = [
    line.strip("|").split(" | ")
    for line in TEXT.split("## What is there")[1].split("\n## ")[0].splitlines()
    if line.startswith("| ")
][1:]
#: What GitHub makes an anchor of.
HEADINGS = {
    page: {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    }
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *MODULES.glob("*/README.md")]
}


def test_the_generated_parts_are_what_terraform_says() -> None:
    is_there, has_to_be = guide.current()
    assert is_there == has_to_be, "run: python -m terraform.guide"


def test_a_setting_that_only_one_file_has_shows_the_default_of_the_others() -> None:
    dev, prod = guide.settings("dev"), guide.settings("prod")
    assert (dev["network.nat"], prod["network.nat"]) == ("instance", "gateway")
    assert dev["network.cidr"] == prod["network.cidr"] == "10.0.0.0/16"  # in neither file
    assert "`network.nat`" in guide.environments()
    assert "`network.cidr`" not in guide.environments()


@pytest.mark.parametrize("module", NAMES)
def test_every_module_has_a_row(module: str) -> None:
    assert any(f"modules/{module}/README.md" in where for _, where, _ in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].split(",")[0].strip())
def test_a_row_is_held_by_tests_that_exist(row: list[str]) -> None:
    named = re.findall(r"`([^`]+)`", row[2])
    assert named
    for name in named:
        in_module = MODULES / name
        found = [*ROOT.glob(f"tests/**/{name}"), *ROOT.glob(name)]
        assert in_module.is_dir() or found, f"no {name}"


@pytest.mark.parametrize("module", NAMES)
def test_a_module_has_one_example_and_a_contract(module: str) -> None:
    readme = (MODULES / module / "README.md").read_text()
    assert readme.count("```hcl\n") == 1
    assert (MODULES / module / "tests" / "contract.tftest.hcl").is_file()


@pytest.mark.parametrize("page", HEADINGS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for target in targets:
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        aim = (page.parent / file).resolve() if file else page
        assert aim.exists(), target
        assert not anchor or anchor in HEADINGS[aim], target
