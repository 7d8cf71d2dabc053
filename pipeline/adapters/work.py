"""Folders that runs share: the work folder, and the cache that they take turns in."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from pipeline.adapters.git import git
from pipeline.errors import Failure, failure

_IGNORE = "*\n"


def private_folder(work: Path, *below: str) -> Path:
    """The folder for what holds values, or one below it; mode 0700, made where it is not there.

    The work folder ignores itself, wherever it lies: a plan's values must never get into git's
    objects, and looking at the working folder as it is adds every file that git does not ignore.
    What is tracked is never ignored, and a link leads away: both are refused (``bad-config``).
    """
    work.mkdir(parents=True, exist_ok=True)
    _refused_once(work.resolve())
    ignore = work / ".gitignore"
    _no_link(ignore)
    if not ignore.exists() or ignore.read_text() != _IGNORE:
        ignore.write_text(_IGNORE)
    folder = work
    for name in ("private", *below):
        folder = folder / name
        _no_link(folder)
        folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def refuse_tracked(work: Path) -> None:
    """Raise ``bad-config`` when a file of the repository lies in the work folder.

    A pull request could bring one. Commands ask before they look at the checkout at all, since
    what an earlier one left there would be added with it.
    """
    try:
        found = git(work, "ls-files", "-z", "--", ".")
    except Failure:  # no repository: then git adds nothing
        return
    if found:
        name = found.partition(b"\0")[0].decode(errors="replace")
        raise failure(
            "bad-config",
            f"The work folder {work.name} holds files of the repository, so git does not ignore "
            "what lies there; it would keep the values of plans.",
            name,
            f"Remove them from the repository (git rm -r --cached {work.name}), or choose another "
            "folder by --work.",
        )


_refused_once = lru_cache(maxsize=64)(refuse_tracked)


def _no_link(path: Path) -> None:
    if path.is_symlink():
        raise failure(
            "bad-config",
            "The work folder holds a link; the values of plans would lie where it leads.",
            str(path),
            "Remove it.",
        )


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Terraform's plugin cache is not safe for inits side by side ("CLI Configuration File")."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise failure("terraform", f"The plugin cache cannot be locked: {error}.") from error
        yield
