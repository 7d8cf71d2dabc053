"""The command as its users know it."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from knowledgeweaver.command import main
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest

TEXT = "Ada Lovelace met Charles Babbage. The Analytical Engine was designed by Charles Babbage."


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "engines.txt").write_text(TEXT)
    (tmp_path / "docs" / ".hidden").write_text("x")
    return {"KW_DATABASE": str(tmp_path / "graph.db")}


def test_a_folder_is_read_asked_listed_counted_and_taken_away(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(tmp_path / "docs" / "engines.txt")
    assert main(["ingest", str(tmp_path / "docs")], env) == 0
    assert capsys.readouterr().out == "1 documents, 1 new, 0 not read, US$0.0000\n"
    assert main(["ask", "Who designed the Analytical Engine?"], env) == 0
    assert "was designed by Charles Babbage.\n[1] " in capsys.readouterr().out
    assert main(["ask", "Which colour has jealousy?"], env) == 1
    assert capsys.readouterr().out == "The documents do not hold it.\n"
    assert main(["documents"], env) == 0
    assert capsys.readouterr().out == f"done\t1\t{name}\n"
    assert main(["delete", name], env) == 0
    assert main(["delete", name], env) == 1
    assert main(["stats", "--json"], env) == 0
    assert json.loads(capsys.readouterr().out)["sources"] == 0


def test_an_export_is_what_its_format_wants_and_holds_the_facts(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(tmp_path / "docs")], env)
    capsys.readouterr()
    main(["export", "graphml"], env)
    graph = ElementTree.fromstring(capsys.readouterr().out)  # noqa: S314 - our own
    kinds = [one.text for one in graph.iter() if one.get("key") == "label"]
    assert {"Document", "Passage", "Entity", "HAS", "NAMES", "FACT"} <= set(kinds)
    main(["export", "jsonld"], env)
    things = json.loads(capsys.readouterr().out)["@graph"]
    assert any(one.get("rdf:predicate") for one in things)
    main(["export", "cypher"], env)
    assert capsys.readouterr().out.rstrip().endswith(";")


@pytest.mark.parametrize(
    ("words", "given", "told"),
    [
        (["ingest", "/nowhere"], {}, "there is no /nowhere"),
        (["stats"], {"KW_DATABASE": "/nowhere/graph.db"}, "cannot open"),
        (["stats"], {"PORT": "x", "KW_MODEL_PROVIDER": "bedrock"}, "KW_MODEL must be set"),
        (["serve"], {}, "KW_API_KEY must be set"),
    ],
)
def test_a_users_mistake_is_one_line(
    env: dict[str, str],
    words: list[str],
    given: dict[str, str],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words, env | given) != 0
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_the_doctor_says_what_is_there_and_what_is_not(
    env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"], env) == 0
    away = {"PHOENIX_COLLECTOR_ENDPOINT": "http://127.0.0.1:1"}
    assert main(["doctor"], env | away) == 1
    assert "WRONG Phoenix: ConnectError" in capsys.readouterr().out


def test_what_a_run_before_began_is_ended_first(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = SqliteStore(env["KW_DATABASE"])
    Ingest(store, Offline()).begin("begun.txt", b"Rome is in Italy.")
    store.close()
    assert main(["ingest", str(tmp_path / "docs")], env) == 0
    assert "1 documents that were begun before have ended" in capsys.readouterr().err
    main(["documents"], env)
    assert "done\t1\tbegun.txt\n" in capsys.readouterr().out


def test_a_file_name_that_is_not_utf_8_is_shown_with_its_bytes(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs" / os.fsdecode(b"caf\xe9.txt")).write_text("Rome is in Italy.")
    assert main(["ingest", str(tmp_path / "docs")], env) == 0
    main(["documents"], env)
    assert "/caf\\xe9.txt\n" in capsys.readouterr().out


def test_a_file_that_is_no_database_is_told_in_one_line(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.db").write_text("no database at all, but text of some length" * 9)
    given = env | {"KW_MODEL_MEMORY": str(tmp_path / "notes.db")}
    assert main(["stats"], given) == 1
    error = capsys.readouterr().err
    assert f"SQLite cannot use {tmp_path / 'notes.db'}: file is not a database" in error
    assert error.count("\n") == 1
