"""Where a command works and how it speaks: the options that every command has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.adapters.work import private_folder
from pipeline.errors import failure
from pipeline.output import Output


@dataclass(frozen=True, slots=True)
class Here:
    """What every command gets as its first argument.

    ``root`` is the checkout whose files are judged, ``referee`` the checkout that judges (the
    current folder: in a pull request the base branch, otherwise the same as ``root``), ``work``
    the folder for what a run leaves behind.
    """

    root: Path
    referee: Path
    work: Path
    out: Output
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def private(self) -> Path:
        """Holds plans with values; mode 0700, never uploaded."""
        return private_folder(self.work)

    @property
    def public(self) -> Path:
        """Holds the redacted files that are uploaded as artifacts."""
        private_folder(self.work)  # makes the work folder, which ignores itself
        folder = self.work / "public"
        folder.mkdir(exist_ok=True, mode=0o755)
        return folder


def split_common(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take ``--root --work --json --github`` out of an argument list, wherever they stand.

    Returns what was found and the remaining arguments; everything after ``--`` is left alone.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return found, [*rest, word, *queue]
        if name in ("--root", "--work"):
            if not equals:
                if not queue:
                    raise failure("usage", f"{name} needs a path.", remedy=f"Write {name} PATH.")
                value = queue.pop(0)
            found[name[2:]] = value
        elif word in ("--json", "--github", "--no-github"):
            found[word[2:]] = "true"
        else:
            rest.append(word)
    return found, rest


def here_from(found: Mapping[str, str], cwd: Path, environ: Mapping[str, str]) -> Here:
    """Build the context from the common options; raises ``usage`` when ``--root`` is no folder."""
    root = (cwd / found.get("root", ".")).resolve()
    if not root.is_dir():
        raise failure(
            "usage", f"--root {found['root']} is no folder.", remedy="Name the top of a checkout."
        )
    on_github = environ.get("GITHUB_ACTIONS") == "true" or "github" in found
    out = Output.for_process(
        as_json="json" in found, github=on_github and "no-github" not in found, environ=environ
    )
    work = (cwd / found.get("work", ".pipeline")).resolve()
    return Here(root=root, referee=cwd.resolve(), work=work, out=out, environ=environ)
