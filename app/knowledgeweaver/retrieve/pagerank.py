"""Personalised PageRank on a part of the graph that fits a page of Python."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

#: The share of a walk that begins anew at the seeds, and how many steps are walked at most.
RESTART, ROUNDS = 0.5, 20
#: A round that moves less than this in all is the last one.
STILL = 1e-3


def pagerank(edges: Iterable[tuple[K, K, float]], seeds: Mapping[K, float]) -> dict[K, float]:
    """Where a walk that begins at the seeds and follows the edges, both ways, is found.

    Edges have weights above zero; parallel ones add up. The result adds up to 1.0, or to less where
    a seed has no edge, and is empty without seeds.
    """
    mass = sum(seeds.values())
    if mass <= 0:
        return {}
    index: dict[K, int] = {key: number for number, key in enumerate(seeds)}
    targets: list[list[int]] = [[] for _ in seeds]
    weights: list[list[float]] = [[] for _ in seeds]
    for one, other, weight in edges:
        for key in (one, other):
            if key not in index:
                index[key] = len(targets)
                targets.append([])
                weights.append([])
        a, b = index[one], index[other]
        targets[a].append(b)
        weights[a].append(weight)
        targets[b].append(a)
        weights[b].append(weight)
    start = [0.0] * len(targets)
    for key, seed in seeds.items():
        start[index[key]] = RESTART * seed / mass
    # what flows into each node, with the sender's share, so that a round is one pass over them
    shares = [(1 - RESTART) / sum(out) if out else 0.0 for out in weights]
    now = [value / RESTART for value in start]
    for _ in range(ROUNDS):
        outward = [value * share for value, share in zip(now, shares, strict=True)]
        after = [
            base + sum([outward[sender] * w for sender, w in zip(senders, ws, strict=True)])
            for base, senders, ws in zip(start, targets, weights, strict=True)
        ]
        moved = sum([abs(a - b) for a, b in zip(now, after, strict=True)])
        now = after
        if moved < STILL:
            break
    return {key: now[number] for key, number in index.items()}
