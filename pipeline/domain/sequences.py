"""Where two sequences, such as the lines of two texts, are equal and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Up to how many pairs of equal items every pair is weighed; above, frequent items begin none.
_PAIRS = 500_000


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words or lines: equal on both sides, or what replaces what."""

    equal: bool
    before: tuple[str, ...]
    after: tuple[str, ...]


def parts(before: Sequence[str], after: Sequence[str]) -> list[Part]:
    """Both sequences as runs that are equal and runs that differ, in order."""
    start = common(before, after)
    end = common(before[start:][::-1], after[start:][::-1])
    a, b = before[start : len(before) - end], after[start : len(after) - end]
    counted = Counter(b)
    pairs = sum(many * counted[item] for item, many in Counter(a).items())
    matcher = SequenceMatcher(None, a, b, autojunk=pairs > _PAIRS)
    found = [Part(True, tuple(before[:start]), tuple(after[:start]))]
    found += [
        Part(kind == "equal", tuple(a[i:j]), tuple(b[k:m]))
        for kind, i, j, k, m in matcher.get_opcodes()
    ]
    found.append(Part(True, tuple(before[len(before) - end :]), tuple(after[len(after) - end :])))
    return [part for part in found if part.before or part.after]


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))
