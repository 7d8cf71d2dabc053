"""What was put by hand into an empty map or list, and is taken out again, is drift put right."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.coverage import cover
from tests.domain.plans import change, plan

ADDRESS = "aws_s3_bucket.shelf"


def hand(**values: Any) -> dict[str, Any]:
    return {"id": "i", **values}


@pytest.mark.parametrize(("empty", "full"), [({}, {"by": "hand"}), ([], ["hand"])])
@pytest.mark.parametrize("was_null", [True, False])
def test_a_map_that_is_empty_again_needs_no_review(empty: Any, full: Any, was_null: bool) -> None:
    update = change(ADDRESS, "update", hand(tags=full), hand(tags=empty))
    drift = change(ADDRESS, "update", hand(tags=None if was_null else empty), hand(tags=full))
    assert cover(plan(update, drift=(drift,)), None).covered


def test_what_stood_there_before_is_no_drift() -> None:
    both = hand(tags={"by": "hand", "keep": "1"})
    update = change(ADDRESS, "update", both, hand(tags={}))
    drift = change(ADDRESS, "update", hand(tags={"keep": "1"}), both)
    assert not cover(plan(update, drift=(drift,)), None).covered
