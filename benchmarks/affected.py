"""``pipeline affected`` on a pull request that changes only a document, beside ``git diff``.

``git diff`` answers the smaller question: which files changed. What is measured is the time until
a pull request without any unit to plan knows so.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import Row, in_turn

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15


def _git(folder: Path, *words: str) -> str:
    names = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com"]
    done = subprocess.run(
        ["git", *names, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def rows() -> list[Row]:
    """A clone of this repository with one commit that changes a document."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clone"
        _git(Path(name), "clone", "--quiet", str(ROOT), str(folder))
        with (folder / "README.md").open("a") as document:
            document.write("\nOne more line.\n")
        _git(folder, "commit", "--quiet", "--all", "--message", "Say more")
        command = [str(ROOT / "bin" / "pipeline"), "affected", "--base", "HEAD~1", "--json"]

        def ours() -> None:
            done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True)
            if done.returncode != 0 or json.loads(done.stdout)["count"] != 0:
                raise RuntimeError(f"pipeline affected: {done.stdout!r} {done.stderr!r}")

        def other() -> None:
            if _git(folder, "diff", "--name-only", "HEAD~1", "HEAD") != "README.md":
                raise RuntimeError("git diff named other files than the one that was changed")

        mine, theirs = in_turn(ROUNDS, ours, other)
    what = "a pull request that changes only a document: nothing to plan"
    return [Row(what, "`pipeline affected`", "`git diff --name-only`", mine, theirs, within=2.0)]
