"""Folders that runs share: the work folder, and the cache that they take turns in."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import failure


def private_folder(work: Path, *below: str) -> Path:
    """The folder for what holds values, or one below it; mode 0700, made where it is not there.

    The work folder ignores itself, wherever it lies: a plan's values must never get into git's
    objects, and looking at the working folder as it is adds every file that git does not ignore.
    """
    work.mkdir(parents=True, exist_ok=True)
    ignore = work / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    folder = work / "private"
    folder.mkdir(exist_ok=True, mode=0o700)
    for name in below:
        folder = folder / name
        folder.mkdir(exist_ok=True, mode=0o700)
    return folder


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
