"""The files of one commit (or working folder) as the domain sees them: paths, hashes, bytes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from posixpath import normpath
from types import MappingProxyType
from typing import Protocol

NONE: Mapping[str, str] = MappingProxyType({})


class Tree(Protocol):
    """Read access to the files of a commit. Paths are relative to the repository, with ``/``."""

    def hash(self, path: str) -> str | None:
        """The git object id of a file or folder, None when it is not there; ``""`` is the root."""

    def files(self, folder: str) -> list[str]:
        """All files below a folder, recursively, sorted."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when it is not there."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Say which files will be read soon, so that they can be fetched in one go."""

    def links(self, folder: str) -> list[str]:
        """All symbolic links below a folder, sorted; what they lead to is their bytes."""


FILE, LINK = "100644", "120000"  # modes of git's tree objects


class Listing:
    """An index over ``path -> (mode, id)`` of all files and ``path -> id`` of all folders."""

    def __init__(self, files: Mapping[str, tuple[str, str]], folders: Mapping[str, str]) -> None:
        self.entries = files
        self.folders = folders
        self._paths = sorted(files)
        self._links = [path for path in self._paths if files[path][0] == LINK]

    def hash(self, path: str) -> str | None:
        """Object id of a file or folder; a file's mode is part of what it is."""
        if path in self.entries:
            mode, oid = self.entries[path]
            return oid if mode == "100644" else f"{mode}:{oid}"
        return self.folders.get(path)

    def files(self, folder: str) -> list[str]:
        """All files below a folder, sorted."""
        return _below(self._paths, folder)

    def links(self, folder: str) -> list[str]:
        """All links below a folder, sorted."""
        return _below(self._links, folder)


def _below(paths: list[str], folder: str) -> list[str]:
    if not folder:
        return list(paths)
    start = bisect_left(paths, f"{folder}/")
    end = bisect_left(paths, f"{folder}0")  # "0" is the character after "/"
    return paths[start:end]


class MemoryTree:
    """A tree held in memory, hashed as git hashes it; equal to the commit of the same files.

    ``links`` are symbolic links with what they lead to.
    """

    def __init__(self, files: Mapping[str, bytes], links: Mapping[str, str] = NONE) -> None:
        self._bytes = {**files, **{path: target.encode() for path, target in links.items()}}
        entries = {
            path: (LINK if path in links else FILE, _object("blob", data))
            for path, data in self._bytes.items()
        }
        folders: dict[str, str] = {}
        _hash_folder("", sorted(entries), entries, folders)
        self._listing = Listing(entries, folders)

    def hash(self, path: str) -> str | None:
        return self._listing.hash(path)

    def files(self, folder: str) -> list[str]:
        return self._listing.files(folder)

    def read(self, path: str) -> bytes | None:
        return self._bytes.get(path)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Everything is in memory already."""

    def links(self, folder: str) -> list[str]:
        return self._listing.links(folder)


def _object(kind: str, data: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def _hash_folder(
    folder: str,
    paths: list[str],
    files: Mapping[str, tuple[str, str]],
    folders: dict[str, str],
) -> str:
    """Git's tree object: entries sorted by name, folders as if their name ended with ``/``."""
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, bytes] = {}
    below: dict[str, list[str]] = {}
    for path in paths:
        head, slash, _ = path[len(prefix) :].partition("/")
        if slash:
            below.setdefault(head, []).append(path)
        else:
            mode, oid = files[path]
            entries[head] = f"{mode} {head}\0".encode() + bytes.fromhex(oid)
    for head, inner in below.items():
        oid = _hash_folder(f"{prefix}{head}", inner, files, folders)
        entries[f"{head}/"] = f"40000 {head}\0".encode() + bytes.fromhex(oid)
    folders[folder] = _object("tree", b"".join(entries[key] for key in sorted(entries)))
    return folders[folder]


def join(folder: str, relative: str) -> str | None:
    """``folder/relative`` normalised; None when it leaves the repository."""
    joined = normpath(f"/repo/{folder}/{relative}")
    if joined == "/repo":
        return ""
    return joined.removeprefix("/repo/") if joined.startswith("/repo/") else None


def differing(before: Tree, after: Tree, path: str) -> Iterator[str]:
    """The files at or below ``path`` that are not the same in both trees."""
    if before.hash(path) == after.hash(path):
        return
    names = sorted({*before.files(path), *after.files(path)}) or [path]
    for name in names:
        if before.hash(name) != after.hash(name):
            yield name
