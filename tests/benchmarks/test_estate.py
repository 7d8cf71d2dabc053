"""The benchmarks' repository keeps up with the modules that it is made of."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.estate import STACK, write
from pipeline.adapters.tools import locate
from tests.terraform.stacks import terraform_env


@pytest.mark.slow
def test_its_stack_gives_the_modules_what_they_require(tmp_path: Path) -> None:
    write(tmp_path / "repository", 1)

    def terraform(*arguments: str) -> str:
        return subprocess.run(
            [str(locate("terraform")), *arguments],
            cwd=tmp_path / "repository" / STACK,
            env=terraform_env(tmp_path / "data"),
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    terraform("init", "-backend=false", "-lockfile=readonly")
    told = json.loads(terraform("validate", "-json"))
    assert told["valid"], told["diagnostics"]
