"""Merges that leave no trace: made in a repository of their own beside a checkout's objects.

Nothing of the checkout decides how they come out: neither its configuration nor its attributes
(a merge driver, ``merge=union``), nor an index, replaced objects or hooks. Source: git's manual
pages git-merge-tree (``--write-tree``), gitattributes, gitrepository-layout (alternates).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipeline.adapters.child import child_environment
from pipeline.adapters.git import git, with_token
from pipeline.errors import failure

_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "merge"),
        ("EMAIL", "merge@invalid"),
        ("DATE", "2000-01-01T00:00:00Z"),
    )
}


@dataclass(frozen=True, slots=True)
class Merged:
    """The tree of a merge, and the files in which it has a conflict."""

    tree: str
    conflicts: tuple[str, ...] = ()


class Merges:
    """A bare repository that borrows the objects of ``root``; it goes when the ``with`` ends.

    What ``root`` does not have is fetched from ``url`` with ``token``.
    """

    def __init__(self, root: Path, url: str = "", token: str = "") -> None:
        if git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
            raise failure(
                "usage",
                f"The checkout {root.name} holds only a part of the history.",
                remedy="Fetch all of it (actions/checkout with fetch-depth: 0).",
            )
        self._url, self._token = url, token
        self._folder = tempfile.TemporaryDirectory(prefix="pipeline-merges-")
        self.path = Path(self._folder.name)
        kind = git(root, "rev-parse", "--show-object-format").decode().strip()
        self._run("init", "-q", "--bare", "--template=", f"--object-format={kind}", ".")
        objects = git(root, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        (self.path / "objects/info").mkdir(exist_ok=True)
        (self.path / "objects/info/alternates").write_bytes(objects.strip() + b"\n")
        self._merged: dict[tuple[str, str, str | None], Merged | None] = {}

    def __enter__(self) -> Merges:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def merge(self, before: str, head: str, base: str | None = None) -> Merged | None:
        """Merge ``head`` into ``before``; None where git finds no way at all (nothing in common).

        With ``base`` that commit is the merge base, whatever the history says.
        """
        key = (before, head, base)
        if key not in self._merged:
            self._merged[key] = self._merge(before, head, base)
        return self._merged[key]

    def _merge(self, before: str, head: str, base: str | None) -> Merged | None:
        ours, theirs = before, head
        if base is not None:
            # merge-tree takes no merge base in git 2.39, so the history is made up for it
            root = self._commit(base)
            ours, theirs = self._commit(before, root), self._commit(head, root)
        code, out = self._try("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages",
                              ours, theirs)  # fmt: skip
        if code not in (0, 1) or not out:  # 1 without a word: there is no such commit
            return None
        tree, *conflicts = out.decode(errors="surrogateescape").rstrip("\0").split("\0")
        return Merged(tree, tuple(conflicts))

    def take_back(self, tree: str, commit: str) -> str | None:
        """The tree without what ``commit`` brought over its first parent; None at a conflict."""
        merged = self.merge(tree, f"{commit}^", commit)
        return None if merged is None or merged.conflicts else merged.tree

    def clean(self, commit: str, parents: tuple[str, ...]) -> bool:
        """Whether a commit of two parents is their merge and nothing else."""
        if len(parents) != 2:
            return False
        merged = self.merge(*parents)
        return merged is not None and not merged.conflicts and merged.tree == self.tree(commit)

    def bases(self, one: str, other: str) -> frozenset[str]:
        """The merge bases of two commits; empty when they have nothing in common."""
        code, out = self._try("merge-base", "--all", one, other)
        return frozenset(out.decode().split()) if code == 0 else frozenset()

    def tree(self, treeish: str) -> str:
        return self._run("rev-parse", "--verify", f"{treeish}^{{tree}}").decode().strip()

    def commits(self, head: str, without: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The commits that ``head`` contains and none of the others does, with their parents."""
        said = self._run("rev-list", "--parents", head, *(f"^{name}" for name in without))
        rows = (line.split() for line in said.decode().splitlines())
        return {name: tuple(parents) for name, *parents in rows}

    def has(self, commit: str) -> bool:
        return self._try("cat-file", "-e", f"{commit}^{{commit}}")[0] == 0

    def fetch(self, commits: Iterable[str]) -> set[str]:
        """Bring commits here that are not; the ids of those that cannot be had."""
        missing = {name for name in commits if not (_ID.fullmatch(name) and self.has(name))}
        wanted = sorted(name for name in missing if _ID.fullmatch(name))
        if not self._url or not wanted:
            return missing
        if self._fetch(wanted) != 0:  # one that is gone makes git give none
            for name in wanted:
                self._fetch([name])
        return {name for name in missing if name not in wanted or not self.has(name)}

    def _fetch(self, commits: list[str]) -> int:
        extra = with_token(self._token) if self._token else {}
        words = ["fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"]
        return self._try(*words, self._url, *commits, extra=extra)[0]

    def _commit(self, treeish: str, parent: str = "") -> str:
        parents = ["-p", parent] if parent else []
        made = self._run("commit-tree", self.tree(treeish), *parents, data=b"merge")
        return made.decode().strip()

    def _run(self, *words: str, data: bytes | None = None) -> bytes:
        code, out = self._try(*words, data=data)
        if code:
            raise failure("git", f"git {words[0]} failed with {code}: {' '.join(words[1:])[:200]}")
        return out

    def _try(
        self, *words: str, data: bytes | None = None, extra: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        alone = {
            "LC_ALL": "C",
            "GIT_DIR": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        outer = child_environment(os.environ, "GIT_SSL_")
        try:
            done = subprocess.run(
                ["git", "-c", f"core.attributesFile={os.devnull}", *words],
                cwd=self.path,
                input=data,
                capture_output=True,
                env={**outer, **alone, **_NOBODY, **(extra or {})},
            )
        except FileNotFoundError as error:
            raise failure("tool-missing", "git is not installed.") from error
        return done.returncode, done.stdout
