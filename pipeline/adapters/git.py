"""Git, read by its plumbing commands: trees, blobs, commits, differences.

Source of the formats: git's manual pages ls-tree, cat-file (``--batch``), rev-parse, diff-tree.
"""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2

from pipeline.adapters.child import child_environment
from pipeline.domain.tree import Listing
from pipeline.errors import Failure, failure


def git(root: Path, *arguments: str, data: bytes | None = None, index: Path | None = None) -> bytes:
    """Run git in ``root`` and return its output; raises ``git`` with git's own sentence."""
    environment = child_environment(os.environ, "GIT_")
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, input=data, capture_output=True, env=environment
        )
    except FileNotFoundError as error:
        raise failure("tool-missing", "git is not installed.") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        told = [line for line in told if not line.startswith(("hint:", "warning:"))]
        raise failure("git", f"git {arguments[0]}: {told[-1] if told else done.returncode}")
    return done.stdout


def with_token(token: str) -> dict[str, str]:
    """A token for https by environment (git-config(1), GIT_CONFIG_COUNT): in no process list."""
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        "GIT_TERMINAL_PROMPT": "0",
    }


def resolve(root: Path, revision: str) -> str:
    """The full commit id of a revision; raises ``usage`` when the checkout does not have it."""
    try:
        found = git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except Exception as error:
        raise failure(
            "usage",
            f"The checkout {root.name} has no commit {revision!r}.",
            remedy="Fetch it (actions/checkout with fetch-depth: 0).",
        ) from error
    return found.decode().strip()


def top(root: Path) -> None:
    """Raises ``usage`` unless a folder is the top of a checkout."""
    if (root / ".git").exists():
        return
    above = next((folder for folder in root.parents if (folder / ".git").exists()), None)
    if above is None:
        raise failure(
            "usage",
            f"{root} is no git repository.",
            remedy="Run it at the top of a checkout, or name one with --root.",
        )
    raise failure(
        "usage",
        f"{root} is a folder of the repository {above}.",
        remedy=f"Run it in {above}, or with --root {above}.",
    )


def snapshot(root: Path) -> str:
    """The tree id of the working folder as it is, with uncommitted and untracked files.

    Files that .gitignore names do not count. The checkout's own index stays untouched.
    """
    with tempfile.TemporaryDirectory(prefix="pipeline-index-") as folder:
        index = Path(folder) / "index"
        own = git(root, "rev-parse", "--path-format=absolute", "--git-path", "index")
        own_index = Path(own.decode().strip())
        if own_index.exists():
            # Its entries spare hashing what did not change. Its own time goes with them: git looks
            # closer at files that changed in the very moment in which it was written ("racy git").
            copy2(own_index, index)
        git(root, "add", "--all", "--", ".", index=index)
        return git(root, "write-tree", index=index).decode().strip()


class GitTree:
    """The files of a commit or tree object; implements :class:`pipeline.domain.tree.Tree`."""

    def __init__(self, root: Path, treeish: str, shared: GitTree | None = None) -> None:
        self.root = root
        self.treeish = treeish
        # Blobs are the same whatever tree they are in, so two trees share what was read.
        self._blobs: dict[str, bytes] = shared._blobs if shared else {}
        files: dict[str, tuple[str, str]] = {}
        folders = {"": git(root, "rev-parse", f"{treeish}^{{tree}}").decode().strip()}
        listed = git(root, "ls-tree", "-r", "-t", "-z", "--full-tree", treeish)
        for entry in listed.decode(errors="surrogateescape").split("\0"):
            if not entry:
                continue
            head, path = entry.split("\t", 1)
            mode, kind, oid = head.split(" ")
            if kind == "tree":
                folders[path] = oid
            else:
                files[path] = (mode, oid)
        self._listing = Listing(files, folders)

    def hash(self, path: str) -> str | None:
        return self._listing.hash(path)

    def files(self, folder: str) -> list[str]:
        return self._listing.files(folder)

    def links(self, folder: str) -> list[str]:
        return self._listing.links(folder)

    def read(self, path: str) -> bytes | None:
        entry = self._listing.entries.get(path)
        if entry is None:
            return None
        if entry[1] not in self._blobs:
            self.prefetch([path])
        return self._blobs.get(entry[1])

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read many blobs through one ``git cat-file --batch``."""
        entries = (self._listing.entries.get(path) for path in paths)
        wanted = {e[1] for e in entries if e and e[0] != "160000" and e[1] not in self._blobs}
        if not wanted:
            return
        order = sorted(wanted)
        answer = git(self.root, "cat-file", "--batch", data="\n".join(order).encode() + b"\n")
        at = 0
        for oid in order:
            end = answer.index(b"\n", at)
            head = answer[at:end].split(b" ")
            if len(head) != 3:
                raise failure("git", f"git object {oid} is missing; the clone is not complete.")
            size = int(head[2])
            self._blobs[oid] = answer[end + 1 : end + 1 + size]
            at = end + 1 + size + 1


def parent(root: Path, commit: str) -> str:
    """The commit before one in the first-parent history; "" before the first."""
    return git(root, "log", "-1", "--format=%P", commit).decode().split(" ")[0].strip()


def first_parent(root: Path, since: str | None, until: str) -> list[str]:
    """Commits of the first-parent history, oldest first: after ``since`` up to ``until``.

    ``since`` that is no ancestor (history was rewritten, or None) gives the whole history.
    """
    whole = git(root, "rev-list", "--first-parent", until).decode().split()
    if since in whole:
        whole = whole[: whole.index(since)]
    return whole[::-1]


def last_change(root: Path, path: str) -> str:
    """The last commit of the first-parent history that touched a path, "" when none did."""
    told = git(root, "rev-list", "--first-parent", "-1", "HEAD", "--", f":(literal){path}")
    return told.decode().strip()


def older(root: Path, one: str, other: str) -> bool:
    """Whether ``one`` is a commit before ``other``; False when the checkout has no ``other``."""
    if one == other:
        return False
    try:
        base = git(root, "merge-base", one, other).decode().strip()
    except Failure:  # rewritten history: no common commit, or no such commit at all
        return False
    return base == resolve(root, one)


def changed_paths(root: Path, base: str, head: str) -> list[str]:
    """Paths that differ between two commits or trees; renames count as both names."""
    told = git(root, "diff-tree", "-r", "-z", "--name-only", "--no-renames", base, head)
    return [path for path in told.decode(errors="surrogateescape").split("\0") if path]


@contextmanager
def worktree(root: Path, commit: str) -> Iterator[Path]:
    """A temporary checkout of another commit, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="pipeline-tree-") as folder:
        path = Path(folder) / "checkout"
        git(root, "worktree", "add", "--detach", "--quiet", str(path), commit)
        try:
            yield path
        finally:
            git(root, "worktree", "remove", "--force", str(path))
