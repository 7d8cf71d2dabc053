"""The provider lock file: only allowed providers, each with a hash for every platform."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipeline.domain.hcl import HclError, parse
from pipeline.errors import Problem

PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")

_HASH = re.compile(r"h1:[A-Za-z0-9+/=]{44}|zh:[0-9a-f]{64}")


def unreadable(text: str, path: str) -> Problem | None:
    """What keeps the lock file from being read."""
    try:
        parse(text)
    except HclError as error:
        return Problem(f"This is no valid HCL: {error.sentence}.", f"{path}:{error.line}")
    return None


def lock_problems(text: str | None, path: str, providers: Collection[str]) -> Iterator[Problem]:
    """Judge a lock file; None when it is not there.

    A hash does not say which platform it belongs to, so what can be asked is their number: a lock
    file made for one platform has one h1 (Terraform: "Dependency Lock File").
    """
    if text is None:
        flags = " ".join(f"-platform={platform}" for platform in PLATFORMS)
        yield Problem(
            "The provider lock file is missing.",
            path,
            f"Run `terraform providers lock {flags}` there.",
        )
        return
    for block in parse(text).blocks:
        name = block.labels[0] if block.labels else ""
        if name not in providers:
            yield Problem(f"The provider {name} is not allowed.", f"{path}:{block.line}")
        hashes = block.attributes.get("hashes")
        texts = [token.text for token in hashes.tokens] if hashes else []
        if len({text for text in texts if _HASH.fullmatch(text)}) < len(PLATFORMS):
            yield Problem(
                f"The lock file does not hold hashes of {name} for {', '.join(PLATFORMS)}.",
                f"{path}:{block.line}",
                "Run `terraform providers lock` with a -platform for each.",
            )
