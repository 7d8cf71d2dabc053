"""An interrupt reaches every terraform, and none of them twice."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters import terraform_process
from pipeline.adapters.terraform_process import JsonLine, run
from pipeline.errors import Failure
from tests.waiting import until

#: Says that it is ready, waits for SIGINT, and says so.
PROGRAM = """
import pathlib, signal, sys, time
caught = []
signal.signal(signal.SIGINT, lambda *_: caught.append(1))
pathlib.Path("ready").touch()
print('{"type": "ready"}', flush=True)
end = time.monotonic() + 30
while not caught and time.monotonic() < end:
    time.sleep(0.01)
pathlib.Path("caught").write_text(str(len(caught)))
"""


class Started(set[int]):
    """Notes the processes that are started; something happens around the note."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)

    def add(self, pid: int) -> None:
        self.before()
        super().add(pid)
        self.after()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr(terraform_process, "_running", started)
    return started


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that were passed on."""
    found: list[int] = []
    original = os.kill

    def kill(pid: int, number: int) -> None:
        if pid != os.getpid():
            found.append(number)
        original(pid, number)

    monkeypatch.setattr(os, "kill", kill)
    return found


def interrupted(folder: Path, on_line: Callable[[JsonLine], None] | None = None) -> str:
    """Run the program, which has to end as interrupted; how many signals it caught."""
    with pytest.raises(Failure) as ended:
        run([sys.executable, "-c", PROGRAM], folder, os.environ, on_line)
    assert ended.value.reason == "interrupted"
    return (folder / "caught").read_text()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interrupt_while_terraform_starts_reaches_it_once(
    tmp_path: Path, started: Started, sent: list[int], moment: str
) -> None:
    def come() -> None:
        until((tmp_path / "ready").exists, 30)
        os.kill(os.getpid(), signal.SIGINT)

    setattr(started, moment, come)
    assert interrupted(tmp_path) == "1"
    assert sent == [signal.SIGINT]


def test_a_second_signal_is_not_passed_on(tmp_path: Path, sent: list[int]) -> None:
    def twice(_line: JsonLine) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    assert interrupted(tmp_path, twice) == "1"
    assert sent == [signal.SIGINT]


def test_an_error_of_ours_interrupts_terraform_only_where_nothing_else_did(
    tmp_path: Path, sent: list[int]
) -> None:
    def fail(_line: JsonLine) -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        run([sys.executable, "-c", PROGRAM], tmp_path, os.environ, fail)
    assert (tmp_path / "caught").read_text() == "1"
    assert sent == [signal.SIGINT]


def test_an_error_of_ours_after_an_interrupt_is_no_second_one(
    tmp_path: Path, sent: list[int]
) -> None:
    def interrupted_and_failing(_line: JsonLine) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        run([sys.executable, "-c", PROGRAM], tmp_path, os.environ, interrupted_and_failing)
    assert (tmp_path / "caught").read_text() == "1"
    assert sent == [signal.SIGINT]
