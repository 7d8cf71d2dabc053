"""What a Neo4j server is told in its settings file, which others read for its port."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.neo4j import server
from sandbox.neo4j.server import Neo4jServer


def test_who_reads_the_settings_while_they_are_written_anew_sees_the_old_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "spawn", lambda *_, **__: None)
    Neo4jServer(tmp_path, 20001, "long enough", lib=tmp_path).start()
    settings = tmp_path / "conf" / "neo4j.conf"
    before = settings.read_text()
    with settings.open() as reader:
        Neo4jServer(tmp_path, 20002, "long enough", lib=tmp_path).start()
        assert reader.read() == before
    assert "127.0.0.1:20002" in settings.read_text()
    assert list(settings.parent.iterdir()) == [settings]
