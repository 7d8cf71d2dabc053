"""Differences between two commits, as GitHub lists them: per file, with its patch."""

from __future__ import annotations

import re

from sandbox.github.gitrepo import FileChange, GitRepo

_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
_HEAD = re.compile(r"^diff --git ", re.MULTILINE)


def changed_files(repo: GitRepo, old: str, new: str) -> list[FileChange]:
    """Files that differ between two commits or trees, renames found, sorted by path."""
    raw = repo.git("diff-tree", "-r", "-M", "-z", "--raw", "--no-commit-id", old, new)
    if not raw:
        return []
    patches = _patches(repo.git("diff-tree", "-r", "-M", "-p", "--no-commit-id", old, new))
    parts = raw.split("\0")
    changes: list[FileChange] = []
    position = 0
    while position < len(parts) and parts[position].startswith(":"):
        _, _, before, after, letter = parts[position].split(" ")
        previous = None
        name = parts[position + 1]
        position += 2
        if letter[0] in "RC":
            previous, name = name, parts[position]
            position += 1
        patch = patches[len(changes)] if len(changes) < len(patches) else ""
        hunks = patch[patch.index("\n@@") + 1 :].rstrip("\n") if "\n@@" in patch else None
        body = (hunks or "").split("\n")
        changes.append(
            FileChange(
                filename=name,
                previous=previous,
                status=_STATUS.get(letter[0], "changed"),
                additions=sum(line.startswith("+") for line in body),
                deletions=sum(line.startswith("-") for line in body),
                sha=before if letter[0] == "D" else after,
                patch=hunks,
            )
        )
    return changes


def _patches(text: str) -> list[str]:
    starts = [match.start() for match in _HEAD.finditer(text)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
