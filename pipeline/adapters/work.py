"""The work folder: what a run leaves behind, private or public."""

from __future__ import annotations

from pathlib import Path


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
