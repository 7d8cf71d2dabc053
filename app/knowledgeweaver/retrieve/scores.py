"""Scores of passages: plain mappings from what they stand for to a number."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def total(parts: Iterable[Mapping[K, float]]) -> dict[K, float]:
    """The sum of scores."""
    found: dict[K, float] = {}
    for part in parts:
        for key, score in part.items():
            found[key] = found.get(key, 0.0) + score
    return found


def scaled(scores: Mapping[K, float]) -> dict[K, float]:
    """The same with 1.0 for the best; empty where nothing scores above zero."""
    highest = max(scores.values(), default=0.0)
    return {key: score / highest for key, score in scores.items()} if highest > 0 else {}


def best(scores: Mapping[int, float], count: int) -> list[int]:
    """The highest first; equal ones in the order of their numbers."""
    return sorted(scores, key=lambda key: (-scores[key], key))[:count]


def weight(chunks: int, holders: int) -> float:
    """How much a name says that stands in ``holders`` of all chunks."""
    return math.log(1 + max(chunks, 1) / max(holders, 1))
