"""The HCL reader against Terraform itself: what it reads, and what of it is code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.adapters.tools import locate
from pipeline.domain.hcl import HclError, parse
from tests.domain.hcl_files import files, numbered

UNDECLARED = re.compile(r'An input variable with the name "(m\d+)"')


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [locate("terraform"), *arguments], cwd=folder, capture_output=True, text=True, env=environ
    )


def refused(folder: Path, names: Iterable[str]) -> set[str]:
    """The files whose syntax Terraform refuses."""
    done = terraform(folder, "fmt", "-no-color", "-check", "-list=false", "--", *names)
    return set(re.findall(r"^\s+on (\S+) line \d+", done.stderr, re.MULTILINE))


def code(text: str) -> set[str]:
    """The names after ``var.`` that our reader takes for code."""
    found = set()
    for tokens in parse(text).expressions():
        words = [token.text for token in tokens]
        found |= {
            name
            for head, dot, name in zip(words, words[1:], words[2:], strict=False)
            if (head, dot) == ("var", ".")
        }
    return found


def disagreements(texts: Mapping[str, str]) -> list[str]:
    """Where Terraform and our reader do not see the same in these files."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode())
        bad = refused(folder, texts)
        ours: set[str] = set()
        for file, text in texts.items():
            if file in bad:
                (folder / file).unlink()
                continue
            try:
                ours |= code(text)
            except HclError as error:
                found.append(f"only we refuse {text!r}: {error.sentence}, line {error.line}")
                (folder / file).unlink()
        told = json.loads(terraform(folder, "validate", "-json").stdout)["diagnostics"]
    theirs = {hit[1] for item in told if (hit := UNDECLARED.search(item.get("detail", "")))}
    # Terraform leaves an expression at its first reference that cannot be one.
    left = {item["range"]["filename"] for item in told if not UNDECLARED.search(item["detail"])}
    for each in sorted(ours ^ theirs):
        reader = "we" if each in ours else "Terraform"
        [file] = [file for file, text in texts.items() if re.search(rf"{each}\b", text)]
        if reader == "Terraform" or file not in left:
            found.append(f"only {reader} see {each} as code in {texts[file]!r}")
    return found


@pytest.mark.slow
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(files(), min_size=15, max_size=30))
def test_what_terraform_reads_is_read_and_the_same_of_it_is_code(made: list[str]) -> None:
    assert disagreements(numbered(made)) == []
