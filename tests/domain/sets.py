"""Lists and sets with unknown elements, ordered as go-cty does, and which may stand for which.

Written from go-cty's ``set_internals.go`` on Python's own values, apart from the code under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from random import Random
from typing import Any

#: Stands for a value that is known only after apply.
UNKNOWN = object()

WORDS = ["a", "b", "c", "d d", "é"]


def hashed(value: Any) -> str:
    if value is UNKNOWN:
        return "?"
    if value is None:
        return "~"
    if isinstance(value, dict):
        return "<" + "".join(f"{hashed(value[key])};" for key in sorted(value)) + ">"
    if isinstance(value, list):
        return "[" + "".join(f"{hashed(item)};" for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def ranked(value: Any) -> tuple[bool, bool, Any]:
    whole = value if isinstance(value, str | int) else hashed(value)
    return value is None, value is UNKNOWN, whole


def as_set(items: Sequence[Any]) -> list[Any]:
    """The elements as Terraform writes them, each once; no two unknown ones are equal."""
    kept: list[Any] = []
    for item in sorted(items, key=ranked):
        if vague(item) or item not in kept:
            kept.append(item)
    return kept


def is_set(items: Sequence[Any]) -> bool:
    # what hashes alike may stand in any order
    return [hashed(one) for one in as_set(items)] == [hashed(one) for one in items]


def vague(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(vague, value.values()))
    return any(map(vague, value)) if isinstance(value, list) else value is UNKNOWN


def may_be(was: Any, now: Any) -> bool:
    """Whether a fresh value is what a recorded one may have turned out as."""
    if was is UNKNOWN:
        return True
    if isinstance(was, dict):
        return isinstance(now, dict) and all(may_be(was[key], now[key]) for key in was)
    if not isinstance(was, list) or not isinstance(now, list):
        return hashed(was) == hashed(now)
    pairs = [was]
    if len(was) > 1 and vague(was) and is_set(was) and is_set(now):
        pairs = [list(one) for one in permutations(was)]
    return len(now) <= len(was) and any(
        all(map(may_be, one, now)) and all(map(nothing_known, one[len(now) :])) for one in pairs
    )


def nothing_known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(item is UNKNOWN for item in value.values())
    return value is UNKNOWN


def shown(value: Any) -> tuple[Any, Any]:
    """The value and its unknown marks, as plan JSON has them."""
    if value is UNKNOWN:
        return None, True
    if isinstance(value, dict):
        both = {key: shown(item) for key, item in value.items()}
        plain = {key: one for key, (one, mark) in both.items() if mark is not True}
        return plain, {key: mark for key, (_, mark) in both.items() if mark}
    if isinstance(value, list):
        items = [shown(item) for item in value]
        return [one for one, _ in items], [mark for _, mark in items]
    return value, False


# -- drawing -------------------------------------------------------------------------------------


def drawn(choose: Random) -> tuple[list[Any], list[Any]]:
    """A recorded list, and a fresh one that is near what it may turn out as."""
    make = choose.choice([word, word, block])
    was = [make(choose) for _ in range(choose.randrange(1, 5))]
    was = as_set(was) if choose.random() < 0.7 else was
    now = [turned_out(item, choose) for item in was]
    while choose.random() < 0.3:
        at = choose.randrange(len(now) + 1)
        now[at : at + choose.randrange(2)] = [turned_out(make(choose), choose)] * choose.randrange(
            2
        )
    if choose.random() < 0.1:
        choose.shuffle(now)
    return was, as_set(now) if choose.random() < 0.7 else now


def word(choose: Random) -> Any:
    return UNKNOWN if choose.random() < 0.4 else choose.choice(WORDS)


def block(choose: Random) -> Any:
    inner = as_set([word(choose) for _ in range(choose.randrange(3))])
    number = UNKNOWN if choose.random() < 0.3 else choose.choice([1, 9, 10, None])
    return {"k": word(choose), "n": number, "s": inner, "t": choose.choice("ab")}


def turned_out(value: Any, choose: Random) -> Any:
    """One value that the unknown ones may have, with its sets in their new order."""
    if value is UNKNOWN:
        return choose.choice(WORDS)
    if isinstance(value, dict):
        return {key: turned_out(item, choose) for key, item in value.items()}
    if isinstance(value, list):
        return as_set([turned_out(item, choose) for item in value])
    return value
