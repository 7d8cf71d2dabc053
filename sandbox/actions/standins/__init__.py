"""Local folders that answer the actions of others, under the same pinned reference.

The commits are those of the named releases; the workflow files pin the very same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent

#: action -> (pinned commit, release)
PINS = {
    "actions/checkout": ("08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0"),
    "actions/upload-artifact": ("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
    "actions/download-artifact": ("d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0"),
    "actions/cache": ("0057852bfaa89a56745cba8c7296529d2fc39830", "v4.3.0"),
    "aws-actions/configure-aws-credentials": (
        "61815dcd50bd041e203e49132bacad1fd04d2708",
        "v5.1.1",
    ),
}


def unknown(uses: Iterable[str]) -> list[str]:
    """References of steps that no stand-in answers (local actions need none)."""
    return [ref for ref in uses if not ref.startswith("./") and ref.split("@")[0] not in PINS]


def repositories(uses: Iterable[str]) -> dict[str, Path]:
    """``owner/name@ref`` -> folder: the pinned references, and those a job names itself."""
    refs = {f"{name}@{commit}" for name, (commit, _) in PINS.items()}
    refs |= {ref for ref in uses if ref.split("@")[0] in PINS}
    return {ref: HERE / ref.split("@")[0].partition("/")[2] for ref in sorted(refs)}
