"""Coverage: its rules as stories, its laws as properties, and both against broken rules."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from pipeline.domain.coverage import cover
from pipeline.domain.decision import Wanted, decide, named
from tests.domain.decisions import DECISIONS
from tests.domain.laws import ALL, LAWS, Law, check
from tests.domain.stories import STORIES, Rules

RULES = SimpleNamespace(cover=cover, decide=decide, named=named, Wanted=Wanted)


@pytest.mark.parametrize("story", [*STORIES, *DECISIONS], ids=lambda s: s.__name__)
def test_rule(story: Callable[[Rules], None]) -> None:
    story(RULES)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law[0].__name__)
def test_law_holds_for_500_examples(law: Law) -> None:
    check(law, RULES, LAWS)
