"""One real local GitHub for the tests of a module; it must end without a broken contract."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from .local import FILES, Box, git, serve, write


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("github")
    source = folder / "source"
    source.mkdir()
    git(source, "init", "--quiet", "--initial-branch=main")
    write(source, FILES)
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "-m", "Begin")
    for running in serve(folder):
        answer = httpx.post(f"{running.url}/_sandbox/seed", json={"path": str(source)})
        assert answer.status_code == 200, answer.text
        running.let_jobs_open_pulls(allowed=True)
        yield running
        assert running.violations() == []
