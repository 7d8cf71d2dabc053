"""The benchmark's pull request goes the whole way, by the commands that workflows call."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.estate import place
from benchmarks.overhead import Sides, _round


@pytest.mark.slow
def test_a_round_plans_records_reviews_applies_and_rolls_out(tmp_path: Path) -> None:
    with place(tmp_path) as found:
        taken = _round(found, Sides(found, tmp_path), 1)
    assert taken.changes > 20
    assert len(taken.review) == len(taken.deploy) == 2
