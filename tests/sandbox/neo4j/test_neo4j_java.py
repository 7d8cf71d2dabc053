"""The archive of classes that Neo4j starts from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.tools import locate
from sandbox.neo4j import java as module
from sandbox.neo4j.java import java

PROGRAM = ("org.neo4j.server.startup.Neo4jAdminCommand", "--version")


def version(*options: str) -> str:
    command = [*java(locate("neo4j-lib"), *options), *PROGRAM]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_set_up_leaves_an_archive_that_fits_the_runtime_and_the_jars() -> None:
    assert version("-Xshare:on").startswith("5.26")  # without one that fits, Java refuses


def test_an_archive_that_does_not_fit_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "cache_dir", lambda: tmp_path)
    command = java(locate("neo4j-lib"))
    assert not [word for word in command if "SharedArchiveFile" in word]
    archive = module._archive(locate("neo4j-lib"))
    archive.parent.mkdir()
    archive.write_bytes(b"no archive")
    assert version().splitlines()[-1].startswith("5.26")  # after what Java says of it
