"""What the sandbox does in place of Neo4j's own programs, held to them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.tools import locate
from pipeline.errors import Failure
from sandbox.neo4j import java as module
from sandbox.neo4j.java import java
from sandbox.neo4j.server import Neo4jServer, first_user

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


def test_the_first_password_is_written_as_neo4js_own_command_writes_it(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "neo4j.conf").touch()
    own = ("dbms", "set-initial-password", "first-password")
    command = [*java(locate("neo4j-lib"), f"-Dbasedir={tmp_path}"), PROGRAM[0], *own]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    written = (tmp_path / "data" / "dbms" / "auth.ini").read_text()
    salt = bytes.fromhex(written.split(",")[2])
    assert first_user("first-password", salt) == written


def test_a_first_password_that_neo4j_would_refuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="under 8 characters"):
        Neo4jServer(tmp_path, 1, "1234567").start()
