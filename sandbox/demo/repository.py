"""Git work of the story's people."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone of the local GitHub's repository, used by one person."""

    path: Path
    url: str
    login: str
    token: str

    def git(self, *arguments: str) -> str:
        """Run git here with this person's name and token; its output."""
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        settings = {
            "http.extraHeader": f"Authorization: Basic {basic}",
            "user.name": self.login,
            "user.email": f"{self.login}@users.noreply.github.com",
            "commit.gpgSign": "false",
            "core.hooksPath": os.devnull,
        }
        environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environ |= {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
        for number, (key, value) in enumerate(settings.items()):
            environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        run = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            capture_output=True,
            text=True,
            env=environ,
            check=False,
        )
        if run.returncode != 0:
            raise RuntimeError(f"git {' '.join(arguments)}: {run.stderr.strip()}")
        return run.stdout.strip()

    def with_token(self) -> str:
        """The address with this person's token in it, for a shell that has no password at hand."""
        return self.url.replace("//", f"//{self.login}:{self.token}@", 1)

    def prepare(self) -> None:
        """Clone, or bring an existing clone up to date."""
        if not (self.path / ".git").is_dir():
            self.path.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--initial-branch", "main")
            self.git("remote", "add", "origin", self.url)
        self.fetch()

    def fetch(self) -> None:
        self.git("fetch", "--quiet", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*")

    def at_main(self) -> str:
        """Check main's head out; its commit."""
        self.fetch()
        self.git("checkout", "--quiet", "--force", "--detach", "origin/main")
        self.git("clean", "--quiet", "-fd")
        return self.git("rev-parse", "HEAD")

    def commit(self, branch: str, start: str, message: str, edit: Callable[[Path], None]) -> str:
        """Put a branch at ``start``, edit the files, commit; the new commit."""
        self.fetch()
        self.git("checkout", "--quiet", "--force", "-B", branch, start)
        self.git("clean", "--quiet", "-fd")
        edit(self.path)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str) -> None:
        self.git("push", "--quiet", "origin", branch)
