"""What the documents name is there: tests that hold an emulated behaviour, files, folders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TESTS = {
    file.stem: re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    for folder in (ROOT / "tests", ROOT / "app/tests")
    for file in folder.rglob("test_*.py")
}
EVERY = {name for names in TESTS.values() for name in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    missing = [file for file in re.findall(r"\b(test_\w+)\.py\b", text) if file not in TESTS]
    for file, name, cut in re.findall(r"(?:\b(test_\w+)\.py)?::(test_\w+)(…?)", text):
        held = TESTS.get(file, EVERY) if file else EVERY
        if not any(one == name or (cut and one.startswith(name)) for one in held):
            missing.append(f"{file}::{name}")
    # "`test_graph`: a matrix keeps …; an empty matrix …": the first words of its tests' names
    for file, phrases in re.findall(r"`(test_\w+)`: ([^|`]+)", text):
        for phrase in re.split(r"[;,] ", phrases):
            begin = "test_" + "_".join(re.findall(r"\w+", phrase.partition("…")[0])).lower()
            if begin != "test_" and not any(name.startswith(begin) for name in TESTS[file]):
                missing.append(f"{file}: {phrase}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []
