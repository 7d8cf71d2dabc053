"""A Terraform that outlives its step is waited for, and no other."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.cli.main import run
from pipeline.usecases.outlive import await_end, running

Start = Callable[[str, float], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program called terraform that runs for some seconds on a plan."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    begun: list[subprocess.Popen[bytes]] = []

    def go(plan: str, seconds: float) -> subprocess.Popen[bytes]:
        code = f"import time; time.sleep({seconds})"
        begun.append(subprocess.Popen([str(program), "-c", code, "apply", plan]))
        return begun[-1]

    yield go
    for one in begun:
        one.kill()
        one.wait()


def test_it_is_waited_for_until_it_has_ended(tmp_path: Path, start: Start) -> None:
    folder = tmp_path / ".pipeline" / "private"
    process = start(f"{folder}/kw--dev/tfplan", 1.5)
    assert len(running(folder)) == 1
    began = time.monotonic()
    assert run(["settle"], {}, tmp_path) == 0
    assert time.monotonic() - began > 0.5
    assert process.wait(5) == 0, "it ended by itself"


def test_one_that_does_not_end_is_told(tmp_path: Path, start: Start) -> None:
    start(f"{tmp_path}/.pipeline/private/kw--dev/tfplan", 60)
    assert run(["settle", "--minutes", "0.01"], {}, tmp_path) == 3


def test_another_checkouts_is_nobody_to_wait_for(tmp_path: Path, start: Start) -> None:
    start(f"{tmp_path}/other/.pipeline/private/kw--dev/tfplan", 60)
    began = time.monotonic()
    assert run(["settle"], {}, tmp_path) == 0
    assert time.monotonic() - began < 5


def test_waiting_has_an_end(tmp_path: Path) -> None:
    assert not await_end(tmp_path, 0.0, alive=lambda _: ["terraform apply"])
