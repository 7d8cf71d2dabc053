"""Coverage: its rules as stories, its laws as properties, and both against broken rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.domain import coverage
from tests.domain.stories import STORIES, Rules


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_rule(story: Callable[[Rules], None]) -> None:
    story(coverage)
