"""Zip what the step names into the run's artifact folder.

Source: the README of actions/upload-artifact v4: least common ancestor of the search paths as the
root, hidden files left out, a name used once only.
"""

import glob
import hashlib
import os
import sys
import zipfile
from pathlib import Path

sys.dont_write_bytecode = True


def chosen(patterns: list[str], hidden: bool) -> tuple[Path, list[Path]]:
    """The root of the archive, and every file the patterns name."""
    files: set[Path] = set()
    roots: list[Path] = []
    for pattern in patterns:
        if pattern.startswith("!"):
            taken = {Path(hit).resolve() for hit in matches(pattern[1:], hidden)}
            files = {f for f in files if f not in taken and not taken & set(f.parents)}
            continue
        for hit in matches(pattern, hidden):
            path = Path(hit).resolve()
            roots.append(path if path.is_dir() else path.parent)
            found = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
            base = path if path.is_dir() else path.parent
            files |= {f for f in found if hidden or not is_hidden(f, base)}
    if not roots:
        return Path.cwd(), []
    return Path(os.path.commonpath(roots)), sorted(files)


def matches(pattern: str, hidden: bool) -> list[str]:
    return glob.glob(pattern, recursive=True, include_hidden=hidden)  # noqa: PTH207  (absolute too)


def is_hidden(file: Path, base: Path) -> bool:
    asked = Path(os.path.relpath(base, Path.cwd())).parts
    parts = (*asked, *file.relative_to(base).parts)
    return any(part.startswith(".") and part not in (".", "..") for part in parts)


def refused(what: str, text: str, forbidden: str) -> str:
    """Why a name or path is not taken (actions/toolkit, path-and-artifact-name-validation.ts)."""
    for sign in forbidden:
        if sign in text:
            return f"The {what} is not valid: {text}. Contains the character {sign!r}."
    return "" if text else f"The {what} is empty."


def main() -> int:
    name = os.environ["INPUT_NAME"]
    if reason := refused("artifact name", name, '":<>|*?\r\n\\/'):
        print(f"::error::{reason}")
        return 1
    patterns = [line.strip() for line in os.environ["INPUT_PATH"].splitlines() if line.strip()]
    hidden = os.environ["INPUT_INCLUDE_HIDDEN_FILES"] == "true"
    os.chdir(os.environ["GITHUB_WORKSPACE"])
    root, files = chosen(patterns, hidden)
    if not files:
        level = os.environ["INPUT_IF_NO_FILES_FOUND"]
        text = f"No files were found with the provided path: {' '.join(patterns)}."
        if level != "ignore":
            print(f"::{'error' if level == 'error' else 'warning'}::{text}")
        return int(level == "error")
    for file in files:
        if reason := refused("path", str(file.relative_to(root)), '":<>|*?\r\n'):
            print(f"::error::{reason}")
            return 1
    folder = Path(os.environ["SANDBOX_ARTIFACTS"], os.environ["GITHUB_RUN_ATTEMPT"])
    target = folder / f"{name}.zip"
    if target.exists() and os.environ["INPUT_OVERWRITE"] != "true":
        print(f"::error::an artifact with the name {name} already exists on the workflow run")
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    effort = int(os.environ["INPUT_COMPRESSION_LEVEL"])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=effort) as archive:
        for file in files:
            archive.write(file, file.relative_to(root))
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    number = int(hashlib.sha256(str(target).encode()).hexdigest()[:12], 16)
    page = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}/actions/runs/"
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"artifact-id={number}\nartifact-digest={digest}\n")
        output.write(f"artifact-url={page}{os.environ['GITHUB_RUN_ID']}/artifacts/{number}\n")
    size = target.stat().st_size
    print(f"Artifact {name} has been successfully uploaded: {len(files)} files, {size} bytes")
    return 0


sys.exit(main())
