"""The bare repository on disk, driven by git's plumbing commands; no work tree is ever made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{40}")
_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x1e"


class GitError(Exception):
    """git refused; the text is what it wrote to its standard error."""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file. ``status`` in GitHub's words; ``patch`` None for binary files."""

    filename: str
    previous: str | None
    status: str
    additions: int
    deletions: int
    sha: str
    patch: str | None


class GitRepo:
    """A bare git repository. All methods raise :class:`GitError` where git fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commit = lru_cache(maxsize=4096)(self._read_commit)

    def create(self) -> None:
        """Create the repository with the hook that refuses what the service refuses."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--bare", "--quiet", "--initial-branch=main", str(self.path))
        for key, value in {
            "http.receivepack": "true",
            "uploadpack.allowAnySHA1InWant": "true",
            "uploadpack.allowFilter": "true",
            "receive.advertisePushOptions": "true",
            "gc.auto": "0",
            "core.logAllRefUpdates": "false",
        }.items():
            self.git("config", key, value)
        hook = self.path / "hooks" / "update"
        source = Path(__file__).with_name("update-hook.sh")
        hook.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, hook)
        hook.chmod(0o755)

    def git(self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> str:
        """Run git in the repository and return its output."""
        return self.raw(*args, stdin=stdin, env=env).decode("utf-8", "replace")

    def raw(self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> bytes:
        """Like :meth:`git`, for bytes."""
        done = self._run(args, stdin, env)
        if done.returncode != 0:
            raise GitError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout

    def _run(
        self, args: tuple[str, ...], stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.path),
            "GIT_DIR": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        return subprocess.run(
            ["git", *args], input=stdin, env=environment, cwd=self.path, capture_output=True
        )

    def refs(self) -> dict[str, str]:
        """All refs and what they point at."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def resolve(self, rev: str) -> str | None:
        """The commit a branch, tag, ref or (abbreviated) hash names; None where there is none."""
        if rev.startswith("-"):
            return None
        for name in (f"refs/heads/{rev}", f"refs/tags/{rev}", f"refs/{rev}", rev):
            done = self._run(("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"))
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Point ``ref`` at ``new``, if it still is at ``old``."""
        self.git("update-ref", ref, new, *([old] if old is not None else []))

    def delete_ref(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def commit(self, sha: str) -> Commit:
        """Read one commit (cached: commits never change)."""
        if not _SHA.fullmatch(sha):
            raise GitError(f"{sha} is no commit")
        return self._commit(sha)

    def _read_commit(self, sha: str) -> Commit:
        return _parse(self.git("log", "-1", f"--format={_FORMAT}", sha, "--"))[0]

    def log(self, *revs: str, limit: int = 250, path: str | None = None) -> list[Commit]:
        """Commits, newest first, of a ``git log`` range."""
        tail = ["--", *([path] if path else [])]
        return _parse(self.git("log", f"-{limit}", f"--format={_FORMAT}", *revs, *tail))

    def count(self, revs: str) -> int:
        return int(self.git("rev-list", "--count", revs, "--"))

    def is_ancestor(self, old: str, new: str) -> bool:
        return self._run(("merge-base", "--is-ancestor", old, new)).returncode == 0

    def merge_base(self, one: str, two: str) -> str | None:
        done = self._run(("merge-base", one, two))
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def merge_tree(self, base: str, head: str) -> str | None:
        """The tree of a clean three-way merge; None where it conflicts."""
        done = self._run(("merge-tree", "--write-tree", "--no-messages", base, head))
        if done.returncode == 0:
            return done.stdout.decode().strip()
        if done.returncode == 1:
            return None
        raise GitError(done.stderr.decode("utf-8", "replace").strip())

    def commit_tree(
        self, tree: str, parents: list[str], message: str, author: Person, committer: Person
    ) -> str:
        """Write a commit object and return its hash."""
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
        }
        if author.date:
            env["GIT_AUTHOR_DATE"] = author.date
        if committer.date:
            env["GIT_COMMITTER_DATE"] = committer.date
        args = [item for parent in parents for item in ("-p", parent)]
        text = message.encode() if message.endswith("\n") else f"{message}\n".encode()
        return self.git("commit-tree", tree, *args, stdin=text, env=env).strip()

    def blob(self, rev: str, path: str) -> bytes | None:
        """A file's content at a commit or tree; None where there is no such file."""
        done = self._run(("cat-file", "blob", f"{rev}:{path}"))
        return done.stdout if done.returncode == 0 else None

    def write_blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content).strip()

    def tree(
        self, rev: str, recursive: bool = False
    ) -> list[tuple[str, str, str, int | None, str]]:
        """Entries of a tree: mode, type, sha, size (bytes, of blobs), path."""
        flags = ["-r", "-t"] if recursive else []
        text = self.git("ls-tree", "-z", "--long", *flags, rev)
        entries = []
        for line in filter(None, text.split("\0")):
            meta, path = line.split("\t", 1)
            mode, kind, sha, size = meta.split()
            entries.append((mode, kind, sha, None if size == "-" else int(size), path))
        return entries

    def edit_tree(self, base: str | None, entries: list[tuple[str, str | None, str]]) -> str:
        """Write a tree: ``base`` with (mode, sha or None to delete, path) entries laid over it."""
        index = self.path / f"index-{os.getpid()}-{os.urandom(4).hex()}"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            if base:
                self.git("read-tree", base, env=env)
            lines = [
                f"0 {'0' * 40}\t{path}" if sha is None else f"{mode} {sha}\t{path}"
                for mode, sha, path in entries
            ]
            self.git(
                "update-index", "--index-info", stdin=("\n".join(lines) + "\n").encode(), env=env
            )
            return self.git("write-tree", env=env).strip()
        finally:
            index.unlink(missing_ok=True)


def _parse(text: str) -> list[Commit]:
    commits = []
    for record in filter(None, (part.lstrip("\n") for part in text.split("\x1e"))):
        sha, tree, parents, an, ae, ad, cn, ce, cd, body = record.split("\0", 9)
        commits.append(
            Commit(
                sha,
                tree,
                tuple(parents.split()),
                Person(an, ae, ad),
                Person(cn, ce, cd),
                body.rstrip("\n"),
            )
        )
    return commits
