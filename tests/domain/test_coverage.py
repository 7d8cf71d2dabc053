"""Coverage: its rules as stories, its laws as properties, and both against broken rules."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.domain import coverage
from pipeline.domain.model import Plan
from pipeline.domain.record import make_record, open_record
from pipeline.errors import Failure
from tests.domain.laws import ALL, LAWS, Law, check, plans
from tests.domain.plans import UNIT
from tests.domain.stories import STORIES, Cover


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_rule(story: Callable[[Cover], None]) -> None:
    story(coverage.cover)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law[0].__name__)
def test_law_holds_for_500_examples(law: Law) -> None:
    check(law, coverage.cover, LAWS)


@LAWS
@given(plans(), st.data())
def test_a_record_with_one_bit_changed_is_rejected(p: Plan, data: st.DataObject) -> None:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    made = make_record(p, b"key", id="r", head="h", base="b", digest="d", time=time)
    stored = bytearray(made.to_bytes())
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(Failure) as told:
        open_record(bytes(stored), b"key", id="r", unit=UNIT)
    assert told.value.reason == "record-damaged"


# -- mutations: each rule broken once ------------------------------------------------------

MUTATIONS: list[tuple[str, str]] = [
    ("Action.CREATE: frozenset({Action.CREATE})", "Action.CREATE: frozenset(Action)"),
    ("Action.UPDATE: frozenset({Action.UPDATE})", "Action.UPDATE: frozenset(Action)"),
    ("Action.DELETE: frozenset({Action.DELETE})", "Action.DELETE: frozenset(Action)"),
    ("Action.FORGET: frozenset({Action.FORGET})", "Action.FORGET: frozenset(Action)"),
    ("Action.READ: frozenset()", "Action.READ: frozenset(Action)"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "{Action.REPLACE, Action.DELETE}"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "{Action.REPLACE, Action.CREATE}"),
    ("{Action.REPLACE, Action.DELETE, Action.CREATE}", "set(Action)"),
    ("HARMLESS = frozenset({Action.READ, Action.NO_OP})", "HARMLESS = frozenset({Action.NO_OP})"),
    ("HARMLESS = frozenset({Action.READ, Action.NO_OP})", "HARMLESS = frozenset({Action.READ})"),
    ("HARMLESS = frozenset({Action.READ,", "HARMLESS = frozenset({Action.DELETE, Action.READ,"),
    ("moves.append(_moves(plan.changes))", "pass"),
    ("moves[position + 1 :]", "moves[-1:]"),
    ("moves[position + 1 :]", "moves"),
    ("moves[position + 1 :]", "[]"),
    ("change.leaves\n    corrected", "change.leaves[:1]\n    corrected"),
    ("() if change.action in SETS_NOTHING else change.leaves", "change.leaves"),
    ("if leaf in corrected or _is_image", "if _is_image"),
    ("if leaf in corrected or", "if corrected or"),
    (" or _is_image(leaf, image)", ""),
    ("        if by is None:", "        if by is None and said == []:"),
    ("if change.action in CONTAINS[recorded.action]]", "if True]"),
    ("tainted=change.reason == TAINTED", "tainted=True"),
    ("tainted=change.reason == TAINTED", "tainted=False"),
    ("if _finishes(change, said):", "if False:"),
    ("if _finishes(change, said):", "if True:"),
    ("if recorded.action is Action.CREATE]", "if recorded.action is Action.DELETE]"),
    ("return change.action is Action.REPLACE and", "return"),
    ("and change.reason == TAINTED", "and change.reason"),
    ("and change.reason == TAINTED", ""),
    ("and reviewed <= MAKING", ""),
    ("MAKING = frozenset({Action.CREATE, Action.DELETE})", "MAKING = {Action.CREATE}"),
    ("WHOLE = frozenset({Action.CREATE, Action.REPLACE})", "WHOLE = {Action.CREATE}"),
    ("WHOLE = frozenset({Action.CREATE, Action.REPLACE})", "WHOLE = {Action.REPLACE}"),
    ("if tainted and leaf.after is ABSENT and", "if tainted and"),
    ("and recorded.action in WHOLE:", ":"),
    ("only_drift = bool(corrected) and", "only_drift ="),
    ("and len(corrected) == len(leaves)", ""),
    ("if not acting and not only_drift:", "if not acting:"),
    ("if not acting and not only_drift:", "if not only_drift:"),
    ("if not acting and not only_drift:", "if False:"),
    ("elif uncovered:", "elif False:"),
    ("elif uncovered:", "elif len(uncovered) == len(leaves):"),
    ("change.action is not Action.UPDATE", "False"),
    ("drift.get((change.address, leaf.path))", "next(iter(drift.values()), None)"),
    ("and same(was.before, leaf.after)", ""),
    ("same(was.before, leaf.after)", "same(was.after, leaf.after)"),
    ("return bool(image) and leaf.after == image", "return leaf.after == image"),
    ("return bool(image) and leaf.after == image", "return bool(image)"),
    ("leaf.after == image", "image in str(leaf.after)"),
    ("in reversed(said):", "in said:"),
    ("            continue\n        if known", "            return None\n        if known"),
    ("known == UNKNOWN_LEAF or ", ""),
    ("or known == Hasher(item.key, image).value(leaf.path, leaf.after)", "or True"),
    ("or known == Hasher(item.key, image).value(leaf.path, leaf.after)", ""),
    ("Hasher(item.key, image)", "Hasher(item.key)"),
    ("            return item.record.id\n        return None", "            return item.record.id"),
    ("    return None\n\n\ndef _why_not", '    return "nobody"\n\n\ndef _why_not'),
    ("all(judgement.covered for", "any(judgement.covered for"),
]


def caught(cover: Cover) -> bool:
    """Whether a story or a law fails."""
    # that one fails is all that counts: nobody reads the smallest example
    quick = settings(LAWS, max_examples=60, database=None, phases=[Phase.generate])
    try:
        for story in STORIES:
            story(cover)
        for law in ALL:
            check(law, cover, quick)
    except (AssertionError, LookupError):
        return True
    return False


@pytest.mark.parametrize("number", range(len(MUTATIONS)))
def test_a_broken_rule_is_caught(number: int) -> None:
    old, new = MUTATIONS[number]
    source = Path(coverage.__file__).read_text()
    assert source.count(old) == 1, f"{old!r} does not name one place of coverage.py"
    module = types.ModuleType(f"mutant_{number}")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source.replace(old, new), module.__name__, "exec"), module.__dict__)  # noqa: S102
        assert caught(module.cover), f"nothing notices {new!r} in place of {old!r}"
    finally:
        del sys.modules[module.__name__]
