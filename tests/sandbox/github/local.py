"""Hands for the tests: a real local GitHub in this process, real git, real HTTP calls."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pipeline.adapters.tools import locate
from sandbox.github.app import Server, build
from sandbox.github.host import HubHost
from sandbox.github.hub import Hub

REPO = "/api/v3/repos/knowledgeweaver/delivery"

FILES = {
    "README.md": "# Delivery\n\nA repository for tests.\n",
    ".github/CODEOWNERS": "/terraform/ @bob\n",
    "terraform/main.tf": 'variable "size" {}\n',
    "docs/notes.txt": "one\ntwo\nthree\n",
    ".github/workflows/pull-request.yml": """\
name: pull request
on: [pull_request]
permissions: {}
jobs:
  delivery:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          echo "## All **good**" >> "$GITHUB_STEP_SUMMARY"
          test "${{ github.event.pull_request.title }}" != "Fail please"
""",
    ".github/workflows/main.yml": """\
name: main
on: {push: {branches: [main]}}
permissions: {}
jobs:
  note:
    runs-on: ubuntu-24.04
    steps:
      - run: echo pushed
      - env:
          FORM: ${{ github.server_url }}/${{ github.repository }}/actions/workflows/destroy.yml
        run: |
          echo "[Destroy it]($FORM?unit=a%2Fb&confirmation=a%2Fb&other=x)" > "$GITHUB_STEP_SUMMARY"
""",
    ".github/workflows/destroy.yml": """\
name: destroy
on:
  workflow_dispatch:
    inputs:
      unit: {description: "Unit to destroy", required: true, type: string}
      confirmation: {description: "Type the unit again", required: true, type: string}
permissions: {}
jobs:
  plan:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "plan of ${{ inputs.unit }}"
  destroy:
    needs: plan
    environment: prod
    runs-on: ubuntu-24.04
    steps:
      - run: echo gone
""",
}


def git(folder: Path, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git as a person would, without this machine's configuration."""
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Alice Author",
        "GIT_AUTHOR_EMAIL": "alice@example.com",
        "GIT_COMMITTER_NAME": "Alice Author",
        "GIT_COMMITTER_EMAIL": "alice@example.com",
    }
    return subprocess.run(
        ["git", *args], cwd=folder, env=env, capture_output=True, text=True, check=check
    )


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@dataclass
class Box:
    """A running local GitHub and some hands to use it."""

    url: str
    hub: Hub
    host: HubHost
    folder: Path
    made: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, login: str = "alice", **more: Any) -> httpx.Response:
        """One call as a user (or with a raw token)."""
        token = self.tokens.get(login, login)
        target = path if path.startswith("/api") else f"{REPO}{path}"
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return httpx.request(
            method, f"{self.url}{target}", headers=headers, timeout=60,
            follow_redirects=True, **more,
        )  # fmt: skip

    def remote(self, login: str) -> str:
        token = self.tokens.get(login, login)
        return f"{self.url.replace('//', f'//x:{token}@')}/knowledgeweaver/delivery.git"

    def clone(self, login: str = "alice") -> Path:
        self.made += 1
        target = self.folder / f"clone-{self.made}"
        git(self.folder, "clone", "--quiet", self.remote(login), str(target))
        return target

    def branch(self, name: str, files: dict[str, str], login: str = "alice") -> Path:
        """Push a new branch off main with some files changed."""
        clone = self.clone(login)
        git(clone, "switch", "--quiet", "-c", name)
        write(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", f"Change {', '.join(files)}")
        git(clone, "push", "--quiet", "origin", name)
        return clone

    def propose(self, name: str, files: dict[str, str], title: str = "") -> dict[str, Any]:
        """A branch and its pull request, by alice."""
        self.branch(name, files)
        body = {"title": title or name, "head": name, "base": "main"}
        answer = self.ask("POST", "/pulls", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def settled(self, **query: Any) -> list[dict[str, Any]]:
        """Wait for runs to stand still."""
        answer = httpx.get(
            f"{self.url}/_sandbox/wait", params={**query, "timeout": 240}, timeout=270
        )
        assert answer.status_code == 200, answer.text
        runs: list[dict[str, Any]] = answer.json()["runs"]
        return runs

    def let_jobs_open_pulls(self, *, allowed: bool) -> None:
        """The repository's setting, which also lets jobs approve."""
        setting = {"can_approve_pull_request_reviews": allowed}
        self.ask("PUT", "/actions/permissions/workflow", "octo-admin", json=setting)

    def job_token(self, **permissions: str) -> str:
        """A token as a running job would have it."""
        return self.hub.jobs.issue(0, -1, {k.replace("_", "-"): v for k, v in permissions.items()})

    def violations(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = httpx.get(f"{self.url}/_sandbox/violations").json()
        return found


def serve(folder: Path) -> Iterator[Box]:
    """Serve a GitHub from this process, seeded with :data:`FILES`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    app = build(folder / "github", url, "http://127.0.0.1:9", locate("octokit-openapi"))
    server = Server(app, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    box = Box(url, app.state.hub, app.state.host, folder)
    users = httpx.get(f"{url}/_sandbox/users").json()
    box.tokens = {user["login"]: user["token"] for user in users}
    try:
        yield box
    finally:
        server.should_exit = True
        thread.join(timeout=20)
