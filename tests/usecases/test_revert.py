"""The pull request that takes back what did not become healthy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.domain.ledger import Entry, Status
from pipeline.domain.model import UnitId
from pipeline.output import Output
from pipeline.usecases.estates import commit_estate
from pipeline.usecases.revert import Reverted, open_revert
from pipeline.usecases.site import Site
from tests.ledgers import MemoryLedger, entry
from tests.scratch import Scratch

UNIT = UnitId("web", "dev")


class Hub:
    """GitHub as far as a revert needs it: a bare repository, and the pull requests opened."""

    token = "t"
    repository = "o/r"

    def __init__(self, folder: Path) -> None:
        self.server = f"file://{folder}"
        self.opened: list[str] = []
        subprocess.run(["git", "init", "-q", "--bare", str(folder / "o/r.git")], check=True)

    def open_pulls(self, _branch: str) -> list[Any]:
        return []

    def create_pull(self, title: str, *_rest: str) -> SimpleNamespace:
        self.opened.append(title)
        return SimpleNamespace(url="url")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    (tmp_path / "work").mkdir()
    return Scratch(tmp_path / "work")


def reverted(scratch: Scratch, hub: Hub, *history: tuple[Status, str]) -> Reverted:
    made, chain = MemoryLedger(), list[Entry]()
    for status, commit in history:
        digest = commit_estate(scratch.root, commit).digest(UNIT)
        chain.append(made.append(chain, entry(UNIT, status, digest, commit=commit)))
    known = {"github": hub, "stores": SimpleNamespace(ledger=made)}
    work = scratch.root / ".pipeline"
    site = Site(scratch.root, scratch.root, work, Output(), {"GITHUB_TOKEN": "t"}, known)
    return open_revert(site, UNIT, "evidence")


def test_what_became_held_is_taken_back(scratch: Scratch, tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    bad = scratch.commit({"terraform/envs/web/dev.tfvars": "size = 2\n"})
    done = reverted(scratch, hub, (Status.DEPLOYED, scratch.first), (Status.HELD, bad))
    assert (done, len(hub.opened)) == (Reverted("url"), 1)


def test_the_revert_of_a_revert_that_is_held_too_opens_no_empty_pull_request(
    scratch: Scratch, tmp_path: Path
) -> None:
    hub = Hub(tmp_path)
    bad = scratch.commit({"terraform/envs/web/dev.tfvars": "size = 2\n"})
    scratch.git("revert", "--no-edit", "HEAD")
    back = scratch.git("rev-parse", "HEAD").strip()
    held = ((Status.HELD, bad), (Status.HELD, back))
    done = reverted(scratch, hub, (Status.DEPLOYED, scratch.first), *held)
    assert (done.url, hub.opened) == ("", [])
    assert "its files are those that were deployed last" in done.why_not
