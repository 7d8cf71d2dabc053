"""The stand-in for actions/checkout on a real repository, and the project's own setup action."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.adapters.tools import cache_dir
from sandbox.actions.engine import Engine
from sandbox.actions.model import Conclusion, WorkflowRun

from .local import LocalHost, git, log, results

ROOT = Path(__file__).parents[3]
CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"


class GitHost(LocalHost):
    """Serves the workflow files and commits of a real bare repository."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.bare = folder / "server" / "octo" / "demo"
        self.tree = folder / "tree"
        super().__init__({}, f"file://{folder / 'server'}")
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(self.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(folder, "clone", "-q", str(self.bare), str(self.tree))
        git(self.tree, "config", "user.name", "alice")
        git(self.tree, "config", "user.email", "alice@example.org")
        git(self.tree, "checkout", "-q", "-b", "main")
        self.commit(files)

    def commit(self, files: Mapping[str, str]) -> str:
        for name, text in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.tree, "add", "-A")
        git(self.tree, "commit", "-q", "-m", "Change it")
        git(self.tree, "push", "-q", "origin", "main")
        return git(self.tree, "rev-parse", "HEAD")

    def checkout(self, sha: str) -> Mapping[str, bytes]:
        names = git(self.bare, "ls-tree", "-r", "--name-only", sha, ".github/workflows/")
        return {name: git(self.bare, "show", f"{sha}:{name}").encode() for name in names.split()}

    def resolve(self, repository: str, ref: str) -> str | None:
        return git(self.bare, "rev-parse", ref)

    def runner_env(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PIPELINE_CACHE": str(cache_dir()),
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv")),
        }


def run_push(host: GitHost, folder: Path, timeout: float) -> WorkflowRun:
    engine = Engine(host, folder / "state")
    try:
        sha = git(host.bare, "rev-parse", "main")
        (run,) = engine.dispatch("push", {}, sha, "refs/heads/main", "alice")
        return engine.wait(run, timeout)
    finally:
        engine.stop()


def test_checkout_brings_the_commit_the_path_and_the_depth_asked_for(tmp_path: Path) -> None:
    host = GitHost(tmp_path, {"a.txt": "first"})
    first = git(host.tree, "rev-parse", "HEAD")
    host.commit(
        {
            "a.txt": "second",
            ".github/workflows/w.yml": f"""
on: push
jobs:
  a:
    runs-on: x
    steps:
      - uses: {CHECKOUT}
        with: {{persist-credentials: false}}
      - uses: {CHECKOUT}
        with: {{ref: {first}, path: old}}
      - uses: {CHECKOUT}
        with: {{ref: main, path: whole, fetch-depth: 0}}
      - run: |
          echo "root=$(cat a.txt) old=$(cat old/a.txt) on=$(git branch --show-current)"
          echo "depth=$(git rev-list --count HEAD) whole=$(git -C whole rev-list --count HEAD)"
          echo "at=$(git rev-parse HEAD)"
          git config --get-regexp extraheader || echo "no credentials here"
          git -C old config --get-regexp extraheader
""",
        }
    )
    run = run_push(host, tmp_path, 60)
    text = log(run, "a")
    assert results(run) == {"a": "success"}
    assert "root=second old=first on=main" in text
    assert "depth=1 whole=2" in text
    assert f"at={run.sha}" in text
    assert "no credentials here" in text
    assert "AUTHORIZATION: basic ***" in text


@pytest.mark.slow
def test_the_setup_action_makes_pipeline_work_and_sets_nothing_up_when_warm(tmp_path: Path) -> None:
    host = GitHost(tmp_path, {"README.md": "demo"})
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("pipeline", "bin", ".github/actions"):
        shutil.copytree(ROOT / name, host.tree / name, ignore=ignored)
    (host.tree / "policies").mkdir()
    for name in ("pyproject.toml", "uv.lock", "tools.lock.toml", "policies/uv.lock"):
        shutil.copy(ROOT / name, host.tree / name)
    step = "uses: ./.github/actions/setup"
    host.commit(
        {
            ".github/workflows/w.yml": f"""
on: push
jobs:
  a:
    runs-on: x
    steps:
      - uses: {CHECKOUT}
      - {step}
      - {step}
      - run: pipeline --help
"""
        }
    )
    run = run_push(host, tmp_path, 500)
    assert run.conclusion is Conclusion.SUCCESS, log(run, "a")
    assert "Usage: pipeline COMMAND" in log(run, "a")
    warm = run.jobs[0].steps[3].log
    assert warm is not None
    assert "are ready." in warm.read_text()
    # `pipeline setup` names each tool that it looks at
    assert "terraform" not in warm.read_text()
