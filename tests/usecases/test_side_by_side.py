"""Units at the same time: nobody can tell from the results."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from pipeline.adapters.terraform_process import raise_if_interrupted
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.output import Output
from pipeline.usecases.side_by_side import MOST, side_by_side
from pipeline.usecases.site import Site

UNITS = [UnitId("shelf", f"w{number}") for number in range(9)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, tmp_path, tmp_path, Output())


def test_results_come_in_the_units_order_whoever_ends_first(site: Site) -> None:
    def work(unit: UnitId) -> str:
        time.sleep(0.02 if unit.workspace in ("w0", "w3") else 0)
        return unit.workspace

    assert side_by_side(site, "Planning", UNITS, work) == [unit.workspace for unit in UNITS]
    assert side_by_side(site, "Planning", [], work) == []


def test_as_many_run_at_once_as_fit_and_no_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    together = threading.Barrier(MOST)
    running, most, lock = 0, 0, threading.Lock()

    def work(unit: UnitId) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(30)  # breaks where fewer than MOST are under way
        with lock:
            running -= 1

    side_by_side(site, "Planning", UNITS[: 2 * MOST], work)
    assert most == MOST


def test_a_failure_is_raised_and_what_has_not_begun_does_not_begin(site: Site) -> None:
    begun: list[str] = []

    def work(unit: UnitId) -> None:
        begun.append(unit.workspace)
        if unit == UNITS[0]:
            raise failure("unreachable", "AWS does not answer.")
        time.sleep(2)

    with pytest.raises(Failure, match="does not answer"):
        side_by_side(site, "Planning", UNITS, work)
    assert len(begun) <= MOST + 1


def test_an_interrupt_ends_all_of_them_as_interrupted(site: Site) -> None:
    def work(unit: UnitId) -> None:
        if unit == UNITS[1]:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        raise_if_interrupted()

    with pytest.raises(Failure) as caught:
        side_by_side(site, "Planning", UNITS[:2], work)
    assert caught.value.reason == "interrupted"
