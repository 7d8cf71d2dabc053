"""The files of a checkout as the guard reads them: what Terraform would find on the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Folders in a checkout that are no part of its repository: git's and Terraform's own.
PRIVATE = frozenset({".git", ".terraform"})


@dataclass(frozen=True, slots=True)
class Checkout:
    """Implements :class:`pipeline.domain.guard.Tree`; ``work`` is the pipeline's own folder."""

    root: Path
    work: Path | None = None

    def terraform_files(self, folder: str) -> Mapping[str, str]:
        """Path to text of every .tf, .tf.json and .tfvars file that lies in a folder."""
        base = self.root / folder
        if not base.is_dir():
            return {}
        return {
            f"{folder}/{entry.name}": _text(entry)
            for entry in base.iterdir()
            if entry.name.endswith((".tf", ".tf.json", ".tfvars"))
            and not entry.name.startswith(".")  # Terraform leaves them alone, too
            and entry.is_file()
        }

    def names(self, folder: str) -> Collection[str]:
        """The name of everything that lies in a folder; nothing where there is none."""
        base = self.root / folder
        return [entry.name for entry in base.iterdir()] if base.is_dir() else []

    def real(self, path: str) -> str | None:
        """The path with its links followed; None when it is no file of the repository."""
        if path.startswith(("/", "~")):
            return None
        root = self.root.resolve()
        try:
            found = (root / path).resolve()
        except (OSError, RuntimeError):  # links that go in a circle
            return None
        if not found.is_relative_to(root):
            return None
        if self.work is not None and found.is_relative_to(self.work.resolve()):
            return None
        inner = found.relative_to(root)
        if any(part.lower() in PRIVATE for part in inner.parts):
            return None
        return inner.as_posix()

    def exists(self, path: str) -> bool:
        """Whether a file, a folder or a link is there."""
        file = self.root / path
        return file.exists() or file.is_symlink()

    def read(self, path: str) -> str | None:
        """The text of a file, None when it is not there."""
        file = self.root / path
        return _text(file) if file.is_file() else None


def _text(file: Path) -> str:
    """The text as it is: Python's own reading would make a line's end of a lone carriage return,
    and show a comment of Terraform's as code, or code as a comment."""
    return file.read_bytes().decode("utf-8", errors="replace")
