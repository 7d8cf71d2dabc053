"""Coverage: its rules as stories, its laws as properties, and both against broken rules."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import Phase, settings

from pipeline.domain.coverage import cover
from pipeline.domain.decision import Wanted, decide, named
from tests.domain.decisions import DECISIONS
from tests.domain.laws import ALL, LAWS, Law, check
from tests.domain.mutations import LAW_MUTATIONS, MUTATIONS, Mutation, broken
from tests.domain.set_stories import SETS
from tests.domain.stories import STORIES, Rules

RULES = SimpleNamespace(cover=cover, decide=decide, named=named, Wanted=Wanted)


@pytest.mark.parametrize("story", [*STORIES, *SETS, *DECISIONS], ids=lambda s: s.__name__)
def test_rule(story: Callable[[Rules], None]) -> None:
    story(RULES)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law[0].__name__)
def test_law_holds_for_500_examples(law: Law) -> None:
    check(law, RULES, LAWS)


# -- mutations: each rule broken once -----------------------------------------------------------

# that one fails is all that counts: nobody reads the smallest example
QUICK = settings(LAWS, max_examples=100, database=None, phases=[Phase.generate])
WRONG = (AssertionError, LookupError, TypeError, AttributeError, ValueError)


def caught(rules: Rules, laws: list[Law]) -> bool:
    """Whether a story or a law fails."""
    try:
        for story in (*STORIES, *SETS, *DECISIONS) if laws is ALL else ():
            story(rules)
        for law in laws:
            check(law, rules, QUICK)
    except WRONG:
        return True
    return False


@pytest.mark.parametrize("mutation", MUTATIONS, ids=range(len(MUTATIONS)))
def test_a_broken_rule_is_caught(mutation: Mutation) -> None:
    with broken(mutation) as rules:
        assert caught(rules, ALL), f"nothing notices {mutation[2]!r} in place of {mutation[1]!r}"


@pytest.mark.parametrize("law", ALL, ids=lambda law: law[0].__name__)
def test_each_law_alone_notices_a_broken_rule(law: Law) -> None:
    with broken(LAW_MUTATIONS[law[0].__name__]) as rules:
        assert caught(rules, [law])
