"""What the application's benchmark measures is held against its bars."""

from __future__ import annotations

from benchmarks.app import told

GOOD = {
    "first": {"seconds": 1.2},
    "throughput": {"ours_per_second": 90.0, "bare_per_second": 100.0, "share": 0.9},
    "tracing": {"on_ms": 10.5, "off_ms": 10.0, "ratio": 1.05},
    "memory": {"requests": 10_000, "early_mib": 120.0, "late_mib": 125.0, "grown_mib": 5.0},
}
#: A figure beyond each bar, in the order of the lines.
BAD = [
    ("first", "seconds", 2.1),
    ("throughput", "share", 0.79),
    ("tracing", "ratio", 1.11),
    ("memory", "late_mib", 351.0),
    ("memory", "grown_mib", 10.1),
]


def test_every_bar_is_kept_or_missed_by_its_own_figure() -> None:
    assert [kept for _, kept in told(GOOD)] == [True] * 5
    for line, (part, name, value) in enumerate(BAD):
        kept = [kept for _, kept in told(GOOD | {part: GOOD[part] | {name: value}})]
        assert kept == [number != line for number in range(5)]
